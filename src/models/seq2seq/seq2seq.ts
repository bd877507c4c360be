// A text that becomes another: a translation, an answer, a date in another form. Encoder → decoder with attention.
import { checkCall, definedOnly } from "../../core/check.js";
import { checkIterable, checkLike } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { readOptions } from "../../core/options.js";
import type { BatchSource } from "../../data/batches.js";
import { inPlace, type Examples, type Prepared } from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import type { Tensor } from "../../tensor/tensor.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import { tokenizerFromJSON, type Tokenizer } from "../../text/tokenizer.js";
import { ExampleModel } from "../kit/example-model.js";
import type { FitOptions } from "../kit/fit-options.js";
import { loadModel } from "../kit/model-file.js";
import type { Evaluation, TrainingStatistics } from "../kit/ready-model.js";
import type { EncodedExample, FitSettingsOf, Scoring } from "../kit/task-types.js";
import { disposeOf } from "./decoder.js";
import { chooseFit } from "./defaults.js";
import { foundIn } from "./found-in.js";
import {
  type AttendedPrediction,
  type Seq2SeqPrediction,
  type SequencePair,
  type SequenceScore,
  type SequenceText,
} from "./example.js";
import {
  checkTogether,
  SEQ2SEQ_FIT_OPTIONS,
  SEQ2SEQ_OPTIONS,
  type BuildSeq2SeqOptions,
  type Seq2SeqFitExtra,
  type Seq2SeqOptions,
  type Seq2SeqSettings,
} from "./options.js";
import { pairBatches } from "./pair-batches.js";
import { asRead, forced, lossesOf, type ReadSource } from "./parts.js";
import { pairScoring, unknownIn, type Types } from "./scoring.js";
import { SEQ2SEQ_METRICS, type Seq2SeqDetails, type Seq2SeqScores } from "./scorer.js";
import {
  PREDICT_KEYS,
  SEARCH_KEYS,
  searchSettings,
  type SearchOptions,
  type SearchSettings,
  type Seq2SeqPredictOptions,
} from "./search-options.js";
import { haveOneVocabulary, Side } from "./side.js";
import { SourceEncoder } from "./source-encoder.js";
import { TargetWriter } from "./target-writer.js";
import { beginning, decoderOf, writeTexts } from "./write.js";

const NAME = "Seq2Seq";
const KIND = {
  ...{ name: NAME, kind: "seq2seq", version: 1, item: "pair" },
  fitOptions: SEQ2SEQ_FIT_OPTIONS,
};

/**
 * Texts to texts: an encoder reads the source, a decoder writes the target token by token and looks at the source as it
 * does (Sutskever et al. 2014; Bahdanau et al. 2015; Luong et al. 2015). Tokens are characters, words or subwords.
 *
 * @example
 * ```ts
 * const pairs = ["ab", "ba", "aab", "abb"].map((source) => ({
 *   source,
 *   target: [...source].reverse().join(""),
 * }));
 * const model = Seq2Seq.build(pairs, { hiddenSize: 16, embeddingSize: 16 });
 * await model.fit(pairs, { epochs: 40, learningRate: 0.02 });
 * const { text, logProbability } = model.predict("abb");
 * console.log(text, logProbability);
 * ```
 */
export class Seq2Seq extends ExampleModel<Types> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Seq2Seq";
  readonly options: Seq2SeqSettings;
  readonly source: Side;
  readonly target: Side;
  readonly encoder: SourceEncoder;
  readonly writer: TargetWriter;
  /** Validation pairs that are translated in a training. */
  #decodedExamples = Infinity;

  /**
   * From its parts; `build` finds them in pairs.
   *
   * @param tokenizers cut both sides into tokens: one for both, or one each
   * @throws OptionError for options that do not fit together
   */
  constructor(
    tokenizers: { readonly source: Tokenizer; readonly target: Tokenizer },
    options: Seq2SeqOptions = {},
  ) {
    checkCall(NAME, arguments, "tokenizers:object options?:object");
    super();
    for (const side of ["source", "target"] as const)
      checkLike(NAME, `a tokenizer as tokenizers.${side}`, "decoder", tokenizers[side]);
    this.options = readOptions(NAME, SEQ2SEQ_OPTIONS, options);
    checkTogether(NAME, options, haveOneVocabulary(tokenizers));
    const { lowercase } = this.options;
    this.source = new Side(tokenizers.source, lowercase);
    this.target = new Side(tokenizers.target, lowercase);
    this.encoder = new SourceEncoder(this.source, this.options);
    this.writer = new TargetWriter(this.target, this.encoder, this.options);
  }

  /**
   * A model, not trained yet, for the tokens of pairs. A promise for a function that opens a stream of pairs, which is
   * read once.
   *
   * @throws OptionError for no pair, one whose sides are no texts, or options that nothing would read; BackendError in
   *   `hiddenstate/infer`, which does not train
   */
  static build(pairs: Iterable<SequencePair>, options?: BuildSeq2SeqOptions): Seq2Seq;
  static build(open: OpenStream<SequencePair>, options?: BuildSeq2SeqOptions): Promise<Seq2Seq>;
  static build(
    pairs: Examples<SequencePair>,
    options: BuildSeq2SeqOptions = {},
  ): Seq2Seq | Promise<Seq2Seq> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "pairs options?:object");
    return foundIn({ op, item: KIND.item }, pairs, options, ({ tokenizers, own, notes }) => {
      const model = new Seq2Seq(tokenizers, own);
      model.notes = notes;
      return model;
    });
  }

  /**
   * The model that `save` wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): Seq2Seq {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    const kind = { ...KIND };
    return loadModel(
      bytes,
      kind,
      ["source", "target", "options"],
      ({ source, target, options }) => {
        const read = tokenizerFromJSON(source);
        // One for both sides stands in the file once.
        const tokenizers = {
          source: read,
          target: target === null ? read : tokenizerFromJSON(target),
        };
        return new Seq2Seq(tokenizers, options as Seq2SeqOptions);
      },
    );
  }

  protected override get kind() {
    const characters = this.target.tokenizer instanceof CharTokenizer;
    return {
      ...KIND,
      chooseFit: (data: TrainingStatistics, given: FitOptions<Seq2SeqScores> & Seq2SeqFitExtra) =>
        chooseFit(data, given, characters),
    };
  }
  override readonly metrics = SEQ2SEQ_METRICS;

  /** Logits `[tokens, vocabulary]` of the targets' tokens, one target after another, each token after the right ones. */
  forward(sources: readonly Int32Array[], targets: readonly Int32Array[]): Tensor {
    return this.#forced(sources, targets).logits;
  }

  #forced(sources: readonly Int32Array[], targets: readonly Int32Array[]) {
    return forced(this, this.writer.begin(this.encoder.forward(sources)), targets);
  }

  protected override inputOf({ source }: SequencePair): SequenceText {
    return source;
  }
  protected override encodeInput(op: string, source: SequenceText): Int32Array {
    return asRead(this.source.encode(this.source.read(op, "source", source)), this.options);
  }
  protected override encodeTarget(op: string, { target }: SequencePair): Types["Target"] {
    const text = this.target.read(op, "target", target);
    return { ids: this.target.encode(text), text };
  }
  protected override lengthOf(source: Int32Array): number {
    return source.length;
  }
  protected override unknownIn(source: Int32Array): number {
    return unknownIn(this.source, source);
  }

  /** Batches of pairs of about one length on both sides. */
  protected override batchesOf(
    op: string,
    examples: Prepared<EncodedExample<Types>>,
    settings: FitSettingsOf<Types>,
  ): BatchSource<EncodedExample<Types>[]> {
    const subwords = [this.source, this.target].some(
      ({ tokenizer }) => tokenizer instanceof SubwordTokenizer,
    );
    if (settings.subwordDropout! > 0 && !subwords)
      throw new OptionError({ op, expected: "subwords for subwordDropout", got: "none" });
    this.#decodedExamples = settings.decodedExamples!;
    return pairBatches(op, examples, settings);
  }

  protected override lossOf(
    batch: readonly EncodedExample<Types>[],
    { labelSmoothing, subwordDropout: p }: FitSettingsOf<Types>,
  ): Tensor {
    if (!TRAINING) throw cannotTrain(NAME);
    const sources = batch.map(({ encoded, example }) =>
      p! > 0 ? this.#cutAnew(example.source, p!) : encoded,
    );
    const targets = batch.map(({ target }) =>
      p! > 0 ? this.target.encode(target.text, p) : target.ids,
    );
    const { logits, tokens } = this.#forced(sources, targets);
    return crossEntropy(logits, tokens, { labelSmoothing });
  }

  #cutAnew(source: SequenceText, dropout: number): Int32Array {
    const text = this.source.read(NAME, "source", source);
    return asRead(this.source.encode(text, dropout), this.options);
  }

  protected override scoring(op: string, fitting: boolean): Scoring<Types> {
    const greedy = searchSettings(op, { beams: 1 }, false);
    return pairScoring(op, this, greedy, fitting ? this.#decodedExamples : Infinity);
  }

  /**
   * Scores the model on pairs, without dropout.
   *
   * @param options how the sources are translated, as for {@link predict}, but with one beam by default
   * @throws OptionError for no pair, or one that it cannot be measured by, with its place
   */
  override async evaluate(
    pairs: Examples<SequencePair>,
    options: SearchOptions = {},
  ): Promise<Evaluation<Seq2SeqScores, Seq2SeqDetails>> {
    const op = `${NAME}.evaluate`;
    checkCall(op, arguments, `pairs {${SEARCH_KEYS}}`);
    const settings = searchSettings(op, { beams: 1, ...definedOnly(options) }, this.#looks);
    return this.evaluate_(op, pairs, pairScoring(op, this, settings, Infinity));
  }

  /**
   * What becomes of a text: by beam search, the text that is the most probable, by the mean of its tokens, of those that the
   * search finds.
   *
   * @throws OptionError for what is no text, or options that make no sense; NumericError where its weights are not finite
   */
  predict(
    source: SequenceText,
    options: Seq2SeqPredictOptions & { attention: true },
  ): AttendedPrediction;
  predict(source: SequenceText, options?: Seq2SeqPredictOptions): Seq2SeqPrediction;
  predict(source: SequenceText, options: Seq2SeqPredictOptions = {}): Seq2SeqPrediction {
    const op = `${NAME}.predict`;
    checkCall(op, arguments, `source:string|list {${PREDICT_KEYS}}`);
    return this.#predict([this.#read(op, source)], searchSettings(op, options, this.#looks))[0]!;
  }

  /** What becomes of texts, in their order: faster than one by one. */
  predictBatch(
    sources: Iterable<SequenceText>,
    options: Seq2SeqPredictOptions & { attention: true },
  ): AttendedPrediction[];
  predictBatch(
    sources: Iterable<SequenceText>,
    options?: Seq2SeqPredictOptions,
  ): Seq2SeqPrediction[];
  predictBatch(
    sources: Iterable<SequenceText>,
    options: Seq2SeqPredictOptions = {},
  ): Seq2SeqPrediction[] {
    const op = `${NAME}.predictBatch`;
    checkCall(op, arguments, `sources {${PREDICT_KEYS}}`);
    checkIterable(op, "a list of inputs", sources);
    const read = Array.from(sources, (text, place) =>
      inPlace(KIND.item, place, () => this.#read(op, text)),
    );
    return this.#predict(read, searchSettings(op, options, this.#looks));
  }

  #read(op: string, source: SequenceText): ReadSource {
    return { text: this.source.read(op, "source", source), ids: this.encodeInput(op, source) };
  }

  #predict(sources: readonly ReadSource[], settings: SearchSettings): Seq2SeqPrediction[] {
    return writeTexts(this, sources, settings).map((all) => ({ ...all[0]!, alternatives: all }));
  }

  get #looks(): boolean {
    return this.options.attention !== "none";
  }

  /**
   * How probable a text is to the model as what becomes of another.
   *
   * @throws OptionError for what is no text; NumericError where its weights are not finite
   */
  score(source: SequenceText, target: SequenceText): SequenceScore {
    const op = `${NAME}.score`;
    checkCall(op, arguments, "source:string|list target:string|list");
    const ids = this.target.encode(this.target.read(op, "target", target));
    const begin = beginning(this, [this.encodeInput(op, source)]);
    let losses: Float32Array;
    try {
      [losses] = lossesOf(op, this, begin, [ids]) as [Float32Array];
    } finally {
      disposeOf(begin);
    }
    const logProbabilities = Array.from(losses, (loss) => -loss);
    return {
      logProbability: logProbabilities.reduce((sum, one) => sum + one, 0),
      tokens: this.target.tokens(ids),
      logProbabilities,
    };
  }

  /**
   * The model as a writer about sources, for `greedy`, `sample` and `beamSearch` of `hiddenstate/decode`: a row for each
   * source. Ids are those of `target`, whose `end` both begins and ends a text. The encoder runs once; dispose of it.
   *
   * ```ts
   * const { end } = model.target;
   * const decoder = model.decoder(["hello"], { capacity: 4 });
   * const [texts] = sample(decoder, { samples: 4, prompt: end, endToken: end });
   * ```
   */
  decoder(sources: readonly SequenceText[], options: DecoderOptions = {}): Decoder {
    const op = `${NAME}.decoder`;
    checkCall(op, arguments, "sources:list {rows:number capacity:number}");
    if (sources.length === 0) throw new OptionError({ op, expected: "a source", got: "none" });
    const read = sources.map((text) => this.encodeInput(op, text));
    return decoderOf(this, read, options);
  }

  protected override describe() {
    const [source, target] = [this.source.tokenizer, this.target.tokenizer];
    return { source, target: source === target ? null : target, options: this.options };
  }
}
