import { checkCall, checkCount } from "../../core/check.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Linear } from "../linear.js";
import { Module } from "../module.js";
import { checkInput } from "../recurrent-input.js";
import {
  glorotLinear,
  NTMCell,
  type NTMForwardOptions,
  type NTMOutput,
  type NTMOutputWithWeights,
  type NTMState,
} from "./cell.js";
import { NTM_KEYS, type NTMOptions } from "./options.js";
import { NTMStream } from "./stream.js";

/**
 * A Neural Turing Machine (Graves, Wayne & Danihelka 2014): {@link NTMCell} over sequences, `cell`, and a linear layer of the
 * controller's output and what was read, `fc`, which gives logits: the paper's bits are σ of them. A sequence is one
 * operation, forwards and backwards.
 *
 * It learns to copy with single sequences, RMSprop of lr 1e-4, momentum 0.9 and alpha 0.95, and each gradient cut to ±10
 * (docs/neural-turing-machine.md).
 *
 * @example
 * ```ts
 * const ntm = new NTM(9, 8, { controllerSize: 32, memoryRows: 16, memoryWidth: 6 });
 * const { output, weights } = ntm.forward(randn([2, 5, 9]), { needWeights: true });
 * output.shape; // [2, 5, 8]
 * weights.shape; // [2, 5, 2, 16]
 * ```
 */
export class NTM extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "NTM";
  readonly inputSize: number;
  readonly outputSize: number;
  readonly cell: NTMCell;
  readonly fc: Linear;

  /**
   * @param inputSize numbers at each step
   * @param outputSize logits at each step
   * @throws OptionError for options that make no sense together
   */
  constructor(inputSize: number, outputSize: number, options: NTMOptions = {}) {
    checkCall("NTM", arguments, `inputSize outputSize {${NTM_KEYS}}`);
    super();
    checkCount("NTM", "outputSize", outputSize);
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.cell = new NTMCell(inputSize, options);
    this.fc = glorotLinear(this.cell.outputSize, outputSize, 1);
  }

  /** Where a sequence starts, for a batch. */
  start(batch: number): NTMState {
    checkCall("NTM.start", arguments, "batch:number");
    return this.cell.start(batch);
  }

  /**
   * x `[batch, time, inputSize]` → logits `[batch, time, outputSize]` and the state after each row's last step. Past a row's
   * length its state is carried on, and its logits are those of zeros.
   */
  forward(x: Tensor, options: NTMForwardOptions & { needWeights: true }): NTMOutputWithWeights;
  forward(x: Tensor, options?: NTMForwardOptions): NTMOutput;
  forward(x: Tensor, options: NTMForwardOptions = {}): NTMOutput {
    const known = "{state:object lengths:list|tensor needWeights:boolean}";
    checkCall("NTM.forward", arguments, `x:tensor ${known}`);
    const result = this.cell.unroll(x, options);
    return { ...result, output: this.fc.forward(result.output) };
  }

  /** One step: x `[batch, inputSize]` → logits `[batch, outputSize]` and the next state. */
  step(x: Tensor, state?: NTMState): { output: Tensor; state: NTMState } {
    checkCall("NTM.step", arguments, "x:tensor state?:object");
    checkInput("NTM.step", x, this.inputSize, 2);
    const { output, state: next } = this.cell.step(x, state);
    return { output: this.fc.forward(output), state: next };
  }

  /**
   * Step by step, with no graph and no allocation, with the bits of `forward`. The weights are those of the moment.
   *
   * @param options.batch rows side by side. Default 1
   */
  stream(options: { batch?: number | undefined } = {}): NTMStream {
    checkCall("NTM.stream", arguments, "{batch:number}");
    const { batch = 1 } = options;
    checkCount("NTM.stream", "batch", batch);
    return new NTMStream(this.cell, this.fc, batch);
  }
}
