// Vectors of texts or series that lie close where they belong together: one network for both of a pair.
import { noGrad } from "../../autograd/mode.js";
import { checkCall } from "../../core/check.js";
import { checkIterable, checkLike, checkRecord } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import type { BatchSource } from "../../data/batches.js";
import { checkExample, inPlace, type Examples, type Prepared } from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { Dropout } from "../../nn/dropout.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { Linear } from "../../nn/linear.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { normalize } from "../../ops/similarity.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { dot } from "../../vectors/search.js";
import type { FitOptions } from "../kit/fit-options.js";
import { ExampleModel, inBatches } from "../kit/example-model.js";
import { loadModel } from "../kit/model-file.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { refuseNonFiniteLogits } from "../kit/task-model.js";
import type {
  EncodedExample,
  FitSettingsOf,
  Scoring,
  TaskKind,
  TaskTypes,
} from "../kit/task-types.js";
import {
  encoderFromFile,
  encoderSettings,
  type EncoderSettings,
} from "../parts/encoder-options.js";
import { makeEncoder, type SequenceEncoder } from "../parts/encoders.js";
import { inputFromJSON } from "../parts/input-from-json.js";
import type { Encoded, InputLayer } from "../parts/input.js";
import type { Series } from "../parts/series-input.js";
import { readOptions } from "../../core/options.js";
import { siameseBatches } from "./batches.js";
import { chooseFit } from "./defaults.js";
import {
  inputsOf,
  targetOf,
  type EncodedInputs,
  type InputPair,
  type Inputs,
  type PairPrediction,
  type SiameseExample,
  type Target,
} from "./example.js";
import { foundIn } from "./found-in.js";
import { siameseLoss } from "./losses.js";
import { oneShotScores, type OneShotOptions, type OneShotScores } from "./one-shot.js";
import {
  SIAMESE_FIT_OPTIONS,
  SIAMESE_OPTIONS,
  type BuildSiameseOptions,
  type SiameseFitExtra,
  type SiameseOptions,
} from "./options.js";
import { References, type Match, type ReferencesOptions } from "./references.js";
import {
  GRADED_METRICS,
  PAIR_METRICS,
  SiameseScorer,
  type SiameseDetails,
  type SiameseScores,
} from "./scorer.js";
import { TrainingExamples } from "./training-examples.js";

const NAME = "SiameseNetwork";
const KIND = {
  ...{ name: NAME, kind: "siamese-network", version: 1, item: "example" },
  fitOptions: SIAMESE_FIT_OPTIONS,
};

interface Types<Input> extends TaskTypes {
  Input: Inputs<Input>;
  Example: SiameseExample<Input>;
  Encoded: EncodedInputs;
  Target: Target;
  Finding: readonly Float32Array[];
  Scores: SiameseScores;
  Details: SiameseDetails;
  Extra: SiameseFitExtra<Input>;
}

/**
 * Texts or series to unit vectors, whose cosines say what belongs together (Bromley et al. 1993): input → encoder →
 * dropout → linear → normalized. It learns from pairs, graded pairs, or inputs with labels.
 *
 * @example
 * ```ts
 * const pairs = [
 *   { a: "how old are you", b: "what is your age" },
 *   { a: "where do you live", b: "what is your address" },
 *   { a: "what do you eat", b: "what is your food" },
 * ];
 * const model = SiameseNetwork.build(pairs, { encoder: "mean", outputSize: 16 });
 * await model.fit(pairs, { epochs: 20, learningRate: 0.02 });
 * const references = model.references();
 * for (const { b } of pairs) references.add(b, b);
 * const [{ label, score }] = references.match("how old is he");
 * console.log(label, score);
 * ```
 */
export class SiameseNetwork<Input = string> extends ExampleModel<Types<Input>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = NAME;
  readonly options: Readonly<EncoderSettings & { outputSize: number }>;
  readonly input: InputLayer<Input>;
  readonly encoder: SequenceEncoder;
  readonly dropout: Dropout;
  readonly head: Linear | undefined;
  /** What is learnt from, in a training. */
  #learnt = new TrainingExamples();
  #graded = false;
  #thresholdFor: "accuracy" | "f1" = "accuracy";
  #threshold = 0.5;

  /** From its parts; `build` finds them in examples. */
  constructor(input: InputLayer<Input>, options: SiameseOptions = {}) {
    checkCall(NAME, arguments, "input:object options?:object");
    super();
    checkLike(NAME, "an input such as TextInput or SeriesInput", "encode", input);
    checkRecord(NAME, "options in an object", options);
    const { outputSize: given, ...encoder } = options;
    const settings = encoderSettings(NAME, encoder);
    const { outputSize } = readOptions(NAME, SIAMESE_OPTIONS, { outputSize: given });
    this.options = { ...settings, outputSize };
    this.input = input;
    this.encoder = makeEncoder(input.size, settings);
    this.dropout = new Dropout(settings.dropout);
    this.head = outputSize > 0 ? new Linear(this.encoder.size, outputSize) : undefined;
  }

  /**
   * A network, not trained yet, for the words or features of examples. A promise for a function that opens a stream of
   * examples, which is read once.
   *
   * @throws OptionError for no example, or one that is none; BackendError in `hiddenstate/infer`, which does not train
   */
  static build<Input = string>(
    examples: Iterable<SiameseExample<NoInfer<Input>>>,
    options?: BuildSiameseOptions<Input>,
  ): SiameseNetwork<Input>;
  static build<Input = string>(
    open: OpenStream<SiameseExample<NoInfer<Input>>>,
    options?: BuildSiameseOptions<Input>,
  ): Promise<SiameseNetwork<Input>>;
  static build<Input>(
    examples: Examples<SiameseExample<Input>>,
    options: BuildSiameseOptions<Input> = {},
  ): SiameseNetwork<Input> | Promise<SiameseNetwork<Input>> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "examples options?:object");
    return foundIn({ op, item: KIND.item }, examples, options, ({ input, own, notes }) => {
      const model = new SiameseNetwork<Input>(input, own);
      model.notes = notes;
      return model;
    });
  }

  /**
   * The network that `save` wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load<Input = string | Series>(bytes: Uint8Array): SiameseNetwork<Input> {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    const names = ["input", "options", "threshold"] as const;
    const kind = { ...KIND, chooseFit: () => ({}) };
    return loadModel(bytes, kind, names, ({ input, options, threshold }) => {
      const { outputSize, ...encoder } = Object(options) as SiameseOptions;
      const layer = inputFromJSON(input) as unknown as InputLayer<Input>;
      const own = { ...encoderFromFile(encoder), outputSize } as SiameseOptions;
      const model = new SiameseNetwork<Input>(layer, own);
      model.threshold = Number(threshold);
      return model;
    });
  }

  protected override get kind(): TaskKind<Types<Input>> {
    const choose = (data: TrainingStatistics, given: FitOptions<SiameseScores>) =>
      chooseFit(data, given, this.#learnt);
    return { ...KIND, chooseFit: choose } as TaskKind<Types<Input>>;
  }
  override get metrics() {
    return this.#graded ? GRADED_METRICS : PAIR_METRICS;
  }

  /**
   * The cosine from which a pair belongs together: 0.5, or what `fit` found best on its validation data. Set it lower to
   * miss less, higher to be more certain.
   *
   * @throws OptionError for one that no cosine can be
   */
  get threshold(): number {
    return this.#threshold;
  }
  set threshold(value: number) {
    if (!(value >= -1 && value <= 1))
      throw new OptionError({
        op: NAME,
        expected: "a threshold from -1 to 1",
        got: String(value),
      });
    this.#threshold = value;
  }

  /** Numbers of a vector. */
  get dimension(): number {
    return this.head ? this.options.outputSize : this.encoder.size;
  }

  /** Encoded inputs → unit vectors `[batch, dimension]` */
  forward(batch: readonly Encoded[]): Tensor {
    const { x, lengths } = this.input.forward(batch);
    const { inputDropout } = this.options;
    const read = lockedDropout(x, inputDropout, { training: this.training, locked: true });
    const vectors = this.dropout.forward(this.encoder.forward({ x: read, lengths }));
    return normalize(this.head ? this.head.forward(vectors) : vectors);
  }

  /**
   * The vector of a text or series, of length 1: `dimension` numbers.
   *
   * @throws OptionError for an input that it cannot read; NumericError where its weights are not finite
   */
  encode(example: Input): Float32Array<ArrayBuffer> {
    const op = `${NAME}.encode`;
    checkCall(op, arguments, "example");
    return this.#vectors(op, [this.input.encode(op, example)])[0]!;
  }

  /** The vectors of many, in their order: faster than one by one. */
  encodeBatch(examples: Iterable<Input>): Float32Array<ArrayBuffer>[] {
    const op = `${NAME}.encodeBatch`;
    checkCall(op, arguments, "examples");
    checkIterable(op, "a list of inputs", examples);
    return this.encodeAll_(op, Array.from(examples));
  }

  /** The cosine of the angle between the vectors of two inputs, -1 to 1. */
  similarity(a: Input, b: Input): number {
    const op = `${NAME}.similarity`;
    checkCall(op, arguments, "a b");
    const [left, right] = this.#vectors(op, [this.input.encode(op, a), this.input.encode(op, b)]);
    return dot(left!, right!, 0);
  }

  /**
   * How alike the two of a pair are, and whether they belong together.
   *
   * @throws OptionError for inputs that it cannot read; NumericError where its weights are not finite
   */
  predict(pair: Pick<InputPair<Input>, "a" | "b">): PairPrediction {
    const op = `${NAME}.predict`;
    checkCall(op, arguments, "pair:object");
    return this.#answer(this.#vectors(op, this.encodeInput(op, inputsOf(op, pair))));
  }

  /** The same of many pairs, in their order: faster than one by one. */
  predictBatch(pairs: Iterable<Pick<InputPair<Input>, "a" | "b">>): PairPrediction[] {
    const op = `${NAME}.predictBatch`;
    checkCall(op, arguments, "pairs");
    checkIterable(op, "a list of pairs", pairs);
    const encoded = Array.from(pairs, (pair, place) =>
      inPlace("pair", place, () => {
        checkExample(op, "pair", pair);
        return this.encodeInput(op, inputsOf(op, pair));
      }),
    );
    const vectors = this.#inBatches(op, encoded.flat());
    return encoded.map((_, i) => this.#answer(vectors.slice(2 * i, 2 * i + 2)));
  }

  /**
   * A set of examples with labels, empty or as `References.toBytes` gave it, that inputs are matched with: labels that the
   * network was not trained on are known from one example.
   *
   * @param bytes of a set that this network, or one with its weights, has made
   * @throws FormatError for bytes that are none, or of vectors of another size
   */
  references(options: ReferencesOptions = {}): References<Input> {
    const op = `${NAME}.references`;
    checkCall(op, arguments, "{bytes:Uint8Array prototypes:boolean}");
    return new References(this, options);
  }

  /**
   * What of a set of references an input is most like.
   *
   * @param options.count how many answers. Default 1
   */
  match(
    query: Input,
    references: References<Input>,
    options: { count?: number | undefined } = {},
  ): Match[] {
    const op = `${NAME}.match`;
    checkCall(op, arguments, "query references:object {count:number}");
    checkLike(op, "what references() gave", "match", references);
    return references.match(query, options);
  }

  /**
   * How well labels are told from few examples of each, without training: draws some labels and examples of each at
   * random, matches all others of these labels with them, and repeats it (Koch et al. 2015; Vinyals et al. 2016).
   *
   * @throws OptionError where there are not enough labels with enough examples
   */
  evaluateOneShot(
    examples: Iterable<{ readonly input: Input; readonly label: string }>,
    options: OneShotOptions = {},
  ): OneShotScores {
    const op = `${NAME}.evaluateOneShot`;
    checkCall(op, arguments, "examples options?:object");
    return oneShotScores(op, this, examples, options);
  }

  /** @internal The vectors of inputs, in their order. */
  encodeAll_(op: string, inputs: readonly Input[]): Float32Array<ArrayBuffer>[] {
    const encoded = inputs.map((input, place) =>
      inPlace("input", place, () => this.input.encode(op, input)),
    );
    return this.#inBatches(op, encoded);
  }

  #inBatches(op: string, encoded: readonly Encoded[]): Float32Array<ArrayBuffer>[] {
    const found: Float32Array<ArrayBuffer>[] = [];
    for (const places of inBatches(encoded, (one) => this.input.timeOf(one))) {
      const some = this.#vectors(
        op,
        places.map((i) => encoded[i]!),
      );
      places.forEach((i, row) => (found[i] = some[row]!));
    }
    return found;
  }

  /** The vectors of one batch. */
  #vectors(op: string, batch: readonly Encoded[]): Float32Array<ArrayBuffer>[] {
    const all = inEvaluation(this, () =>
      scope(() =>
        noGrad(() => {
          const vectors = this.forward(batch);
          refuseNonFiniteLogits(op, { vectors });
          return vectors.data() as Float32Array<ArrayBuffer>;
        }),
      ),
    );
    const { dimension } = this;
    return batch.map((_, row) => all.slice(row * dimension, (row + 1) * dimension));
  }

  #answer([a, b]: readonly Float32Array[]): PairPrediction {
    const score = dot(a!, b!, 0);
    return { score, same: score >= this.#threshold };
  }

  protected override inputOf(example: SiameseExample<Input>): Inputs<Input> {
    return inputsOf(`${NAME}.fit`, example);
  }
  protected override encodeInput(op: string, inputs: Inputs<Input>): EncodedInputs {
    return inputs.map((input) => this.input.encode(op, input));
  }
  protected override encodeTarget(
    op: string,
    example: SiameseExample<Input>,
    _: EncodedInputs,
    training: boolean,
  ): Target {
    return targetOf(op, example, training);
  }
  protected override lengthOf(encoded: EncodedInputs): number {
    return encoded.reduce((sum, one) => sum + this.input.timeOf(one), 0);
  }
  protected override unknownIn(encoded: EncodedInputs): number {
    return encoded.reduce((sum, one) => sum + (this.input.unknownIn?.(one) ?? 0), 0);
  }

  protected override beginFit(): (one: EncodedExample<Types<Input>>) => void {
    const learnt = (this.#learnt = new TrainingExamples());
    return ({ target }) => {
      learnt.add(`${NAME}.fit`, KIND.item, target);
      this.#graded = learnt.kind === "graded pairs";
    };
  }
  protected override batchesOf(
    op: string,
    examples: Prepared<EncodedExample<Types<Input>>>,
    settings: FitSettingsOf<Types<Input>>,
  ): BatchSource<EncodedExample<Types<Input>>[]> {
    const { loss, batchSize, bufferSize, perLabel, thresholdFor } = settings;
    this.#learnt.check(op, loss!);
    this.#thresholdFor = thresholdFor!;
    const batching = { loss: loss!, batchSize, bufferSize, perLabel: perLabel! };
    const lengthOf = ({ encoded }: EncodedExample<Types<Input>>) => this.lengthOf(encoded);
    return siameseBatches(op, examples, lengthOf, { ...batching, kind: this.#learnt.kind! });
  }
  protected override lossOf(
    batch: readonly EncodedExample<Types<Input>>[],
    settings: FitSettingsOf<Types<Input>>,
  ): Tensor {
    if (!TRAINING) throw cannotTrain(NAME);
    const { augment, loss, margin, scale, closest, soft } = settings;
    const op = `${NAME}.fit (augment)`;
    const read = batch.map(({ example, encoded }) =>
      augment
        ? inputsOf(op, example).map((input) => this.input.encode(op, augment(input)))
        : encoded,
    );
    const towers = read[0]!.map((_, side) => read.map((encoded) => encoded[side]!));
    const targets = batch.map(({ target }) => target);
    const own = { loss: loss!, margin, scale: scale!, closest: closest!, soft: soft! };
    return siameseLoss(this.forward(towers.flat()), targets, own);
  }
  protected override scoring(op: string, fitting: boolean): Scoring<Types<Input>> {
    const threshold = fitting ? undefined : this.#threshold;
    const item = KIND.item;
    return {
      scorer: new SiameseScorer({ op, item }, threshold, this.#thresholdFor),
      find: (batch) => {
        const flat = this.#vectors(
          op,
          batch.flatMap(({ encoded }) => encoded),
        );
        let at = 0;
        return batch.map(({ encoded }) => flat.slice(at, (at += encoded.length)));
      },
    };
  }
  protected override endFit({ evaluation }: Pick<SiameseScorer, "evaluation">): void {
    const { decisions } = evaluation.details;
    if (decisions) this.threshold = Math.max(-1, Math.min(1, decisions.threshold));
  }
  protected override describe() {
    const { input, options, threshold } = this;
    return { input: input.toJSON(), options, threshold };
  }
}
