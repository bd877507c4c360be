/* eslint-disable @typescript-eslint/no-unsafe-declaration-merging -- the methods are declared apart, see below */
// For users whose TypeScript is not told of Symbol.dispose.
/// <reference lib="esnext.disposable" preserve="true" />
import type { DataOf, DType } from "../core/dtype.js";
import { checkCall } from "../core/check.js";
import { BackendError, DTypeError, GraphError, ShapeError } from "../core/errors.js";
import { cannotTrain } from "../core/inference.js";
import { formatShape, sameShape, type Shape } from "../core/shape.js";
import { INSPECT } from "../core/shown.js";
import { copyBytes, view } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { arrayData, type NestedArray, type NumericArray } from "./array-data.js";
import { formatTensor } from "./format.js";
import type { GraphNode } from "./graph-node.js";
import type { LeafGradient } from "./leaf-gradient.js";
import { currentScope } from "./scope-stack.js";
import { allocate, DISPOSED, EXPIRED, type Storage } from "./storage.js";

/** What arithmetic takes: a tensor, or a number in place of one. */
export type Operand<D extends DType = "float32"> = Tensor<D> | number;

// The operations that are methods: ops/methods.ts puts them on the prototype.
export interface Tensor<D extends DType = "float32"> {
  /**
   * Computes the gradients of every leaf this scalar depends on. See {@link backward}.
   *
   * @throws BackendError in `hiddenstate/infer`, which does not train
   */
  backward(gradient?: Tensor): void;
  /** Differentiable copy. */
  clone(): Tensor<D>;
  /** Conversion to another dtype; float32 to int32 truncates towards zero. */
  to<E extends DType>(dtype: E): Tensor<E>;
  /** The same numbers under another shape, sharing memory. One size may be -1: worked out. */
  reshape(shape: Shape): Tensor<D>;
  add(other: Operand<D>): Tensor<D>;
  sub(other: Operand<D>): Tensor<D>;
  mul(other: Operand<D>): Tensor<D>;
  div(this: Tensor, other: Operand): Tensor;
  neg(this: Tensor): Tensor;
  exp(this: Tensor): Tensor;
  matmul(this: Tensor, other: Tensor): Tensor;
  /** Sum over an axis, several, or all elements. */
  sum(axis?: number | readonly number[], keepdim?: boolean): Tensor<D>;
  /** Mean over an axis, several, or all elements. */
  mean(this: Tensor, axis?: number | readonly number[], keepdim?: boolean): Tensor;
  /** Axes in another order: `permute([1, 0])` transposes a matrix. */
  permute(axes: readonly number[]): Tensor<D>;
  /** Two axes exchanged. */
  transpose(axis0: number, axis1: number): Tensor<D>;
  /** Without its axes of size 1, or without those given that have it, sharing memory. */
  squeeze(axis?: number | readonly number[]): Tensor<D>;
  /** With a new axis of size 1 at this position, sharing memory. */
  unsqueeze(axis: number): Tensor<D>;
  /** Elements `start` to `end - 1` of an axis; both may count from the end. */
  slice(axis: number, start: number, end?: number): Tensor<D>;
  /** One position of an axis, which is dropped; negative: from the end. `x[:, t]` is `x.select(1, t)`. */
  select(axis: number, index: number): Tensor<D>;
  /** What is at each position of an axis, without the axis. Default: the first. */
  unbind(axis?: number): Tensor<D>[];
}

/**
 * Numbers in kernel memory with a shape: row-major, contiguous, never strided.
 *
 * A tensor made inside a {@link scope} lives until the scope ends; one made outside lives until
 * `dispose()` (or `using`, or garbage collection as safety net).
 *
 * `structuredClone` and `postMessage` do not copy one: send `data()` and `shape`, and make a tensor of them again.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * const loss = x.mul(x).sum();
 * loss.backward();
 * x.grad!.toArray(); // [[2, 4], [6, 8]]
 * ```
 */
export class Tensor<D extends DType = "float32"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "Tensor";
  readonly shape: Shape;
  readonly dtype: D;
  /** Number of elements. */
  readonly size: number;
  /** @internal */
  storage: Storage;
  /** @internal The operation this tensor came from, where one was recorded. */
  node: GraphNode | undefined = undefined;
  /** @internal Which of the operation's outputs it is. */
  output = 0;
  /** @internal A leaf's gradient. */
  leafGradient: LeafGradient | undefined = undefined;
  #requiresGrad: boolean;

  /** @internal Use `tensor(…)`, `zeros(…)` and the like. */
  constructor(storage: Storage, shape: Shape, dtype: D, size: number, requiresGrad = false) {
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.size = size;
    this.#requiresGrad = requiresGrad;
  }

  /**
   * Whether `backward()` computes a gradient for it. Can be set on leaves, to freeze a parameter; not in
   * `hiddenstate/infer`, where setting it throws a BackendError.
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad || this.node !== undefined;
  }

  set requiresGrad(value: boolean) {
    if (!TRAINING) throw cannotTrain("requiresGrad");
    if (this.node)
      throw new GraphError({
        op: "requiresGrad",
        expected: "a leaf",
        got: `a result of ${this.node.op}`,
        cure: "Use detach() for a copy outside the graph.",
      });
    if (value && this.dtype !== "float32")
      throw new DTypeError({
        op: "requiresGrad",
        expected: "float32 for a tensor that requires a gradient",
        got: this.dtype,
      });
    this.#requiresGrad = value;
  }

  /**
   * The gradient of a leaf, once `backward()` has made one; undefined before and after `zeroGrad()`.
   */
  get grad(): Tensor | undefined {
    const gradient = TRAINING ? this.leafGradient : undefined;
    return gradient?.filled && gradient.live ? gradient.tensor : undefined;
  }

  /**
   * Marks the gradient as empty: `grad` is undefined and the next `backward()` starts it anew.
   *
   * @throws BackendError in `hiddenstate/infer`, which does not train
   */
  zeroGrad(): void {
    if (!TRAINING) throw cannotTrain("zeroGrad");
    this.leafGradient?.clear();
  }

  /**
   * A copy of the elements in row-major order.
   *
   * @param out an array of `size` elements to fill instead of a new one
   */
  data(out?: DataOf<D>): DataOf<D> {
    checkCall("data", arguments, "out?:Float32Array|Int32Array");
    const source = view(this.dtype, this.address("data"), this.size);
    if (out === undefined) return source.slice() as DataOf<D>;
    if (out.length !== this.size)
      throw new ShapeError({
        op: "data",
        expected: `an array of ${this.size} elements`,
        got: `${out.length}`,
      });
    out.set(source);
    return out;
  }

  /** Replaces all elements, in place. The tensor must be a leaf. */
  set(values: NestedArray | NumericArray | Tensor<D>): this {
    checkCall("set", arguments, "values:tensor|list|number");
    if (TRAINING && this.node)
      throw new GraphError({
        op: "set",
        expected: "a leaf",
        got: `a result of ${this.node.op}`,
        cure: "Change a parameter or a tensor you made; a result keeps the values its gradient needs.",
      });
    const to = this.address("set");
    if (values instanceof Tensor) {
      if (values.dtype !== this.dtype)
        throw new DTypeError({ op: "set", expected: this.dtype, got: values.dtype });
      if (!sameShape(values.shape, this.shape))
        throw new ShapeError({
          op: "set",
          expected: `a tensor of shape ${formatShape(this.shape)}`,
          got: formatShape(values.shape),
        });
      copyBytes(to, values.address("set"), bytesOf(this.size));
    } else {
      const { data } = arrayData("set", values, { shape: this.shape, dtype: this.dtype });
      view(this.dtype, to, this.size).set(data);
    }
    this.storage.version++;
    return this;
  }

  /** Nested arrays of plain numbers; a number for a scalar. */
  toArray(): NestedArray {
    const data = this.data();
    let at = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.shape.length
        ? data[at++]!
        : Array.from({ length: this.shape[axis]! }, () => nest(axis + 1));
    return nest(0);
  }

  /** What `JSON.stringify` writes: the shape, the dtype, the numbers in row-major order. `tensor(data, …)` reads it. */
  toJSON(): { shape: Shape; dtype: D; data: number[] } {
    const { shape, dtype } = this;
    return { shape, dtype, data: [...this.data()] };
  }

  /** The value of a tensor of one element. */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError({
        op: "item",
        expected: "a tensor of one element",
        got: formatShape(this.shape),
        cure: "Use data() or toArray() for more.",
      });
    return view(this.dtype, this.address("item"), 1)[0]!;
  }

  /** The same numbers outside the graph, sharing memory with this tensor. */
  detach(): Tensor<D> {
    return shareStorage(this, this.shape, "detach");
  }

  /**
   * Frees its memory now, where it is on the heap and no other tensor shares it. Using it later is a
   * ScopeError. Inside a scope there is no need: the scope's end frees everything.
   */
  dispose(): void {
    this.#letGo(DISPOSED);
  }

  /** @internal Goes with the scope it belongs to. */
  expire(): void {
    this.#letGo(EXPIRED);
  }

  #letGo(held: Storage): void {
    if (this.storage === DISPOSED || this.storage === EXPIRED) return;
    if (TRAINING) this.leafGradient?.dispose();
    this.storage.release();
    this.storage = held;
  }

  /** `using x = tensor(…)` disposes of it at the end of the block. */
  declare [Symbol.dispose]: () => void;

  static {
    // Engines before explicit resource management have no such symbol.
    if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.dispose;
    Object.defineProperty(this.prototype, INSPECT, { value: this.prototype.toString });
  }

  /** As `console.log` shows it: numbers (of a large tensor the edges), shape, dtype, where it came from. */
  toString(): string {
    return formatTensor(this);
  }

  /** @internal Its address, or a ScopeError that says why there is none. */
  address(op: string): Ptr {
    return this.storage.address(op);
  }

  /**
   * @internal By this name the other build (the inference build, or the one that trains) knows
   * {@link address}: each has a memory of its own, and refuses the other's tensors.
   */
  addressElsewhere(op: string): never {
    throw new BackendError({
      op,
      expected: "a tensor of its own build",
      got: "one of hiddenstate beside hiddenstate/infer",
      cure: "They share no memory: tensor(x.data(), { shape: x.shape }) copies.",
    });
  }

  /** @internal Cuts it off from the graph it came from. */
  detachNode(): void {
    if (!TRAINING) return;
    this.node = undefined;
    this.output = 0;
  }
}

/** @internal A new tensor in the open scope (or on the heap), contents undefined. */
export function empty<D extends DType = "float32">(shape: Shape, dtype?: D): Tensor<D>;
export function empty(shape: Shape, dtype: DType = "float32"): Tensor<DType> {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return new Tensor(allocate(bytesOf(size)), shape, dtype, size);
}

/** @internal A tensor of another shape over the same memory, outside the graph. */
export function shareStorage<D extends DType>(x: Tensor<D>, shape: Shape, op: string): Tensor<D> {
  x.address(op);
  x.storage.holders++;
  const view = new Tensor(x.storage, shape, x.dtype, x.size);
  // The arena takes back its own; of heap memory a scoped view is one holder, until the scope ends.
  if (x.storage.scope === undefined) currentScope()?.attached.add(view);
  return view;
}
