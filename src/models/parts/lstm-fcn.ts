// A fully convolutional network beside an LSTM (LSTM-FCN, Karim et al. 2018, arXiv 1709.05206).
import { BatchNorm1d } from "../../nn/batch-norm.js";
import { Conv1d } from "../../nn/conv.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import { indexSelect } from "../../ops/index-select.js";
import { concat } from "../../ops/join.js";
import { maskOfLengths } from "../../ops/lengths.js";
import { permute } from "../../ops/permute.js";
import { poolSequence } from "../../ops/pool-sequence.js";
import { relu } from "../../ops/unary.js";
import { tensor, zeros } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Sequences } from "./input.js";

/** A convolution that keeps the number of steps, batch normalization, ReLU. */
class ConvolutionBlock extends Module {
  readonly convolution: Conv1d;
  readonly norm: BatchNorm1d;

  constructor(inputs: number, outputs: number, kernelSize: number) {
    super();
    this.convolution = new Conv1d(inputs, outputs, kernelSize, { padding: "same", bias: false });
    this.norm = new BatchNorm1d(outputs);
  }

  /** @param x `[batch, channels, time]`, zeros past the lengths; so is what it gives */
  forward(x: Tensor, steps: StepsThatCount): Tensor {
    return relu(steps.normalize(this.convolution.forward(x), this.norm));
  }
}

/** The steps of a padded batch that count: what is padded has no part in a batch's statistics. */
class StepsThatCount {
  readonly #batch: number;
  readonly #time: number;
  /** Undefined where all count. */
  readonly #mask: Tensor<"int32"> | undefined;
  /** Whether a batch has statistics: a single value has no variance. */
  readonly #hasVariance: boolean;

  constructor(lengths: Int32Array, time: number) {
    this.#batch = lengths.length;
    this.#time = time;
    const padded = lengths.some((length) => length < time);
    this.#hasVariance = lengths.reduce((sum, length) => sum + length, 0) > 1;
    this.#mask = padded ? maskOfLengths(lengths, time) : undefined;
  }

  /** Zeros where nothing counts: x is `[batch, channels, time]`. */
  clear(x: Tensor): Tensor {
    if (!this.#mask) return x;
    return x.mul(this.#mask.to("float32").reshape([this.#batch, 1, this.#time]));
  }

  normalize(x: Tensor, norm: BatchNorm1d): Tensor {
    // The last batch of an epoch may be one series of one step: it is read as in evaluation.
    if (norm.training && !this.#hasVariance)
      return inEvaluation(norm, () => this.normalize(x, norm));
    if (!this.#mask) return norm.forward(x);
    if (!norm.training) return this.clear(norm.forward(x));
    const [batch, time, channels] = [this.#batch, this.#time, x.shape[1]!];
    const mask = this.#mask.data();
    const counted = Int32Array.from(mask.keys()).filter((step) => mask[step] === 1);
    const rows = permute(x, [0, 2, 1]).reshape([batch * time, channels]);
    const normal = norm.forward(indexSelect(rows, 0, tensor(counted)));
    // Back to their places; what does not count reads the row of zeros behind them.
    const places = new Int32Array(batch * time).fill(counted.length);
    counted.forEach((step, place) => (places[step] = place));
    const all = indexSelect(concat([normal, zeros([1, channels])], 0), 0, tensor(places));
    return permute(all.reshape([batch, time, channels]), [0, 2, 1]);
  }
}

/** What an {@link LSTMFCN} is made of. */
export interface LSTMFCNSettings {
  readonly hiddenSize: number;
  readonly channels: readonly number[];
  readonly kernelSizes: readonly number[];
}

/** The mean over time of what the convolutions give, and the LSTM's last state, side by side. */
export class LSTMFCN extends Module {
  readonly size: number;
  readonly lstm: LSTM;
  readonly blocks: readonly ConvolutionBlock[];

  constructor(inputSize: number, { hiddenSize, channels, kernelSizes }: LSTMFCNSettings) {
    super();
    this.lstm = new LSTM(inputSize, hiddenSize);
    this.blocks = channels.map(
      (outputs, i) => new ConvolutionBlock(channels[i - 1] ?? inputSize, outputs, kernelSizes[i]!),
    );
    this.size = hiddenSize + channels.at(-1)!;
  }

  /** → `[batch, size]` */
  forward({ x, lengths }: Sequences): Tensor {
    const { output } = this.lstm.forward(x, { lengths });
    const steps = new StepsThatCount(lengths, x.shape[1]!);
    const features = this.blocks.reduce(
      (read, block) => block.forward(read, steps),
      steps.clear(permute(x, [0, 2, 1])),
    );
    const mean = poolSequence(permute(features, [0, 2, 1]), { mode: "mean", lengths });
    return concat([mean, poolSequence(output, { mode: "last", lengths })], -1);
  }
}
