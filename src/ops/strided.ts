// Kernels that read or write one side by strides: permutations and repeats.
import { running } from "../core/running.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";
import { i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";

/** Sizes, and for each axis how many elements apart its neighbours lie; 0 repeats. */
export interface StridedView {
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/** The kernels' limit. */
const MOST_AXES = 8;

/** The strides of a row-major shape. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Runs a kernel between a contiguous block and a strided one: `copyStrided` reads by strides, `scatterStrided…` write. */
export function strided(
  kernel: (to: Ptr, from: Ptr, plan: Ptr) => void,
  to: Ptr,
  from: Ptr,
  view: StridedView,
): void {
  if (view.shape.includes(0)) return;
  const { shape, strides } = merged(view);
  const rank = shape.length;
  withScratch(bytesOf(1 + 2 * rank), (plan) => {
    const words = i32(plan, 1 + 2 * rank);
    words[0] = rank;
    words.set(shape, 1);
    words.set(strides, 1 + rank);
    kernel(to, from, plan);
  });
}

/** The same elements by as few axes as there can be, at least one. */
function merged({ shape, strides }: StridedView): StridedView {
  const sizes: number[] = [];
  const steps: number[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === strides[axis]! * size) {
      sizes[last]! *= size;
      steps[last] = strides[axis]!;
    } else {
      sizes.push(size);
      steps.push(strides[axis]!);
    }
  });
  if (sizes.length > MOST_AXES)
    throw new ShapeError({
      op: running.op,
      expected: `at most ${MOST_AXES} axes that do not merge`,
      got: formatShape(shape),
      cure: "Merge axes that keep their order with reshape() first.",
    });
  return sizes.length > 0 ? { shape: sizes, strides: steps } : { shape: [1], strides: [1] };
}
