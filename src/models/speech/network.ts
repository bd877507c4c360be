// What a recognizer is made of: convolutions over time and frequency, recurrent layers, a number for each class.
import { streamOf } from "../../nn/stream-of.js";
import { Conv2d } from "../../nn/conv.js";
import { Dropout } from "../../nn/dropout.js";
import { forgetBias, kaimingUniform, zero } from "../../nn/initializers.js";
import { LayerNorm } from "../../nn/layer-norm.js";
import { Linear } from "../../nn/linear.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import { Sequential } from "../../nn/sequential.js";
import type { SequentialStream } from "../../nn/sequential-stream.js";
import { maskOfLengths } from "../../ops/lengths.js";
import { permute } from "../../ops/permute.js";
import { relu } from "../../ops/unary.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Sequences } from "../parts/input.js";
import { ConvolutionStream } from "./convolution-stream.js";
import type { SpeechSettings } from "./options.js";
import { BLANK } from "./units.js";

/** Frames that a kernel looks at, with one on either side of its own. */
export const KERNEL = 3;

/** How many times larger than usual the weights of what reads states begin. */
const OF_STATES = 3;
/** What the blank has ahead of each label at first. */
const BLANK_AHEAD = 2;

/** By how many frames each convolution goes on. */
const STRIDES: Readonly<Record<number, readonly number[]>> = { 1: [1, 1], 2: [2, 1], 4: [2, 2] };

export type NetworkOptions = Pick<
  SpeechSettings,
  "streaming" | "subsampling" | "channels" | "hiddenSize" | "numLayers" | "dropout"
>;

export class SpeechNetwork extends Module {
  readonly convolutions: readonly Conv2d[];
  readonly projection: Linear;
  readonly norm: LayerNorm;
  readonly recurrent: LSTM;
  readonly dropout: Dropout;
  readonly head: Linear;
  readonly #strides: readonly number[];

  /** @param size numbers of a frame */
  constructor(size: number, classes: number, options: NetworkOptions) {
    super();
    const { streaming, subsampling, channels, hiddenSize, numLayers, dropout } = options;
    this.#strides = STRIDES[subsampling]!;
    this.convolutions = this.#strides.map(
      (stride, i) =>
        new Conv2d(i === 0 ? 1 : channels, channels, KERNEL, { stride: [stride, 2], padding: 1 }),
    );
    const rows = this.#strides.reduce((width) => Math.ceil(width / 2), size);
    this.projection = new Linear(channels * rows, hiddenSize);
    this.norm = new LayerNorm(hiddenSize);
    this.recurrent = new LSTM(hiddenSize, hiddenSize, {
      numLayers,
      bidirectional: !streaming,
      // Each layer has the frames beside what the layer below made of them (Graves et al. 2013): a deep network starts like a flat one.
      ...(numLayers > 1 && { dropout, skip: "concat" }),
    });
    this.dropout = new Dropout(dropout);
    this.head = new Linear(streaming ? hiddenSize : 2 * hiddenSize, classes);
    if (TRAINING) this.#initialize();
  }

  /**
   * Convolutions as ReLU wants them (He et al. 2015). CTC says blanks alone, then any label, for hundreds of steps, which these shorten:
   * states of an LSTM are small at first, so what reads them begins larger; it remembers from the start; and most steps being blanks, these
   * begin ahead, else the first steps learn nothing but that, with gradients beside which Adam finds the later ones small.
   */
  #initialize(): void {
    for (const { weight, bias } of this.convolutions) {
      kaimingUniform(weight);
      zero(bias!);
    }
    forgetBias(this.recurrent);
    const { bias } = this.head;
    bias!.set(bias!.data().map((value, label) => value + (label === BLANK ? BLANK_AHEAD : 0)));
    const ofStates = [...this.recurrent.namedParameters()]
      .filter(([name]) => /^weight_ih_l[1-9]/.test(name))
      .map(([, weight]) => weight);
    for (const weight of [...ofStates, this.head.weight])
      weight.set(weight.data().map((value) => OF_STATES * value));
  }

  /** Steps that so many frames become. */
  stepsOf(frames: number): number {
    return this.#strides.reduce((steps, stride) => Math.ceil(steps / stride), frames);
  }

  /** Frames behind the middle one of a step that it depends on. */
  get framesAhead(): number {
    return this.#strides.reduceRight((ahead, stride) => ahead * stride + 1, 0);
  }

  /** Frames → logits `[batch, steps, classes]`, and how many steps of each row count. */
  forward({ x, lengths }: Sequences): { logits: Tensor; lengths: Int32Array } {
    const [batch, time, size] = x.shape as [number, number, number];
    let counted = lengths;
    let images = x.reshape([batch, 1, time, size]);
    this.convolutions.forEach((convolution, i) => {
      images = relu(convolution.forward(images));
      counted = counted.map((length) => Math.ceil(length / this.#strides[i]!));
      const steps = images.shape[2]!;
      // What stands behind a recording must not reach into it.
      if (counted.some((length) => length < steps))
        images = images.mul(
          maskOfLengths(counted, steps).to("float32").reshape([batch, 1, steps, 1]),
        );
    });
    const [, channels, steps, rows] = images.shape as [number, number, number, number];
    const read = permute(images, [0, 2, 1, 3]).reshape([batch, steps, channels * rows]);
    const frames = this.dropout.forward(this.norm.forward(this.projection.forward(read)));
    const { output } = this.recurrent.forward(frames, { lengths: counted });
    return { logits: this.head.forward(this.dropout.forward(output)), lengths: counted };
  }

  /** The same for frames that come in. */
  stream(size: number): SpeechSteps {
    const convolutions = this.convolutions.map(
      (convolution, i) => new ConvolutionStream(convolution, this.#strides[i]!),
    );
    const { projection, norm, recurrent, head } = this;
    return new SpeechSteps(
      size,
      convolutions,
      streamOf(new Sequential(projection, norm, recurrent, head)),
    );
  }
}

/** Frames in, logits out, with the bits of the whole. */
export class SpeechSteps {
  readonly #size: number;
  readonly #convolutions: readonly ConvolutionStream[];
  readonly #layers: SequentialStream;

  constructor(size: number, convolutions: readonly ConvolutionStream[], layers: SequentialStream) {
    this.#size = size;
    this.#convolutions = convolutions;
    this.#layers = layers;
    this.reset();
  }

  /**
   * @param frames `[frames, size]`
   * @param ended whether no more come
   * @returns logits `[steps, classes]` of the steps that are complete
   */
  push(frames: Float32Array, ended = false): Float32Array {
    let images = frames;
    for (const convolution of this.#convolutions) images = convolution.push(images, ended);
    const { outputSize } = this.#layers;
    const width = this.#convolutions.at(-1)!.outputSize;
    const steps = images.length / width;
    const logits = new Float32Array(steps * outputSize);
    for (let i = 0; i < steps; i++)
      logits.set(this.#layers.push(images.subarray(i * width, (i + 1) * width)), i * outputSize);
    return logits;
  }

  reset(): void {
    let size = this.#size;
    for (const convolution of this.#convolutions) size = convolution.reset(size);
    this.#layers.reset();
  }

  dispose(): void {
    for (const convolution of this.#convolutions) convolution.dispose();
    this.#layers.dispose();
  }
}
