// Sequences to one vector each.
import { OptionError } from "../../core/errors.js";
import { AttentionPooling } from "../../nn/attention-pooling.js";
import { Conv1d } from "../../nn/conv.js";
import { Dropout } from "../../nn/dropout.js";
import { GRU } from "../../nn/gru.js";
import { Linear } from "../../nn/linear.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import type { RecurrentOptions } from "../../nn/recurrent-options.js";
import { RNN } from "../../nn/rnn.js";
import { layerSteps, StatelessStage, type Stage } from "../../nn/steps.js";
import { relu } from "../../ops/unary.js";
import { concat } from "../../ops/join.js";
import { maskOfLengths } from "../../ops/lengths.js";
import { permute } from "../../ops/permute.js";
import { poolSequence } from "../../ops/pool-sequence.js";
import { slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Sequences } from "./input.js";
import { LSTMFCN } from "./lstm-fcn.js";
import { RunningPool } from "./running-pool.js";
import { TransformerLayers } from "./transformer-layers.js";
import type { EncoderSettings } from "./encoder-options.js";

/** Sequences of different lengths to one vector each. */
export interface SequenceEncoder extends Module {
  /** Size of the vector. */
  readonly size: number;
  /** → `[batch, size]` */
  forward(sequences: Sequences): Tensor;
  /**
   * @internal The same step by step, for one sequence: what it would give if the sequence ended here.
   *
   * @throws OptionError where that needs the whole sequence
   */
  stages(op: string): Stage[];
}

function refuseStream(op: string, got: string, cure: string): never {
  throw new OptionError({ op, expected: "an encoder that goes on from step to step", got, cure });
}

type Settings<Kind> = Extract<EncoderSettings, { encoder: Kind }>;

export function makeEncoder(inputSize: number, settings: EncoderSettings): SequenceEncoder {
  if (settings.encoder === "mean") return new MeanEncoder(inputSize, settings);
  if (settings.encoder === "transformer") return new TransformerPooled(inputSize, settings);
  if (settings.encoder === "convolutional") return new ConvolutionEncoder(inputSize, settings);
  if (settings.encoder === "lstm-fcn") return new LSTMFCNEncoder(inputSize, settings);
  return new RecurrentEncoder(inputSize, settings);
}

/**
 * What the batches of a training go by: the lengths of sequences. Not where there is batch normalization: sequences of one length
 * differ less than all do, and it would learn by other statistics than it keeps.
 */
export function batchLength({ encoder }: EncoderSettings, length: number): number {
  return encoder === "lstm-fcn" ? 0 : length;
}

class MeanEncoder extends Module implements SequenceEncoder {
  readonly size: number;
  readonly dense: Linear | undefined;
  readonly dropout: Dropout;

  constructor(inputSize: number, { hiddenSize, dropout }: Settings<"mean">) {
    super();
    this.size = hiddenSize || inputSize;
    this.dense = hiddenSize ? new Linear(inputSize, hiddenSize) : undefined;
    this.dropout = new Dropout(dropout);
  }

  forward({ x, lengths }: Sequences): Tensor {
    const mean = poolSequence(x, { mode: "mean", lengths });
    return this.dense ? relu(this.dense.forward(this.dropout.forward(mean))) : mean;
  }

  /** @internal */
  stages(): Stage[] {
    const steps = layerSteps(this.dense);
    const mean = new RunningPool(steps ? steps.inputSize : this.size, "mean", 1);
    if (!steps) return [mean];
    return [mean, new StatelessStage([{ ...steps, run: (x) => relu(steps.run(x)) }], 1)];
  }
}

const CELLS = { rnn: RNN, lstm: LSTM, gru: GRU };

export class RecurrentEncoder extends Module implements SequenceEncoder {
  readonly size: number;
  readonly pooling: Settings<"recurrent">["pooling"];
  readonly recurrent: RNN | LSTM | GRU;
  readonly attention: AttentionPooling | undefined;

  constructor(inputSize: number, settings: Settings<"recurrent">) {
    super();
    const { hiddenSize, numLayers, dropout, pooling } = settings;
    const { bidirectional, recurrentDropout, variationalDropout } = settings;
    const options: RecurrentOptions = {
      numLayers,
      bidirectional,
      recurrentDropout,
      variationalDropout,
      dropout: numLayers > 1 ? dropout : 0,
    };
    this.recurrent = new CELLS[settings.cell](inputSize, hiddenSize, options);
    this.size = bidirectional ? 2 * hiddenSize : hiddenSize;
    this.pooling = pooling;
    this.attention = pooling === "attention" ? new AttentionPooling(this.size) : undefined;
  }

  forward({ x, lengths }: Sequences): Tensor {
    const { output, state } = this.recurrent.forward(x, { lengths });
    if (this.attention) return this.attention.forward(output, { lengths }).output;
    if (this.pooling === "last") return this.#lastStates(state.h);
    return poolSequence(output, { mode: this.pooling as "mean" | "max", lengths });
  }

  /** @internal */
  stages(op: string): Stage[] {
    const { pooling, recurrent } = this;
    if (recurrent.bidirectional)
      refuseStream(
        op,
        "a bidirectional one",
        "Its backward direction needs the whole series: predict(), or build with bidirectional: false.",
      );
    if (pooling === "attention")
      refuseStream(
        op,
        "pooling by attention, which weighs each step against all",
        'predict(), or build with pooling "last", "mean" or "max".',
      );
    const stream = recurrent.stream();
    return pooling === "last" ? [stream] : [stream, new RunningPool(this.size, pooling, 1)];
  }

  /** The last layer's state of either direction, side by side: each where that direction ends. */
  #lastStates(h: Tensor): Tensor {
    const [slots, batch, hidden] = h.shape as [number, number, number];
    const { directions } = this.recurrent;
    const last = slice(h, 0, slots - directions, slots);
    return permute(last, [1, 0, 2]).reshape([batch, directions * hidden]);
  }
}

class ConvolutionEncoder extends Module implements SequenceEncoder {
  readonly size: number;
  readonly convolutions: readonly Conv1d[];

  constructor(inputSize: number, { filters, kernelSizes }: Settings<"convolutional">) {
    super();
    this.size = filters * kernelSizes.length;
    // Zeros on both sides, so that every filter sees the shortest sequence too.
    this.convolutions = kernelSizes.map(
      (size) => new Conv1d(inputSize, filters, size, { padding: size - 1 }),
    );
  }

  forward({ x, lengths }: Sequences): Tensor {
    const [batch, time] = x.shape as [number, number, number];
    // Past a length zeros too: what a sequence is padded with must not count.
    const mask = maskOfLengths(lengths, time).to("float32").reshape([batch, time, 1]);
    const channels = permute(x.mul(mask), [0, 2, 1]);
    const pooled = this.convolutions.map((convolution) => {
      const beyond = convolution.weight.shape[2]! - 1;
      const features = permute(relu(convolution.forward(channels)), [0, 2, 1]);
      return poolSequence(features, {
        mode: "max",
        lengths: lengths.map((length) => length + beyond),
      });
    });
    return concat(pooled, -1);
  }

  /** @internal */
  stages(op: string): Stage[] {
    return refuseStream(
      op,
      "a convolutional one, whose filters reach over several steps",
      'predict(), or build with encoder "recurrent" or "mean".',
    );
  }
}

class TransformerPooled extends Module implements SequenceEncoder {
  readonly size: number;
  readonly pooling: Settings<"transformer">["pooling"];
  readonly transformer: TransformerLayers;
  readonly attention: AttentionPooling | undefined;

  constructor(inputSize: number, settings: Settings<"transformer">) {
    super();
    const { hiddenSize, pooling } = settings;
    this.size = hiddenSize;
    this.pooling = pooling;
    this.transformer = new TransformerLayers(inputSize, hiddenSize, settings);
    this.attention = pooling === "attention" ? new AttentionPooling(hiddenSize) : undefined;
  }

  forward({ x, lengths }: Sequences): Tensor {
    const output = this.transformer.forward(x, lengths);
    if (this.attention) return this.attention.forward(output, { lengths }).output;
    return poolSequence(output, { mode: this.pooling as "mean" | "max", lengths });
  }

  /** @internal */
  stages(op: string): Stage[] {
    return refuseStream(
      op,
      "a transformer, whose steps see those after them",
      'predict(), or build with encoder "recurrent" or "mean".',
    );
  }
}

class LSTMFCNEncoder extends LSTMFCN implements SequenceEncoder {
  constructor(inputSize: number, settings: Settings<"lstm-fcn">) {
    const { channels, kernelSizes } = settings;
    if (channels.length !== kernelSizes.length || channels.length === 0)
      throw new OptionError({
        op: 'encoder "lstm-fcn"',
        expected: "as many kernelSizes as channels, a block each",
        got: `${kernelSizes.length} and ${channels.length}`,
      });
    super(inputSize, settings);
  }

  /** @internal */
  stages(op: string): Stage[] {
    return refuseStream(
      op,
      "an LSTM-FCN, whose filters reach over several steps",
      'predict(), or build with encoder "recurrent" or "mean".',
    );
  }
}
