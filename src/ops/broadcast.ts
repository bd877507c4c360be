// Elementwise kernels over operands of different shapes: how their elements pair up.
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";
import type { Operand, Tensor } from "../tensor/tensor.js";
import type { Kernels } from "../wasm/generated/kernels.js";
import { kernels } from "../wasm/backend.js";
import { i32, view } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";

/** @internal Elements in kernel memory, row-major: where they begin, and their shape. */
export interface NdArray {
  readonly ptr: Ptr;
  readonly shape: Shape;
  readonly size: number;
}

/** @internal What an elementwise kernel reads: an array, or a number in place of all of its elements. */
export type Source = NdArray | number;

const SCALAR: Shape = [];

/** @internal */
export function shapeOf(x: { readonly shape: Shape } | number): Shape {
  return typeof x === "number" ? SCALAR : x.shape;
}

/** @internal A tensor's elements, or a ScopeError; a number as it is. */
export function sourceOf(op: string, x: Tensor<DType>): NdArray;
export function sourceOf(op: string, x: Operand<DType>): Source;
export function sourceOf(op: string, x: Operand<DType>): Source {
  return typeof x === "number" ? x : { ptr: x.address(op), shape: x.shape, size: x.size };
}

/** @internal Kernels of two operands that follow a plan. */
export type BinaryKernel = {
  [Name in keyof Kernels]: Name extends `${string}Broadcast`
    ? Kernels[Name] extends (out: Ptr, a: Ptr, b: Ptr, plan: Ptr) => void
      ? Name
      : never
    : never;
}[keyof Kernels];

/** The kernels' limit; what collapses to more axes than this is refused. */
const MOST_AXES = 8;
/** Rank, sizes, and strides for up to three operands; behind them, numbers given as operands. */
const NUMBERS_AT = 1 + 4 * MOST_AXES;
const WORKSPACE_WORDS = NUMBERS_AT + 3;

// Reused by every plan, innermost axis first.
const sizes = /* @__PURE__ */ new Int32Array(MOST_AXES);
const repeats = /* @__PURE__ */ new Int32Array(MOST_AXES);

/** @internal Runs a kernel of two operands that broadcast to `shape`; `dtype` is that of the operands. */
export function combine(
  kernel: BinaryKernel,
  out: Ptr,
  shape: Shape,
  a: Source,
  b: Source,
  dtype: DType = "float32",
): void {
  withPlan(shape, [a, b], dtype, (plan, [pa, pb]) => kernels()[kernel](out, pa!, pb!, plan));
}

/** @internal out = condition ? a : b, all of which broadcast to `shape`; `dtype` is that of a and b. */
export function select(
  out: Ptr,
  shape: Shape,
  condition: NdArray,
  a: Source,
  b: Source,
  dtype: DType = "float32",
): void {
  withPlan(shape, [condition, a, b], dtype, (plan, [mask, pa, pb]) =>
    kernels().whereBroadcast(out, mask!, pa!, pb!, plan),
  );
}

/**
 * Merges axes along which every operand runs on or every operand stands still, writes what is left as the kernels
 * read it, {rank, sizes, strides of each operand}, and hands it to `run` with the operands' addresses; does nothing
 * for no elements.
 */
function withPlan(
  shape: Shape,
  operands: readonly Source[],
  dtype: DType,
  run: (plan: Ptr, addresses: readonly Ptr[]) => void,
): void {
  const rank = collapse(shape, operands);
  if (rank === 0) return;
  withScratch(bytesOf(WORKSPACE_WORDS), (plan) => {
    writePlan(plan, rank, operands.length);
    const addresses = operands.map((x, i) => {
      if (typeof x !== "number") return x.ptr;
      const number = at(plan, NUMBERS_AT + i);
      view(dtype, number, 1)[0] = x;
      return number;
    });
    run(plan, addresses);
  });
}

function writePlan(plan: Ptr, rank: number, operands: number): void {
  const words = i32(plan, 1 + rank * (1 + operands));
  words[0] = rank;
  for (let axis = 0; axis < rank; axis++) words[rank - axis] = sizes[axis]!;
  for (let which = 0; which < operands; which++) {
    let stride = 1;
    for (let axis = 0; axis < rank; axis++) {
      const still = (repeats[axis]! >> which) & 1;
      words[rank * (which + 2) - axis] = still ? 0 : stride;
      if (!still) stride *= sizes[axis]!;
    }
  }
}

/** Fills `sizes` and `repeats` (a bit for each operand that stands still) and gives the rank, 0 for no elements. */
function collapse(shape: Shape, operands: readonly Source[]): number {
  let rank = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 0) return 0;
    if (size === 1) continue;
    let still = 0;
    for (let which = 0; which < operands.length; which++) {
      const own = shapeOf(operands[which]!);
      const ownAxis = own.length - shape.length + axis;
      if (ownAxis < 0 || own[ownAxis] === 1) still |= 1 << which;
    }
    if (rank > 0 && repeats[rank - 1] === still) sizes[rank - 1]! *= size;
    else {
      if (rank === MOST_AXES) throw tooManyAxes(shape);
      sizes[rank] = size;
      repeats[rank++] = still;
    }
  }
  if (rank === 0) {
    sizes[0] = 1;
    repeats[0] = 0;
    rank = 1;
  }
  return rank;
}

function tooManyAxes(shape: Shape): ShapeError {
  return new ShapeError({
    op: "broadcast",
    expected: `at most ${MOST_AXES} axes after merging`,
    got: `operands that alternate over the axes of ${formatShape(shape)}`,
    cure: "Use expand() on one of them first.",
  });
}
