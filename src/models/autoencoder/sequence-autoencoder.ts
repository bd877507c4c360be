// Series to vectors and back: what is not like the series it learnt comes back badly.
import { checkCall } from "../../core/check.js";
import { checkIterable, checkLike, checkRecord } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { readOptions } from "../../core/options.js";
import { checkExample, counted, inPlace, type Examples } from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { Linear } from "../../nn/linear.js";
import { add, mul, sub } from "../../ops/arithmetic.js";
import { dropout } from "../../ops/dropout.js";
import { maskOfLengths } from "../../ops/lengths.js";
import { mean, sum } from "../../ops/reduce.js";
import { randn } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { loadModel } from "../kit/model-file.js";
import { rowVectors } from "../kit/row-vectors.js";
import {
  TaskModel,
  type EncodedExample,
  type FitSettingsOf,
  type Logits,
  type TaskKind,
  type TaskTypes,
  type MeanLoss,
} from "../kit/task-model.js";
import { encoderSettings } from "../parts/encoder-options.js";
import { RecurrentEncoder } from "../parts/encoders.js";
import { inputFromJSON } from "../parts/input-from-json.js";
import type { Sequences } from "../parts/input.js";
import type { SeriesInput } from "../parts/series-input.js";
import { series, type Series } from "../parts/series-input.js";
import { chooseFit } from "./defaults.js";
import { anomalyOf, type AutoencoderExample, type Reconstruction } from "./example.js";
import {
  AUTOENCODER_FIT_OPTIONS,
  AUTOENCODER_METRICS,
  AUTOENCODER_OPTIONS,
  type AutoencoderFitExtra,
  type AutoencoderOptions,
  type AutoencoderScores,
  type AutoencoderSettings,
  type BuildAutoencoderOptions,
} from "./options.js";
import { ReverseDecoder } from "./reverse-decoder.js";
import { AutoencoderScorer, type AutoencoderDetails } from "./scorer.js";

const NAME = "SequenceAutoencoder";
const KIND = {
  ...{ name: NAME, kind: "sequence-autoencoder", version: 1, item: "series" },
  fitOptions: AUTOENCODER_FIT_OPTIONS,
  chooseFit,
};

/** A series as it came back. */
interface Finding {
  readonly score: number;
  readonly steps: number;
  readonly stepErrors: Float32Array;
  readonly reconstruction: Float32Array;
}

interface Types extends TaskTypes {
  Input: Series;
  Example: AutoencoderExample;
  Encoded: Float32Array;
  Target: boolean;
  Finding: Finding;
  Answer: Reconstruction;
  Scores: AutoencoderScores;
  Details: AutoencoderDetails;
  Extra: AutoencoderFitExtra;
}

/**
 * Series to one vector each, and back (Srivastava et al. 2015): input → recurrent layers → their last states → linear, the vector →
 * recurrent layers that write the series from its end. It learns from series alone. Vectors stand for series of any length; what is not
 * like the series that it learnt comes back with a larger error, and is told as an anomaly.
 *
 * @example
 * ```ts
 * const wave = (i: number) => Array.from({ length: 20 }, (_, t) => [Math.sin(i + t / 3)]);
 * const normal = Array.from({ length: 40 }, (_, i) => ({ input: wave(i) }));
 * const model = SequenceAutoencoder.build(normal, { hiddenSize: 24, outputSize: 4 });
 * await model.fit(normal, { steps: 300, learningRate: 0.01 });
 * model.encode(wave(0.5)).length; // 4
 * const flat = Array.from({ length: 20 }, () => [1]);
 * model.anomalyScore(flat) > model.anomalyScore(wave(0.5)); // true
 * model.predict(flat).anomaly; // true
 * ```
 */
export class SequenceAutoencoder extends TaskModel<Types> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = NAME;
  readonly options: AutoencoderSettings;
  readonly input: SeriesInput;
  readonly encoder: RecurrentEncoder;
  readonly head: Linear;
  readonly decoder: ReverseDecoder;
  #threshold = Infinity;

  /** From its parts; `build` finds them in series. */
  constructor(input: SeriesInput, options: AutoencoderOptions = {}) {
    checkCall(NAME, arguments, "input:object options?:object");
    super();
    checkLike(NAME, "an input such as SeriesInput", "encode", input);
    this.options = readOptions<AutoencoderOptions>(NAME, AUTOENCODER_OPTIONS, options);
    const { cell, hiddenSize, numLayers, bidirectional, outputSize } = this.options;
    this.input = input;
    const layers = { cell, hiddenSize, numLayers, bidirectional, dropout: 0 };
    const settings = encoderSettings(NAME, { encoder: "recurrent", pooling: "last", ...layers });
    this.encoder = new RecurrentEncoder(input.size, settings as never);
    this.head = new Linear(this.encoder.size, outputSize);
    this.decoder = new ReverseDecoder(input.size, this.options);
  }

  /**
   * A model, not trained yet, for series: their scale is found here, so give what is learnt from. A promise for a function that opens a
   * stream of examples, which is read once.
   *
   * @throws OptionError for no example, or one that cannot be read, with its place; BackendError in `hiddenstate/infer`, which does
   *   not train
   */
  static build(
    examples: Iterable<AutoencoderExample>,
    options?: BuildAutoencoderOptions,
  ): SequenceAutoencoder;
  static build(
    open: OpenStream<AutoencoderExample>,
    options?: BuildAutoencoderOptions,
  ): Promise<SequenceAutoencoder>;
  static build(
    examples: Examples<AutoencoderExample>,
    options: BuildAutoencoderOptions = {},
  ): SequenceAutoencoder | Promise<SequenceAutoencoder> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "examples options?:object");
    checkRecord(op, "options in an object", options);
    const { input = series(), ...own } = options;
    checkLike(op, "series() as input", "counter", input);
    readOptions<AutoencoderOptions>(op, AUTOENCODER_OPTIONS, own);
    const counter = input.counter(op);
    return counted(
      { op, item: KIND.item },
      examples,
      (example: AutoencoderExample, place) =>
        inPlace(KIND.item, place, () => {
          checkExample(op, KIND.item, example);
          anomalyOf(op, example, true);
          counter.add(example.input);
        }),
      () => new SequenceAutoencoder(counter.layer() as SeriesInput, own),
    );
  }

  /**
   * The model that `save` wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): SequenceAutoencoder {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    const names = ["input", "options", "threshold"] as const;
    return loadModel(bytes, KIND, names, ({ input, options, threshold }) => {
      const layer = inputFromJSON(input) as SeriesInput;
      const model = new SequenceAutoencoder(layer, Object(options) as AutoencoderOptions);
      // JSON has no Infinity.
      model.threshold = threshold === null ? Infinity : (threshold as number);
      return model;
    });
  }

  protected override get kind(): TaskKind<Types> {
    return KIND;
  }
  override readonly metrics = AUTOENCODER_METRICS;

  /** Numbers of a vector. */
  get dimension(): number {
    return this.options.outputSize;
  }

  /**
   * The error above which a series is an anomaly: what `fit` found, the `quantile` of the errors of normal series; before it Infinity.
   * Set it lower to miss less, higher for fewer false alarms.
   *
   * @throws OptionError for one below 0
   */
  get threshold(): number {
    return this.#threshold;
  }
  set threshold(value: number) {
    if (!(value >= 0))
      throw new OptionError({
        op: NAME,
        expected: "a threshold of at least 0",
        got: String(value),
      });
    this.#threshold = value;
  }

  /**
   * The vector of a series: `dimension` numbers.
   *
   * @throws OptionError for a series that it cannot read; NumericError where its weights are not finite
   */
  encode(series: Series): Float32Array<ArrayBuffer> {
    const op = `${NAME}.encode`;
    checkCall(op, arguments, "series");
    return this.#vectors(op, [this.encodeInput(op, series)])[0]!;
  }

  /** The vectors of many, in their order: faster than one by one. */
  encodeBatch(series: Iterable<Series>): Float32Array<ArrayBuffer>[] {
    const op = `${NAME}.encodeBatch`;
    checkCall(op, arguments, "series");
    checkIterable(op, "a list of series", series);
    const encoded = Array.from(series, (one, place) =>
      inPlace(KIND.item, place, () => this.encodeInput(op, one)),
    );
    return this.#vectors(op, encoded);
  }

  #vectors(op: string, encoded: readonly Float32Array[]): Float32Array<ArrayBuffer>[] {
    const lengthOf = (one: Float32Array) => this.lengthOf(one);
    const read = (batch: readonly Float32Array[]) => this.#encode(this.input.forward(batch));
    return rowVectors(op, this, encoded, lengthOf, read);
  }

  /** A series as it comes back from its vector: all numbers step by step, in the units of the series. */
  reconstruct(series: Series): Float32Array {
    checkCall(`${NAME}.reconstruct`, arguments, "series");
    return this.predict(series).reconstruction;
  }

  /** How badly a series comes back: the `score` of {@link predict}. */
  anomalyScore(series: Series): number {
    checkCall(`${NAME}.anomalyScore`, arguments, "series");
    return this.predict(series).score;
  }

  /** The same of many, in their order: faster than one by one. */
  anomalyScores(series: Iterable<Series>): Float64Array {
    checkCall(`${NAME}.anomalyScores`, arguments, "series");
    return Float64Array.from(this.predictBatch(series), ({ score }) => score);
  }

  protected override inputOf({ input }: AutoencoderExample): Series {
    return input;
  }
  protected override encodeInput(op: string, input: Series): Float32Array {
    const encoded = this.input.encode(op, input);
    if (encoded.length > 0) return encoded;
    throw new OptionError({ op, expected: "a series of at least one step", got: "an empty one" });
  }
  protected override encodeTarget(
    op: string,
    example: AutoencoderExample,
    _: Float32Array,
    training: boolean,
  ): boolean {
    return anomalyOf(op, example, training);
  }
  protected override lengthOf(encoded: Float32Array): number {
    return this.input.timeOf(encoded);
  }

  /** Sequences of the input layer → vectors `[batch, outputSize]` */
  #encode(read: Sequences): Tensor {
    return this.head.forward(this.encoder.forward(read));
  }

  /** Encoded series → what they were and what came back, `[batch, time, features]`, in units of the input layer. */
  forward(
    batch: readonly Float32Array[],
    { noise = 0, masking = 0 }: AutoencoderFitExtra = {},
  ): { readonly x: Tensor; readonly out: Tensor; readonly lengths: Int32Array } {
    const { x, lengths } = this.input.forward(batch);
    const noisy = noise > 0 ? add(x, mul(randn(x.shape), noise)) : x;
    // Without dropout's scale: what is left stands for itself.
    const read = masking > 0 ? mul(dropout(noisy, masking), 1 - masking) : noisy;
    const vectors = this.#encode({ x: read, lengths });
    return { x, out: this.decoder.forward(vectors, lengths, x.shape[1]!), lengths };
  }

  protected override lossOf(
    batch: readonly EncodedExample<Types>[],
    settings: FitSettingsOf<Types>,
  ): MeanLoss {
    if (!TRAINING) throw cannotTrain(NAME);
    const encoded = batch.map((one) => one.encoded);
    const { x, out, lengths } = this.forward(encoded, settings);
    const errors = stepErrors(x, out);
    const counts = maskOfLengths(lengths, x.shape[1]!).to("float32");
    const steps = lengths.reduce((total, one) => total + one, 0);
    return { loss: mul(sum(mul(errors, counts)), 1 / steps), count: steps };
  }
  protected override logitsOf(batch: readonly Float32Array[]): Logits {
    const { x, out } = this.forward(batch);
    return { errors: stepErrors(x, out), reconstructions: this.input.unscaled(out) };
  }
  protected override findings(
    { errors, reconstructions }: Logits,
    batch: readonly Float32Array[],
  ): Finding[] {
    const [time, { features }] = [errors!.shape[1]!, this.input];
    const [allErrors, all] = [errors!.data(), reconstructions!.data()];
    return batch.map((one, row) => {
      const steps = this.lengthOf(one);
      const stepErrors = allErrors.slice(row * time, row * time + steps);
      const at = row * time * features;
      return {
        score: stepErrors.reduce((total, error) => total + error, 0) / steps,
        ...{ steps, stepErrors },
        reconstruction: all.slice(at, at + steps * features),
      };
    });
  }
  protected override answer({ score, stepErrors, reconstruction }: Finding): Reconstruction {
    return { score, anomaly: score > this.#threshold, stepErrors, reconstruction };
  }
  protected override scorer(): AutoencoderScorer {
    return new AutoencoderScorer(NAME, this.#threshold);
  }
  protected override get decidesByTraining(): boolean {
    return true;
  }
  protected override endFit(scorer: AutoencoderScorer, { quantile }: FitSettingsOf<Types>): void {
    this.threshold = scorer.quantile(quantile!);
  }
  protected override describe() {
    const threshold = Number.isFinite(this.#threshold) ? this.#threshold : null;
    return { input: this.input.toJSON(), options: this.options, threshold };
  }
}

/** Mean squared error of each step, `[batch, time]`. */
function stepErrors(x: Tensor, out: Tensor): Tensor {
  const away = sub(out, x);
  return mean(mul(away, away), -1);
}
