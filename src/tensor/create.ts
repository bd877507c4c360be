// Making tensors from numbers.
import { checkCall, checkCount } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { DTypeError, OptionError } from "../core/errors.js";
import { cannotTrain } from "../core/inference.js";
import { drawBlock } from "../core/random.js";
import { running } from "../core/running.js";
import { checkShape, sizeOf, type Shape } from "../core/shape.js";
import { fillZero, view } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { arrayData, type NestedArray, type NumericArray } from "./array-data.js";
import { allocateOnHeap } from "./storage.js";
import { empty, Tensor } from "./tensor.js";

export interface TensorOptions<D extends DType> {
  /** Default: the nesting of the arrays, or one axis for a typed array. */
  shape?: Shape | undefined;
  /** Default: `"int32"` for an Int32Array, else `"float32"`. */
  dtype?: D | undefined;
  /** Whether `backward()` computes its gradient. Default false; true throws a BackendError in `hiddenstate/infer`. */
  requiresGrad?: boolean | undefined;
}

export interface CreateOptions<D extends DType> {
  /** Default `"float32"`. */
  dtype?: D | undefined;
  /** Whether `backward()` computes its gradient. Default false; true throws a BackendError in `hiddenstate/infer`. */
  requiresGrad?: boolean | undefined;
}

/**
 * A tensor with a copy of the given numbers.
 *
 * @param data a number, nested arrays of equal lengths, or a typed array
 * @throws ShapeError for ragged arrays or a shape of another size; DTypeError for values that int32 cannot hold
 * @example
 * ```ts
 * const x = tensor([[1, 2, 3], [4, 5, 6]]); // float32
 * const ids = tensor(Int32Array.of(7, 8)); // int32
 * const y = tensor(new Float32Array(6), { shape: [2, 3] });
 * x.add(y).toArray(); // [[1, 2, 3], [4, 5, 6]]
 * ids.dtype; // "int32"
 * ```
 */
export function tensor<D extends DType>(
  data: NestedArray | NumericArray,
  options: TensorOptions<D> & { dtype: D },
): Tensor<D>;
export function tensor(data: Int32Array, options?: TensorOptions<"int32">): Tensor<"int32">;
export function tensor(
  data: NestedArray | Exclude<NumericArray, Int32Array>,
  options?: TensorOptions<"float32">,
): Tensor;
export function tensor(
  data: Float32Array | Int32Array,
  options?: Omit<TensorOptions<DType>, "dtype">,
): Tensor<DType>;
export function tensor(
  values: NestedArray | NumericArray,
  options: TensorOptions<DType> = {},
): Tensor<DType> {
  checkCall("tensor", arguments, "values {shape:list dtype:string requiresGrad:boolean}");
  const { shape, dtype, requiresGrad = false } = options;
  const flat = arrayData("tensor", values, { shape, dtype });
  const out = make("tensor", flat.shape, flat.dtype, requiresGrad);
  view(flat.dtype, out.storage.ptr, out.size).set(flat.data);
  return out;
}

/**
 * Zeros.
 *
 * @example
 * ```ts
 * zeros([2, 3]).shape; // [2, 3]
 * zeros([2], { dtype: "int32" }).toArray(); // [0, 0]
 * ```
 */
export function zeros<D extends DType>(
  shape: Shape,
  options: CreateOptions<D> & { dtype: D },
): Tensor<D>;
export function zeros(shape: Shape, options?: CreateOptions<"float32">): Tensor;
export function zeros(shape: Shape, options: CreateOptions<DType> = {}): Tensor<DType> {
  checkCall("zeros", arguments, "shape:list {dtype:string requiresGrad:boolean}");
  return filled("zeros", shape, 0, options);
}

/**
 * Ones.
 *
 * @example
 * ```ts
 * ones([2, 2]).toArray(); // [[1, 1], [1, 1]]
 * ```
 */
export function ones<D extends DType>(
  shape: Shape,
  options: CreateOptions<D> & { dtype: D },
): Tensor<D>;
export function ones(shape: Shape, options?: CreateOptions<"float32">): Tensor;
export function ones(shape: Shape, options: CreateOptions<DType> = {}): Tensor<DType> {
  checkCall("ones", arguments, "shape:list {dtype:string requiresGrad:boolean}");
  return filled("ones", shape, 1, options);
}

/**
 * A tensor with the same value everywhere.
 *
 * @example
 * ```ts
 * full([3], 0.5).toArray(); // [0.5, 0.5, 0.5]
 * ```
 */
export function full<D extends DType>(
  shape: Shape,
  value: number,
  options: CreateOptions<D> & { dtype: D },
): Tensor<D>;
export function full(shape: Shape, value: number, options?: CreateOptions<"float32">): Tensor;
export function full(
  shape: Shape,
  value: number,
  options: CreateOptions<DType> = {},
): Tensor<DType> {
  checkCall("full", arguments, "shape:list value:number {dtype:string requiresGrad:boolean}");
  return filled("full", shape, value, options);
}

function filled(
  op: string,
  shape: Shape,
  value: number,
  { dtype = "float32", requiresGrad = false }: CreateOptions<DType>,
): Tensor<DType> {
  const { data } = arrayData(op, value, { dtype });
  const out = make(op, shape, dtype, requiresGrad);
  view(dtype, out.storage.ptr, out.size).fill(data[0]!);
  return out;
}

/**
 * Whole steps from `start` (default 0) up to, not including, `end`: `arange(5)`, `arange(2, 10, 2)`.
 *
 * @example
 * ```ts
 * arange(4).toArray(); // [0, 1, 2, 3]
 * arange(2, 8, 3).toArray(); // [2, 5]
 * ```
 */
export function arange(end: number): Tensor<"int32">;
export function arange(start: number, end: number, step?: number): Tensor<"int32">;
export function arange(first: number, second?: number, step = 1): Tensor<"int32"> {
  checkCall("arange", arguments, "first:number second?:number step?:number");
  const [start, end] = second === undefined ? [0, first] : [first, second];
  if (![start, end, step].every(Number.isSafeInteger) || step === 0)
    throw new OptionError({
      op: "arange",
      expected: "whole numbers and a step other than 0",
      got: `start ${start}, end ${end}, step ${step}`,
    });
  const length = Math.max(0, Math.ceil((end - start) / step));
  checkShape("arange", [length]);
  const last = start + (length - 1) * step;
  if (length > 0 && (start !== (start | 0) || last !== (last | 0)))
    throw new DTypeError({
      op: "arange",
      expected: "values that int32 can hold",
      got: `${start} to ${last}`,
    });
  return tensor(Int32Array.from({ length }, (_, i) => start + i * step));
}

/** `count` numbers in equal steps from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number): Tensor {
  checkCall("linspace", arguments, "start:number end:number count:number");
  checkCount("linspace", "the count of numbers", count, 0);
  const step = (end - start) / (count - 1);
  // From the nearer end, as PyTorch: the last is `end` itself.
  return tensor(
    Float32Array.from({ length: count }, (_, i) =>
      2 * i < count ? (i === 0 ? start : start + i * step) : end - (count - 1 - i) * step,
    ),
  );
}

/** The identity matrix, or its first columns. */
export function eye<D extends DType>(
  rows: number,
  columns: number | undefined,
  options: CreateOptions<D> & { dtype: D },
): Tensor<D>;
export function eye(rows: number, columns?: number, options?: CreateOptions<"float32">): Tensor;
export function eye(
  rows: number,
  columns = rows,
  options: CreateOptions<DType> = {},
): Tensor<DType> {
  checkCall("eye", arguments, "rows:number columns?:number {dtype:string requiresGrad:boolean}");
  const out = zeros([rows, columns], options as CreateOptions<"float32">) as Tensor<DType>;
  const values = view(out.dtype, out.storage.ptr, out.size);
  for (let i = 0; i < rows && i < columns; i++) values[i * (columns + 1)] = 1;
  return out;
}

/**
 * Uniform numbers in [0, 1) from the library's generator (`manualSeed`).
 *
 * @example
 * ```ts
 * const x = rand([4, 2]); // each from 0 to 1, without 1
 * x.shape; // [4, 2]
 * ```
 */
export function rand(shape: Shape, options: Omit<CreateOptions<"float32">, "dtype"> = {}): Tensor {
  checkCall("rand", arguments, "shape:list {requiresGrad:boolean}");
  return uniform(shape, 0, 1, options);
}

/**
 * Standard normal numbers from the library's generator (`manualSeed`).
 *
 * @example
 * ```ts
 * const x = randn([4, 2]); // mean 0, standard deviation 1
 * x.shape; // [4, 2]
 * ```
 */
export function randn(shape: Shape, options: Omit<CreateOptions<"float32">, "dtype"> = {}): Tensor {
  checkCall("randn", arguments, "shape:list {requiresGrad:boolean}");
  const { requiresGrad = false } = options;
  if (!TRAINING) throw cannotTrain("randn");
  const out = make("randn", shape, "float32", requiresGrad);
  const { seedLo, seedHi, counterLo, counterHi } = drawBlock(out.size);
  trainingKernels().normalFill(out.storage.ptr, out.size, seedLo, seedHi, counterLo, counterHi);
  return out;
}

/** @internal Uniform numbers in [low, high). */
export function uniform(
  shape: Shape,
  low: number,
  high: number,
  { requiresGrad = false }: { requiresGrad?: boolean | undefined } = {},
): Tensor {
  if (!TRAINING) throw cannotTrain("rand");
  const out = make("rand", shape, "float32", requiresGrad);
  const { seedLo, seedHi, counterLo, counterHi } = drawBlock(out.size);
  trainingKernels().uniformFill(
    out.storage.ptr,
    out.size,
    low,
    high,
    seedLo,
    seedHi,
    counterLo,
    counterHi,
  );
  return out;
}

/** @internal Zeros on the heap, whatever scope is open. */
export function zerosOnHeap(shape: Shape): Tensor {
  const size = sizeOf(shape);
  const storage = allocateOnHeap(bytesOf(size));
  fillZero(storage.ptr, storage.bytes);
  return new Tensor(storage, shape, "float32", size);
}

function make<D extends DType>(
  op: string,
  shape: Shape,
  dtype: D,
  requiresGrad: boolean,
): Tensor<D> {
  checkShape(op, shape);
  running.op = op;
  const out = empty([...shape], dtype);
  if (requiresGrad) out.requiresGrad = true;
  return out;
}
