// A text that becomes another: a translation, an answer, a date in another form. An encoder reads it, a decoder writes.
import { checkCall, definedOnly } from "../../core/check.js";
import { checkIterable } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { inPlace, type Examples } from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { tokenizerFromJSON } from "../../text/tokenizer.js";
import { loadModel } from "../kit/model-file.js";
import type { Evaluation } from "../kit/ready-model.js";
import { fillVectors } from "../parts/pretrained.js";
import type {
  AttendedPrediction,
  Seq2SeqPrediction,
  SequencePair,
  SequenceScore,
  SequenceText,
} from "./example.js";
import { foundIn } from "./found-in.js";
import type { BuildSeq2SeqOptions, Seq2SeqOptions } from "./options.js";
import { KIND, NAME, PairModel } from "./pair-model.js";
import type { Asked } from "./asked.js";
import { askedOf, lossesOf } from "./parts.js";
import { pairScoring } from "./scoring.js";
import type { Seq2SeqDetails, Seq2SeqScores } from "./scorer.js";
import {
  PREDICT_KEYS,
  SEARCH_KEYS,
  searchSettings,
  type SearchOptions,
  type SearchSettings,
  type Seq2SeqPredictOptions,
} from "./search-options.js";
import { disposeOf } from "./target-writer.js";
import { beginning, decoderOf, writeTexts } from "./write.js";

/**
 * Texts to texts: an encoder reads the source, a decoder writes the target token by token and looks at the source as it
 * does (Sutskever et al. 2014; Bahdanau et al. 2015; Luong et al. 2015); with `architecture: "transformer"` both are layers of
 * attention (Vaswani et al. 2017). Tokens are characters, words or subwords.
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
export class Seq2Seq extends PairModel {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Seq2Seq";

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
      const { vectors } = options;
      if (vectors)
        fillVectors(model.encoder.embedding, tokenizers.source.vocabulary.tokens, vectors);
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
    const settings = searchSettings(op, options, this.#looks);
    return this.#predict(op, [this.#asked(op, source)], settings)[0]!;
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
      inPlace(KIND.item, place, () => this.#asked(op, text)),
    );
    return this.#predict(op, read, searchSettings(op, options, this.#looks));
  }

  #asked(op: string, source: SequenceText): Asked<Int32Array> {
    return askedOf(this, this.source.read(op, "source", source), this.encodeInput(op, source));
  }

  #predict(
    op: string,
    sources: readonly Asked<Int32Array>[],
    settings: SearchSettings,
  ): Seq2SeqPrediction[] {
    const found = writeTexts(op, this, sources, settings);
    return found.map((all) => ({ ...all[0]!, alternatives: all }));
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
    const { ids } = this.encodeTarget(op, { source, target });
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
    return decoderOf(op, this, read, options);
  }

  protected override describe() {
    const [source, target] = [this.source.tokenizer, this.target.tokenizer];
    return { source, target: source === target ? null : target, options: this.options };
  }
}
