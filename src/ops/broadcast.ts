// Elementwise kernels over operands of different shapes: how their elements pair up.
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";
import type { Operand, Tensor } from "../tensor/tensor.js";
import type { Kernels } from "../wasm/generated/kernels.js";
import { buffer, heap, kernels } from "../wasm/backend.js";
import { f32, i32 } from "../wasm/memory.js";
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

/** Where plans stand: in a block of their own that is kept, since a kernel has read its plan when it returns. */
let plan: Ptr = 0;
/** The block as words and as numbers: kept, since views cost more than small operations, and made anew when the memory has grown. */
let words = /* @__PURE__ */ new Int32Array();
let numbers = /* @__PURE__ */ new Float32Array();

/** @internal Runs a kernel of two operands that broadcast to `shape`; `dtype` is that of the operands. */
export function combine(
  kernel: BinaryKernel,
  out: Ptr,
  shape: Shape,
  a: Source,
  b: Source,
  dtype: DType = "float32",
): void {
  if (!writePlan(shape, 2, a, b, b)) return;
  kernels()[kernel](out, addressOf(a, 0, dtype), addressOf(b, 1, dtype), plan);
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
  if (!writePlan(shape, 3, condition, a, b)) return;
  const [pa, pb] = [addressOf(a, 1, dtype), addressOf(b, 2, dtype)];
  kernels().whereBroadcast(out, condition.ptr, pa, pb, plan);
}

/**
 * Merges axes along which each operand advances, or repeats, as along the axis before; writes the rest as the kernels
 * read it: {rank, sizes, strides of each operand}. False for no elements: there is nothing to do.
 *
 * @param operands how many of a, b and c there are: without arrays of them, nothing is allocated
 */
function writePlan(shape: Shape, operands: 2 | 3, a: Source, b: Source, c: Source): boolean {
  const rank = collapse(shape, a, b, c);
  if (rank === 0) return false;
  if (plan === 0) plan = heap().allocate(bytesOf(WORKSPACE_WORDS));
  if (words.buffer !== buffer()) {
    words = i32(plan, WORKSPACE_WORDS);
    numbers = f32(plan, WORKSPACE_WORDS);
  }
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
  return true;
}

/** Where an operand's elements are: a number is written behind the plan. */
function addressOf(x: Source, which: number, dtype: DType): Ptr {
  if (typeof x !== "number") return x.ptr;
  (dtype === "float32" ? numbers : words)[NUMBERS_AT + which] = x;
  return at(plan, NUMBERS_AT + which);
}

/** Fills `sizes` and `repeats` (a bit for each operand that repeats) and gives the rank, 0 for no elements. */
function collapse(shape: Shape, a: Source, b: Source, c: Source): number {
  let rank = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 0) return 0;
    if (size === 1) continue;
    const fromEnd = shape.length - axis;
    const still =
      repeatsAt(a, fromEnd) | (repeatsAt(b, fromEnd) << 1) | (repeatsAt(c, fromEnd) << 2);
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

/** 1 where an operand has one element for all of an axis, which is counted from the end. */
function repeatsAt(x: Source, fromEnd: number): number {
  if (typeof x === "number") return 1;
  const axis = x.shape.length - fromEnd;
  return axis < 0 || x.shape[axis] === 1 ? 1 : 0;
}

function tooManyAxes(shape: Shape): ShapeError {
  return new ShapeError({
    op: "broadcast",
    expected: `at most ${MOST_AXES} axes after merging`,
    got: `operands that alternate over the axes of ${formatShape(shape)}`,
    cure: "Use expand() on one of them first.",
  });
}
