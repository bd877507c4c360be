import { defineOp } from "../autograd/op.js";
import { ShapeError } from "../core/errors.js";
import { broadcastShapes, formatShape, sameShape, sizeOf, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { fillZero } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";
import { pack, packedBytes, product, transposedProduct } from "./products.js";

/** Products of matrices `[m, k] · [k, n]`: which matrix of a meets which of b. */
interface Products {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly count: number;
  /** Whether b holds `[n, k]`. */
  readonly transposed: boolean;
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

export interface MatmulOptions {
  /** Multiply by the matrices of b transposed, without a copy: b is `[…, n, k]`. Default false. */
  transposeB?: boolean | undefined;
}

/**
 * Matrix product by PyTorch's rules: `[m, k] · [k, n] → [m, n]`; axes before the last two broadcast; a
 * vector on the left is a row, on the right a column, and its axis is missing in the result.
 *
 * @throws ShapeError when the inner sizes differ, the leading axes do not broadcast, an operand is a
 *   scalar, or a vector is to be transposed; DTypeError for int32
 * @example
 * ```ts
 * matmul(tensor([[1, 2]]), tensor([[3], [4]])).toArray(); // [[11]]
 * matmul(ones([5, 2, 3]), ones([3, 4])).shape; // [5, 2, 4]
 * ```
 */
export const matmul = /* @__PURE__ */ defineOp({
  name: NAME,
  signature: "a:tensor b:tensor {transposeB:boolean}",
  forward(a: Tensor, b: Tensor, { transposeB = false }: MatmulOptions = {}) {
    requireFloat(NAME, a, b);
    const { shape, products } = plan(a.shape, b.shape, transposeB);
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

function plan(a: Shape, b: Shape, transposed: boolean): { shape: Shape; products: Products } {
  const row = a.length === 1;
  const column = b.length === 1;
  const m = row ? 1 : a.at(-2)!;
  const k = a.at(-1)!;
  const n = column ? 1 : b.at(transposed ? -2 : -1)!;
  const scalar = a.length === 0 || b.length === 0;
  if (scalar || (transposed && column) || k !== b.at(column || transposed ? -1 : -2))
    throw new ShapeError({
      op: NAME,
      expected: `[..., m, k] and ${transposed ? "[..., n, k], transposed" : "[..., k, n]"}`,
      got: `${formatShape(a)} and ${formatShape(b)}`,
      cure: scalar
        ? "A scalar is no matrix: multiply with mul()."
        : `The last axis of the first must be as long as the last ${transposed ? "" : "but one "}of the second.`,
    });
  const leadingA = a.slice(0, -2);
  const leadingB = b.slice(0, -2);
  const leading = broadcastShapes(NAME, leadingA, leadingB);
  const shape = [...leading, ...(row ? [] : [m]), ...(column ? [] : [n])];
  const count = sizeOf(leading);
  // One matrix for all on the right: the rows of all on the left are one tall matrix.
  const tall = sizeOf(leadingB) === 1 && sizeOf(leadingA) === count;
  const products = tall
    ? { m: m * count, count: 1, ofA: undefined, ofB: undefined }
    : { m, count, ofA: matrixNumbers(leadingA, leading), ofB: matrixNumbers(leadingB, leading) };
  return { shape, products: { n, k, transposed, ...products } };
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

/** y = a · b, or a · bᵀ, product by product. A matrix of b is packed once for as long as it stays. */
function multiply(
  y: Ptr,
  a: Ptr,
  b: Ptr,
  { m, n, k, count, transposed, ofA, ofB }: Products,
): void {
  withScratch(packedBytes(k, n), (packed) => {
    let held = -1;
    for (let i = 0; i < count; i++) {
      const right = ofB ? ofB[i]! : i;
      if (right !== held) packMatrix(packed, at(b, right * k * n), k, n, transposed);
      held = right;
      product(at(y, i * m * n), at(a, (ofA ? ofA[i]! : i) * m * k), packed, { m, n, k });
    }
  });
}

/** Packs a matrix `[rows, columns]`, given as it is or transposed. */
function packMatrix(to: Ptr, from: Ptr, rows: number, columns: number, transposed: boolean): void {
  if (transposed) pack("packBT", to, from, rows, columns, rows);
  else pack("packB", to, from, rows, columns, columns);
}

/** da = dy · bᵀ, or dy · b, summed where a matrix of a was used several times. */
function gradientOfA(
  da: Ptr,
  dy: Ptr,
  b: Ptr,
  size: number,
  { m, n, k, count, transposed, ofA, ofB }: Products,
  accumulates: boolean,
): void {
  if (!accumulates && ofA) fillZero(da, bytesOf(size));
  const sizes = { m, n: k, k: n };
  withScratch(packedBytes(n, k), (packed) => {
    let held = -1;
    for (let i = 0; i < count; i++) {
      const right = ofB ? ofB[i]! : i;
      if (right !== held) packMatrix(packed, at(b, right * k * n), n, k, !transposed);
      held = right;
      const to = at(da, (ofA ? ofA[i]! : i) * m * k);
      product(to, at(dy, i * m * n), packed, sizes, accumulates || ofA !== undefined);
    }
  });
}

/** db = aᵀ · dy, or dyᵀ · a, summed where a matrix of b was used several times. */
function gradientOfB(
  db: Ptr,
  dy: Ptr,
  a: Ptr,
  size: number,
  { m, n, k, count, transposed, ofA, ofB }: Products,
  accumulates: boolean,
): void {
  if (!accumulates && ofB) fillZero(db, bytesOf(size));
  const [rows, columns] = transposed ? [n, k] : [k, n];
  const sizes = { m: rows, n: columns, k: m };
  withScratch(packedBytes(m, columns), (packed) => {
    for (let i = 0; i < count; i++) {
      const ofProduct = at(dy, i * m * n);
      const ofLeft = at(a, (ofA ? ofA[i]! : i) * m * k);
      const [left, right] = transposed ? [ofProduct, ofLeft] : [ofLeft, ofProduct];
      pack("packB", packed, right, m, columns, columns);
      const to = at(db, (ofB ? ofB[i]! : i) * k * n);
      transposedProduct(to, left, packed, sizes, accumulates || ofB !== undefined);
    }
  });
}
