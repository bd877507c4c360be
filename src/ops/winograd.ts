// A convolution by 3 × 3 kernels in tiles of 2 × 2 outputs: Winograd's F(2 × 2, 3 × 3), 16 products where the kernels of
// assembly/ops/winograd.ts give each element a matrix of its own.
import { extraKernels } from "../wasm/extra.js";
import { fillZero, i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { at, bytesOf, offset, type Ptr } from "../wasm/ptr.js";
import type { Convolution } from "./columns.js";
import { pack, packedBytes, product, transposedProduct } from "./products.js";
import type { Pair } from "./window.js";

const KERNEL = 3;
const MATRICES = 16;
/** Elements of what the products read and write at a time: they stay in the second-level cache. */
const BLOCK_ELEMENTS = 96 * 1024;
/** Blocks are of whole register tiles, in either build. */
const WHOLE = 12;
/** Channels from which on fewer products save more than the transforms take. */
const LEAST_CHANNELS = 8;
/** Outputs down and across from which on few of the tiles reach beyond them. */
const LEAST_OUT = 4;

/**
 * Whether a convolution is computed in tiles. It depends on nothing but a picture's and the kernels' shape: so an image has
 * the same bits in every batch, and in an inference build.
 */
export function isInTiles({ window, groups, inputs, outputs }: Convolution): boolean {
  const { kernel, stride, dilation, out } = window;
  return (
    groups === 1 &&
    Math.min(inputs, outputs) >= LEAST_CHANNELS &&
    kernel.every((size) => size === KERNEL) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    out.every((size) => size >= LEAST_OUT)
  );
}

/** One convolution of `images` images, whose tiles are computed some at a time. */
interface Tiling {
  readonly images: number;
  /** Channels that are read and written. */
  readonly from: number;
  readonly to: number;
  /** Of an image and of its output. */
  readonly size: Pair;
  readonly out: Pair;
  /** Zeros before an image's first row and column. */
  readonly before: Pair;
}

/** y of all images, with a bias for each output channel where it is not 0. Overwrites. */
export function convolveTiles(
  y: Ptr,
  { x, weight, bias }: { x: Ptr; weight: Ptr; bias: Ptr },
  { batch, inputs, outputs, window: { size, out, before } }: Convolution,
): void {
  const tiling = { images: batch, from: inputs, to: outputs, size, out, before };
  transform(y, x, bias, tiling, (packed, part) =>
    withKernels(weight, outputs, inputs, (kernels, apart) => {
      for (let i = 0; i < MATRICES; i++)
        pack("packBT", at(packed, i * part), at(kernels, i * apart), inputs, outputs, lanes(inputs));
    }),
  );
}

/** dx: the convolution of dy by the kernels turned by 180°. Overwrites. */
export function tiledGradientOfImages(
  dx: Ptr,
  { dy, weight }: { dy: Ptr; weight: Ptr },
  { batch, inputs, outputs, window }: Convolution,
): void {
  const before = [KERNEL - 1 - window.before[0], KERNEL - 1 - window.before[1]] as const;
  const size = { size: window.out, out: window.size, before };
  transform(dx, dy, 0, { images: batch, from: outputs, to: inputs, ...size }, (packed, part) =>
    withKernels(weight, outputs, inputs, (kernels, apart) => {
      // A turned kernel's transform has rows and columns 0 and 3 exchanged.
      const turned = (i: number) => (i === 0 || i === 3 ? 3 - i : i);
      for (let i = 0; i < MATRICES; i++) {
        const from = at(kernels, (4 * turned(i >> 2) + turned(i & 3)) * apart);
        pack("packB", at(packed, i * part), from, outputs, inputs, lanes(inputs));
      }
    }),
  );
}

/** dWeight: the sums over images and tiles of what the products' elements were multiplied with. Overwrites or adds. */
export function tiledGradientOfKernels(
  dWeight: Ptr,
  { dy, x }: { dy: Ptr; x: Ptr },
  { batch, inputs, outputs, window: { size, out, before } }: Convolution,
  accumulates: boolean,
): void {
  const tiling = { images: batch, from: inputs, to: outputs, size, out, before };
  const block = blockOf(tiling);
  const [tiles, gradients, sums] = [
    partOf(bytesOf(block * lanes(inputs))),
    partOf(packedBytes(block, outputs)),
    partOf(bytesOf(inputs * outputs)),
  ];
  withParts(tiling, [tiles, gradients, sums], (geometry, [v, packed, u]) => {
    fillZero(u, bytesOf(MATRICES * sums));
    eachBlock(tiling, block, (image, start, count) => {
      const [from, gradient] = [
        at(x, image * inputs * area(size)),
        at(dy, image * outputs * area(out)),
      ];
      extraKernels().winogradTiles(v, from, geometry, inputs, start, count, tiles);
      extraKernels().winogradOutputGradient(packed, gradient, geometry, outputs, start, count, gradients);
      const sizes = { m: inputs, n: outputs, k: count, aStride: lanes(inputs) };
      for (let i = 0; i < MATRICES; i++)
        transposedProduct(at(u, i * sums), at(v, i * tiles), at(packed, i * gradients), sizes, true);
    });
    if (!accumulates) fillZero(dWeight, bytesOf(inputs * outputs * KERNEL * KERNEL));
    extraKernels().winogradKernelGradientAcc(dWeight, u, outputs, inputs, sums);
  });
}

/** Writes images from images. `packKernels` packs [from, to] of each of the matrices, `part` elements apart. */
function transform(
  to: Ptr,
  from: Ptr,
  bias: Ptr,
  tiling: Tiling,
  packKernels: (packed: Ptr, part: number) => void,
): void {
  const block = blockOf(tiling);
  const parts = [
    partOf(bytesOf(block * lanes(tiling.from))),
    partOf(packedBytes(tiling.from, tiling.to)),
    partOf(bytesOf(block * lanes(tiling.to))),
  ] as const;
  const [tiles, kernels, products] = parts;
  withParts(tiling, parts, (geometry, [v, packed, m]) => {
    packKernels(packed, kernels);
    eachBlock(tiling, block, (image, start, count) => {
      const image0 = at(from, image * tiling.from * area(tiling.size));
      extraKernels().winogradTiles(v, image0, geometry, tiling.from, start, count, tiles);
      const sizes = {
        ...{ m: count, n: tiling.to, k: tiling.from },
        ...{ aStride: lanes(tiling.from), cStride: lanes(tiling.to) },
      };
      for (let i = 0; i < MATRICES; i++)
        product(at(m, i * products), at(v, i * tiles), at(packed, i * kernels), sizes);
      const output = at(to, image * tiling.to * area(tiling.out));
      extraKernels().winogradOutput(output, m, bias, geometry, tiling.to, start, count, products);
    });
  });
}

/** Lends the transformed kernels, a matrix [outputs, inputs] each, `apart` elements from one to the next. */
function withKernels(
  weight: Ptr,
  outputs: number,
  inputs: number,
  run: (kernels: Ptr, apart: number) => void,
): void {
  const part = partOf(bytesOf(outputs * lanes(inputs)));
  withScratch(bytesOf(MATRICES * part), (kernels) => {
    extraKernels().winogradKernels(kernels, weight, outputs, inputs, part);
    run(kernels, part);
  });
}

function eachBlock(
  { images, out }: Tiling,
  block: number,
  run: (image: number, start: number, count: number) => void,
): void {
  const tiles = tilesOf(out);
  for (let image = 0; image < images; image++)
    for (let start = 0; start < tiles; start += block)
      run(image, start, Math.min(block, tiles - start));
}

/** Lends 16 matrices of each of some sizes, and the geometry as the kernels read it. */
function withParts(
  { size, before, out }: Tiling,
  parts: readonly number[],
  run: (geometry: Ptr, matrices: [Ptr, Ptr, Ptr]) => void,
): void {
  const words = [...size, ...before, ...out, (out[1] + 1) >> 1];
  const table = 64;
  const all = parts.reduce((sum, part) => sum + part, 0);
  // Kernels may read 64 bytes beyond.
  withScratch(table + bytesOf(MATRICES * all) + 64, (space) => {
    i32(space, words.length).set(words);
    let end = offset(space, table);
    const matrices = parts.map((part) => {
      const start = end;
      end = at(end, MATRICES * part);
      return start;
    });
    run(space, matrices as [Ptr, Ptr, Ptr]);
  });
}

/** Elements from one of the matrices to the next: whole cache lines, and never a power of two, whose matrices would meet in one set of a cache. */
function partOf(bytes: number): number {
  return ((bytes + 63) & -64) / 4 + 16;
}

/** Tiles at a time, the same number in each block but the last. */
function blockOf({ from, to, out }: Tiling): number {
  const most = Math.max(BLOCK_ELEMENTS / MATRICES / (from + to), WHOLE);
  const tiles = tilesOf(out);
  const even = tiles / Math.ceil(tiles / most);
  return Math.min(Math.ceil(even / WHOLE) * WHOLE, tiles);
}

function tilesOf([down, across]: Pair): number {
  return ((down + 1) >> 1) * ((across + 1) >> 1);
}

function area([down, across]: Pair): number {
  return down * across;
}

/** A row of channels, in whole vectors. */
function lanes(channels: number): number {
  return (channels + 3) & -4;
}
