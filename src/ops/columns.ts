// A convolution as products: the windows of some positions laid out as columns (im2col), a block at a time.
import { kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { fillZero, i32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { withWorkspace, type Images } from "./image-workspace.js";
import { pack, packedBytes, product, transposedProduct } from "./products.js";

/** For each image and group, `y[outputs, positions] = weight[outputs, depth] · columns[depth, positions]`. */
export interface Convolution extends Images {
  readonly batch: number;
  /** Channels of one group. */
  readonly outputs: number;
  /** Elements of a window over the channels of a group. */
  readonly depth: number;
  /** Places of the window. */
  readonly positions: number;
}

/** Columns at a time: they stay in the second-level cache from their making to their use. */
const BLOCK_ELEMENTS = 64 * 1024;
/** Blocks are of whole panels, in either build. */
const WHOLE = 16;

/** y of all images, with a bias for each output channel where it is not 0. Overwrites. */
export function convolve(
  y: Ptr,
  { x, weight, bias }: { x: Ptr; weight: Ptr; bias: Ptr },
  convolution: Convolution,
): void {
  const { batch, groups, outputs, depth, positions } = convolution;
  const block = blockOf(convolution);
  withWorkspace(convolution, [packedBytes(depth, block)], (space) => {
    const [columns] = space.parts as [Ptr];
    for (let image = 0; image < batch; image++) {
      const from = space.pad(x, image);
      const to = at(y, image * groups * outputs * positions);
      if (bias !== 0) kernels().expandAxis(to, bias, groups * outputs, positions, 1, 1);
      for (let group = 0; group < groups; group++) {
        const rows = at(weight, group * outputs * depth);
        for (let start = 0; start < positions; start += block) {
          const count = Math.min(block, positions - start);
          const part = at(to, group * outputs * positions + start);
          extraKernels().unfoldPacked(
            columns,
            space.group(from, group),
            space.geometry,
            start,
            count,
          );
          const sizes = { m: outputs, n: count, k: depth, cStride: positions };
          product(part, rows, columns, sizes, bias !== 0);
        }
      }
    }
  });
}

/** dx: the columns' gradient, weightᵀ · dy, added where the windows had taken them. Overwrites. */
export function gradientOfImages(
  dx: Ptr,
  { dy, weight }: { dy: Ptr; weight: Ptr },
  convolution: Convolution,
): void {
  const { batch, groups, outputs, depth, positions } = convolution;
  const block = blockOf(convolution);
  withWorkspace(convolution, [bytesOf(depth * block), packedBytes(outputs, block)], (space) => {
    const [columns, packed] = space.parts as [Ptr, Ptr];
    for (let image = 0; image < batch; image++) {
      const to = space.zeroed(dx, image);
      const from = at(dy, image * groups * outputs * positions);
      for (let group = 0; group < groups; group++) {
        const rows = at(weight, group * outputs * depth);
        for (let start = 0; start < positions; start += block) {
          const count = Math.min(block, positions - start);
          const part = at(from, group * outputs * positions + start);
          pack("packB", packed, part, outputs, count, positions);
          transposedProduct(columns, rows, packed, { m: depth, n: count, k: outputs });
          extraKernels().foldAcc(space.group(to, group), columns, space.geometry, start, count);
        }
      }
      space.crop(dx, image);
    }
  });
}

/** dWeight = Σ dy · columnsᵀ over the images. Overwrites or adds. */
export function gradientOfKernels(
  dWeight: Ptr,
  { dy, x }: { dy: Ptr; x: Ptr },
  convolution: Convolution,
  accumulates: boolean,
): void {
  const { batch, groups, outputs, depth, positions } = convolution;
  const block = blockOf(convolution);
  const size = bytesOf(groups * outputs * depth);
  withWorkspace(
    convolution,
    [bytesOf(depth * block), packedBytes(block, outputs), size],
    (space) => {
      // Summed as [depth, outputs]: so the columns are multiplied as they are, only dy has to be packed.
      const [columns, packed, sums] = space.parts as [Ptr, Ptr, Ptr];
      fillZero(sums, size);
      for (let image = 0; image < batch; image++) {
        const from = space.pad(x, image);
        const gradient = at(dy, image * groups * outputs * positions);
        for (let group = 0; group < groups; group++) {
          const to = at(sums, group * outputs * depth);
          for (let start = 0; start < positions; start += block) {
            const count = Math.min(block, positions - start);
            const part = at(gradient, group * outputs * positions + start);
            extraKernels().unfold(columns, space.group(from, group), space.geometry, start, count);
            pack("packBT", packed, part, count, outputs, positions);
            product(to, columns, packed, { m: depth, n: outputs, k: count }, true);
          }
        }
      }
      i32(space.plan, 7).set([3, groups, depth, outputs, depth * outputs, 1, depth]);
      const add = accumulates ? trainingKernels().scatterStridedAcc : kernels().scatterStrided;
      add(dWeight, sums, space.plan);
    },
  );
}

function blockOf({ depth, positions }: Convolution): number {
  const fits = Math.floor(BLOCK_ELEMENTS / depth / WHOLE) * WHOLE;
  return Math.min(Math.max(fits, WHOLE), positions);
}
