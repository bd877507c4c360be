// Vectors of texts or series that lie close where they belong together: one network for both of a pair.
import { checkCall } from "../../core/check.js";
import { checkIterable, checkLike } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import type { BatchSource } from "../../data/batches.js";
import { inPlace, type Examples, type Prepared } from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { dot } from "../../vectors/search.js";
import type { FitOptions } from "../kit/fit-options.js";
import { loadModel } from "../kit/model-file.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import type {
  EncodedExample,
  FitSettingsOf,
  MeanLoss,
  Scoring,
  TaskKind,
} from "../kit/task-types.js";
import { encoderFromFile } from "../parts/encoder-options.js";
import { batchLength } from "../parts/encoders.js";
import { inputFromJSON } from "../parts/input-from-json.js";
import type { InputLayer } from "../parts/input.js";
import type { Series } from "../parts/series-input.js";
import { siameseBatches } from "./batches.js";
import { chooseFit } from "./defaults.js";
import {
  inputsOf,
  pairOf,
  targetOf,
  type EncodedInputs,
  type InputPair,
  type PairPrediction,
  type SiameseExample,
  type Target,
} from "./example.js";
import { foundIn } from "./found-in.js";
import { siameseLoss } from "./losses.js";
import { oneShotScores, type OneShotOptions, type OneShotScores } from "./one-shot.js";
import {
  SIAMESE_FIT_OPTIONS,
  type BuildSiameseOptions,
  type SiameseFitExtra,
  type SiameseOptions,
} from "./options.js";
import { SIAMESE_METRICS, type SiameseDetails, type SiameseScores } from "./pair-scores.js";
import { References, type Match, type ReferencesOptions } from "./references.js";
import { SiameseScorer } from "./scorer.js";
import { TrainingExamples } from "./training-examples.js";
import { VectorModel, type VectorTypes } from "./vector-model.js";

const NAME = "SiameseNetwork";
const KIND = {
  ...{ name: NAME, kind: "siamese-network", version: 1, item: "example" },
  fitOptions: SIAMESE_FIT_OPTIONS,
};

interface Types<Input> extends VectorTypes<Input> {
  Example: SiameseExample<Input>;
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
export class SiameseNetwork<Input = string> extends VectorModel<Input, Types<Input>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = NAME;
  /** What is learnt from, in a training. */
  #learnt = new TrainingExamples();
  #thresholdFor: "accuracy" | "f1" = "accuracy";
  #threshold = 0.5;

  /** From its parts; `build` finds them in examples. */
  constructor(input: InputLayer<Input>, options: SiameseOptions = {}) {
    checkCall(NAME, arguments, "input:object options?:object");
    super(NAME, input, options);
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
  override readonly metrics = SIAMESE_METRICS;

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

  /**
   * How alike the two of a pair are, and whether they belong together.
   *
   * @throws OptionError for inputs that it cannot read; NumericError where its weights are not finite
   */
  predict(pair: Pick<InputPair<Input>, "a" | "b">): PairPrediction {
    const op = `${NAME}.predict`;
    checkCall(op, arguments, "pair:object");
    return this.#answer(this.inBatches_(op, this.encodeInput(op, pairOf(op, pair))));
  }

  /** The same of many pairs, in their order: faster than one by one. */
  predictBatch(pairs: Iterable<Pick<InputPair<Input>, "a" | "b">>): PairPrediction[] {
    const op = `${NAME}.predictBatch`;
    checkCall(op, arguments, "pairs");
    checkIterable(op, "a list of pairs", pairs);
    const encoded = Array.from(pairs, (pair, place) =>
      inPlace("pair", place, () => this.encodeInput(op, pairOf(op, pair))),
    );
    const vectors = this.inBatches_(op, encoded.flat());
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

  #answer([a, b]: readonly Float32Array[]): PairPrediction {
    const score = dot(a!, b!, 0);
    return { score, same: score >= this.#threshold };
  }

  protected override encodeTarget(
    op: string,
    example: SiameseExample<Input>,
    _: EncodedInputs,
    training: boolean,
  ): Target {
    return targetOf(op, example, training);
  }

  protected override beginFit(): (one: EncodedExample<Types<Input>>) => void {
    const learnt = (this.#learnt = new TrainingExamples());
    return ({ target }) => learnt.add(`${NAME}.fit`, KIND.item, target);
  }
  protected override batchedBy(encoded: EncodedInputs): number {
    return batchLength(this.options, this.lengthOf(encoded));
  }
  protected override batchesOf(
    op: string,
    examples: Prepared<EncodedExample<Types<Input>>>,
    settings: FitSettingsOf<Types<Input>>,
  ): BatchSource<EncodedExample<Types<Input>>[]> {
    if (!TRAINING) throw cannotTrain(op);
    const { loss, batchSize, bufferSize, perLabel, thresholdFor } = settings;
    this.#learnt.check(op, loss!);
    this.#thresholdFor = thresholdFor!;
    const batching = { loss: loss!, batchSize, bufferSize, perLabel: perLabel! };
    const lengthOf = ({ encoded }: EncodedExample<Types<Input>>) => this.batchedBy(encoded);
    return siameseBatches(op, examples, lengthOf, { ...batching, kind: this.#learnt.kind! });
  }
  protected override lossOf(
    batch: readonly EncodedExample<Types<Input>>[],
    settings: FitSettingsOf<Types<Input>>,
  ): MeanLoss {
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
    return { loss: siameseLoss(this.forward(towers.flat()), targets, own), count: batch.length };
  }
  protected override readsExamples({ augment }: FitSettingsOf<Types<Input>>): boolean {
    return augment !== undefined;
  }
  /** Labelled inputs are compared with those of their label, and of another: negatives are a shard's own. */
  protected override togetherIn({ loss, perLabel }: FitSettingsOf<Types<Input>>): number {
    if (this.#learnt.kind !== "labelled inputs") return 1;
    return loss === "batchHard" ? 2 * perLabel! : 2;
  }
  protected override scoring(op: string, fitting: boolean): Scoring<Types<Input>> {
    const threshold = fitting ? undefined : this.#threshold;
    const item = KIND.item;
    return {
      scorer: new SiameseScorer({ op, item }, threshold, this.#thresholdFor),
      find: (batch) => {
        const flat = this.inBatches_(
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
