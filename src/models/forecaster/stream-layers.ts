// The layers of a forecaster without covariates, step by step.
import type { Linear } from "../../nn/linear.js";
import type { Stream } from "../../nn/stream.js";
import type { ForecastNetwork } from "./network.js";

/** What a step is read by: copies of the weights, the recurrent state. */
export class StreamLayers {
  readonly #recurrent: Stream<string>;
  readonly #head: OutputRow;
  /** The state and the step. */
  readonly #seen: Float32Array;

  constructor({ recurrent, head }: ForecastNetwork) {
    this.#recurrent = recurrent.stream();
    this.#head = new OutputRow(head);
    this.#seen = new Float32Array(this.#recurrent.outputSize + this.#recurrent.inputSize);
  }

  /** What is said of the steps ahead: overwritten by the next push. */
  push(step: Float32Array): Float32Array {
    this.#seen.set(this.#recurrent.push(step));
    this.#seen.set(step, this.#recurrent.outputSize);
    return this.#head.of(this.#seen);
  }

  reset(): void {
    this.#recurrent.reset();
  }

  toBytes(): Uint8Array {
    return this.#recurrent.toBytes();
  }

  fromBytes(bytes: Uint8Array): void {
    this.#recurrent.fromBytes(bytes);
  }

  dispose(): void {
    this.#recurrent.dispose();
  }
}

/**
 * A linear layer of one row, with the bits of the plain kernels: the way to them and back would take longer than so few products
 * do.
 */
class OutputRow {
  /** `[inputs, outputs]` */
  readonly #weight: Float32Array;
  readonly #bias: Float32Array;
  readonly #out: Float32Array;

  constructor({ weight, bias }: Linear) {
    const [outputs, inputs] = weight.shape as [number, number];
    const rows = weight.data();
    this.#weight = Float32Array.from(
      { length: rows.length },
      (_, i) => rows[(i % outputs) * inputs + Math.floor(i / outputs)]!,
    );
    this.#bias = bias!.data();
    this.#out = new Float32Array(outputs);
  }

  of(x: Float32Array): Float32Array {
    const [weight, bias, out] = [this.#weight, this.#bias, this.#out];
    const outputs = out.length;
    out.set(bias);
    let at = 0;
    for (let k = 0; k < x.length; k++) {
      const value = x[k]!;
      for (let i = 0; i < outputs; i++, at++)
        out[i] = Math.fround(out[i]! + Math.fround(value * weight[at]!));
    }
    return out;
  }
}
