// A mean or a maximum over the steps so far, as `poolSequence` gives it for a sequence that ends here.
import { readStateBytes, writeStateBytes, type StateHeader } from "../../nn/state-bytes.js";
import type { Stage } from "../../nn/steps.js";

/** A double as three floats, so that a state of floats holds it exactly. */
const PARTS = 3;

export class RunningPool implements Stage {
  readonly outputSize: number;
  readonly #mode: "mean" | "max";
  readonly #batch: number;
  /** Of each row: the largest so far, or the sums and behind them the count, each as three floats. */
  #state: Float32Array;
  #own: Float32Array;

  constructor(size: number, mode: "mean" | "max", batch: number) {
    this.outputSize = size;
    this.#mode = mode;
    this.#batch = batch;
    this.#state = this.#start();
    this.#own = new Float32Array(batch * size);
  }

  push(x: Float32Array): Float32Array {
    const size = this.outputSize;
    const width = this.#width;
    for (let row = 0; row < x.length / size; row++) {
      const state = this.#state.subarray(row * width, (row + 1) * width);
      const values = x.subarray(row * size, (row + 1) * size);
      const out = this.#own.subarray(row * size, (row + 1) * size);
      if (this.#mode === "mean") addTo(state, values, out);
      else
        values.forEach((value, i) => {
          // NaN counts as the largest.
          if (!(value <= state[i]!)) state[i] = value;
          out[i] = state[i]!;
        });
    }
    return this.#own;
  }

  select(order: Int32Array): void {
    const before = this.#state;
    const width = this.#width;
    this.#state = new Float32Array(order.length * width);
    order.forEach((from, row) =>
      this.#state.set(before.subarray(from * width, (from + 1) * width), row * width),
    );
    this.#own = new Float32Array(order.length * this.outputSize);
  }

  reset(): void {
    this.#state = this.#start();
    this.#own = new Float32Array(this.#batch * this.outputSize);
  }

  clone(): RunningPool {
    const copy = new RunningPool(this.outputSize, this.#mode, this.#batch);
    copy.#state = this.#state.slice();
    copy.#own = this.#own.slice();
    return copy;
  }

  dispose(): void {
    // Its memory is JavaScript's.
  }

  toBytes(): Uint8Array {
    return writeStateBytes(this.#header, [this.#state]);
  }

  fromBytes(bytes: Uint8Array): void {
    this.#state.set(readStateBytes(bytes, this.#header));
  }

  get #header(): StateHeader {
    const { length } = this.#state;
    return { cell: this.#mode, sizes: [length], values: length };
  }

  get #width(): number {
    return this.#mode === "mean" ? PARTS * (this.outputSize + 1) : this.outputSize;
  }

  #start(): Float32Array {
    const empty = this.#mode === "mean" ? 0 : -Infinity;
    return new Float32Array(this.#batch * this.#width).fill(empty);
  }
}

/** Adds a step to the sums of a row, and gives their mean in the kernels' roundings. */
function addTo(state: Float32Array, values: Float32Array, out: Float32Array): void {
  const share = Math.fround(1 / add(state, values.length, 1));
  values.forEach((value, i) => (out[i] = Math.fround(add(state, i, value)) * share));
}

/** Adds to a double that stands as three floats, and gives the sum. */
function add(state: Float32Array, index: number, value: number): number {
  const at = index * PARTS;
  const sum = state[at]! + state[at + 1]! + state[at + 2]! + value;
  state[at] = sum;
  // Beyond float32 the first part says it all.
  const rest = Number.isFinite(state[at]) ? sum - state[at] : 0;
  state[at + 1] = rest;
  state[at + 2] = rest - state[at + 1]!;
  return sum;
}
