import { defineOp } from "../autograd/op.js";
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { broadcastShapes, formatShape, sameShape, sizeOf, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero, scratch } from "../wasm/memory.js";
import { requireFloat } from "./check.js";

/** Products of matrices `[m, k] · [k, n]`: which matrix of a meets which of b. */
interface Products {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly count: number;
  /** For each product the number of a matrix of a and of b; undefined: its own number. */
  readonly ofA: Int32Array | undefined;
  readonly ofB: Int32Array | undefined;
}

interface Saved {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly products: Products;
}

const NAME = "matmul";

/**
 * Matrix product by PyTorch's rules: `[m, k] · [k, n] → [m, n]`; axes before the last two broadcast; a
 * vector on the left is a row, on the right a column, and its axis is missing in the result.
 *
 * @throws ShapeError when the inner sizes differ, the leading axes do not broadcast or an operand is a
 *   scalar; DTypeError for int32
 */
export const matmul = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(a: Tensor, b: Tensor) {
    requireFloat(NAME, a, b);
    const { shape, products } = plan(a.shape, b.shape);
    const y = empty(shape);
    multiply(y.storage.ptr, a.address(NAME), b.address(NAME), products);
    return { inputs: [a, b], output: y, saved: { a, b, products } };
  },
  backward(pass, { a, b, products }: Saved) {
    const fromA = a.address(NAME);
    const fromB = b.address(NAME);
    pass.accumulate(0, (da, adds) => gradientOfA(da, pass.grad(), fromB, a.size, products, adds));
    pass.accumulate(1, (db, adds) => gradientOfB(db, pass.grad(), fromA, b.size, products, adds));
  },
});

function plan(a: Shape, b: Shape): { shape: Shape; products: Products } {
  const row = a.length === 1;
  const column = b.length === 1;
  const m = row ? 1 : a.at(-2)!;
  const k = a.at(-1)!;
  const n = column ? 1 : b.at(-1)!;
  if (a.length === 0 || b.length === 0 || k !== b.at(column ? -1 : -2))
    throw new ShapeError({
      op: NAME,
      expected: "[..., m, k] and [..., k, n]",
      got: `${formatShape(a)} and ${formatShape(b)}`,
      cure:
        a.length === 0 || b.length === 0
          ? "A scalar is no matrix: multiply with mul()."
          : "The last axis of the first must be as long as the last but one of the second.",
    });
  const leadingA = a.slice(0, -2);
  const leadingB = b.slice(0, -2);
  const leading = broadcastShapes(NAME, leadingA, leadingB);
  const shape = [...leading, ...(row ? [] : [m]), ...(column ? [] : [n])];
  const count = sizeOf(leading);
  // One matrix for all on the right: the rows of all on the left are one tall matrix.
  if (sizeOf(leadingB) === 1 && sizeOf(leadingA) === count)
    return { shape, products: { m: m * count, n, k, count: 1, ofA: undefined, ofB: undefined } };
  const ofA = matrixNumbers(leadingA, leading);
  const ofB = matrixNumbers(leadingB, leading);
  return { shape, products: { m, n, k, count, ofA, ofB } };
}

/** Which matrix of an operand meets each position of the broadcast leading axes; undefined: one for one. */
function matrixNumbers(own: Shape, leading: Shape): Int32Array | undefined {
  if (sameShape(own, leading)) return undefined;
  let numbers = Int32Array.of(0);
  let stride = sizeOf(own);
  leading.forEach((size, axis) => {
    const size0 = own[own.length - leading.length + axis] ?? 1;
    stride /= size0 || 1;
    const step = size0 === 1 ? 0 : stride;
    numbers = Int32Array.from({ length: numbers.length * size }, (_, i) => {
      const before = Math.floor(i / size);
      return numbers[before]! + (i - before * size) * step;
    });
  });
  return numbers;
}

/** y = a · b, product by product. A matrix of b is packed once for as long as it stays. */
function multiply(y: number, a: number, b: number, { m, n, k, count, ofA, ofB }: Products): void {
  const packed = scratch(kernels().packedBytes(k, n));
  let held = -1;
  for (let i = 0; i < count; i++) {
    const right = ofB ? ofB[i]! : i;
    if (right !== held) kernels().packB(packed, at(b, right, k * n), k, n, n);
    held = right;
    kernels().gemm(at(y, i, m * n), at(a, ofA ? ofA[i]! : i, m * k), packed, 0, m, n, k, k, n);
  }
}

/** da = dy · bᵀ, summed where a matrix of a was used several times. */
function gradientOfA(
  da: number,
  dy: number,
  b: number,
  size: number,
  { m, n, k, count, ofA, ofB }: Products,
  accumulates: boolean,
): void {
  if (!accumulates && ofA) fillZero(da, size * BYTES_PER_ELEMENT);
  const adds = accumulates || ofA !== undefined;
  const packed = scratch(kernels().packedBytes(n, k));
  let held = -1;
  for (let i = 0; i < count; i++) {
    const right = ofB ? ofB[i]! : i;
    if (right !== held) kernels().packBT(packed, at(b, right, k * n), n, k, n);
    held = right;
    const to = at(da, ofA ? ofA[i]! : i, m * k);
    const from = at(dy, i, m * n);
    if (adds) kernels().gemmAcc(to, from, packed, m, k, n, n, k);
    else kernels().gemm(to, from, packed, 0, m, k, n, n, k);
  }
}

/** db = aᵀ · dy, summed where a matrix of b was used several times. */
function gradientOfB(
  db: number,
  dy: number,
  a: number,
  size: number,
  { m, n, k, count, ofA, ofB }: Products,
  accumulates: boolean,
): void {
  if (!accumulates && ofB) fillZero(db, size * BYTES_PER_ELEMENT);
  const product = accumulates || ofB ? kernels().gemmTNAcc : kernels().gemmTN;
  const workspace = kernels().gemmTNScratchBytes(k);
  const transposed = scratch(workspace + kernels().packedBytes(m, n));
  const packed = transposed + workspace;
  for (let i = 0; i < count; i++) {
    kernels().packB(packed, at(dy, i, m * n), m, n, n);
    const left = at(a, ofA ? ofA[i]! : i, m * k);
    product(at(db, ofB ? ofB[i]! : i, k * n), left, packed, transposed, k, n, m, k, n);
  }
}

function at(ptr: number, index: number, size: number): number {
  return ptr + index * size * BYTES_PER_ELEMENT;
}
