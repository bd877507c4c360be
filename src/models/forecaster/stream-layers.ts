// The layers of a forecaster, step by step.
import type { Linear } from "../../nn/linear.js";
import type { Stream } from "../../nn/stream.js";
import { kernels } from "../../wasm/backend.js";
import { f32 } from "../../wasm/memory.js";
import { bytesOf } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { CONTEXT, type ForecastNetwork } from "./network.js";

/** What a step is read by: copies of the weights, the recurrent state. */
export class StreamLayers {
  readonly #recurrent: Stream<string>;
  readonly #said: (seen: Float32Array, ahead: Float32Array) => Float32Array;
  /** The state and the step. */
  readonly #seen: Float32Array;

  constructor({ recurrent, context, head }: ForecastNetwork) {
    this.#recurrent = recurrent.stream();
    this.#seen = new Float32Array(this.#recurrent.outputSize + this.#recurrent.inputSize);
    const output = new OutputRow(head);
    this.#said = context ? knowing(new OutputRow(context), output) : (seen) => output.of(seen);
  }

  read(step: Float32Array): void {
    this.#seen.set(this.#recurrent.push(step));
    this.#seen.set(step, this.#recurrent.outputSize);
  }

  /**
   * What is said of the steps ahead of the last that was read: overwritten by the next call.
   *
   * @param ahead what is known of them, `[horizon, covariates]`
   */
  say(ahead: Float32Array): Float32Array {
    return this.#said(this.#seen, ahead);
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

/** What is said where something is known of each step ahead: `joined` of one row. */
function knowing(context: OutputRow, head: OutputRow) {
  const row = new Float32Array(head.inputs);
  const out = new Float32Array((context.outputs / CONTEXT) * head.outputs);
  return (seen: Float32Array, ahead: Float32Array): Float32Array => {
    const each = context.of(seen);
    tanhInPlace(each);
    const covariates = row.length - CONTEXT;
    for (let step = 0; step * CONTEXT < each.length; step++) {
      for (let i = 0; i < CONTEXT; i++) row[i] = each[step * CONTEXT + i]!;
      for (let i = 0; i < covariates; i++) row[CONTEXT + i] = ahead[step * covariates + i]!;
      out.set(head.of(row), step * head.outputs);
    }
    return out;
  };
}

function tanhInPlace(values: Float32Array): void {
  const { length } = values;
  withScratch(bytesOf(length), (ptr) => {
    f32(ptr, length).set(values);
    kernels().tanhForward(ptr, ptr, length);
    values.set(f32(ptr, length));
  });
}

/**
 * A linear layer of one row, with the bits of the plain kernels: the way to them and back would take longer than so few products
 * do.
 */
class OutputRow {
  readonly inputs: number;
  readonly outputs: number;
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
    this.inputs = inputs;
    this.outputs = outputs;
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
