// Elementwise kernels over operands of different shapes: how their elements pair up.
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Kernels } from "../wasm/generated/kernels.js";
import { kernels } from "../wasm/backend.js";
import { i32, scratch, view } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";

/** @internal Where an operand lies and the shape it has. */
export interface Place {
  readonly ptr: Ptr;
  readonly shape: Shape;
  readonly size: number;
}

/** A tensor, or a number that stands for one. */
export type Operand<D extends DType = "float32"> = Tensor<D> | number;

/** @internal */
export function shapeOf(x: Operand<DType>): Shape {
  return typeof x === "number" ? SCALAR : x.shape;
}

const SCALAR: Shape = [];

/** @internal Where a tensor lies, or a ScopeError. */
export function placeOf(op: string, { storage, shape, size }: Tensor<DType>): Place {
  return { ptr: storage.address(op), shape, size };
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
const SCALARS_AT = 1 + 4 * MOST_AXES;
const WORKSPACE_WORDS = SCALARS_AT + 3;

// Reused by every plan, innermost axis first.
const sizes = /* @__PURE__ */ new Int32Array(MOST_AXES);
const repeats = /* @__PURE__ */ new Int32Array(MOST_AXES);

/** @internal Runs a kernel of two operands that broadcast to `shape`. */
export function combine(kernel: BinaryKernel, out: Ptr, shape: Shape, a: Place, b: Place): void {
  const plan = writePlan(shape, a, b);
  if (plan !== 0) kernels()[kernel](out, a.ptr, b.ptr, plan);
}

/** @internal out = condition ? a : b, all of which broadcast to `shape`. */
export function choose(out: Ptr, shape: Shape, condition: Place, a: Place, b: Place): void {
  const plan = writePlan(shape, condition, a, b);
  if (plan !== 0) kernels().whereBroadcast(out, condition.ptr, a.ptr, b.ptr, plan);
}

/**
 * @internal Where an operand lies. A number is put into scratch memory beside the plan: good for one call.
 *
 * @param slot 0 to 2, where a call has several numbers
 */
export function operandPlace(
  op: string,
  x: Operand<DType>,
  dtype: DType = "float32",
  slot = 0,
): Place {
  return typeof x === "number" ? scalarPlace(x, dtype, slot) : placeOf(op, x);
}

/** @internal */
export function scalarPlace(value: number, dtype: DType = "float32", slot = 0): Place {
  const ptr = at(scratch(bytesOf(WORKSPACE_WORDS)), SCALARS_AT + slot);
  view(dtype, ptr, 1)[0] = value;
  return { ptr, shape: SCALAR, size: 1 };
}

/**
 * Merges axes along which every operand runs on or every operand stands still, and writes what is left
 * as the kernels read it: {rank, sizes, strides of each operand}. Gives the address, 0 for no elements.
 */
function writePlan(shape: Shape, ...operands: readonly Place[]): Ptr {
  const rank = collapse(shape, operands);
  if (rank === 0) return 0;
  const plan = scratch(bytesOf(WORKSPACE_WORDS));
  const words = i32(plan, 1 + rank * (1 + operands.length));
  words[0] = rank;
  for (let axis = 0; axis < rank; axis++) words[rank - axis] = sizes[axis]!;
  for (let which = 0; which < operands.length; which++) {
    let stride = 1;
    for (let axis = 0; axis < rank; axis++) {
      const still = (repeats[axis]! >> which) & 1;
      words[rank * (which + 2) - axis] = still ? 0 : stride;
      if (!still) stride *= sizes[axis]!;
    }
  }
  return plan;
}

/** Fills `sizes` and `repeats` (a bit for each operand that stands still) and gives the rank, 0 for no elements. */
function collapse(shape: Shape, operands: readonly Place[]): number {
  let rank = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 0) return 0;
    if (size === 1) continue;
    let still = 0;
    for (let which = 0; which < operands.length; which++) {
      const own = operands[which]!.shape;
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
