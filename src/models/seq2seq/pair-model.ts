// How a Seq2Seq model learns: its parts, pairs as ids, batches, the loss.
import { checkCall } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import type { BatchSource } from "../../data/batches.js";
import type { Prepared } from "../../data/examples.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import type { Tensor } from "../../tensor/tensor.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { ExampleModel } from "../kit/example-model.js";
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import type { EncodedExample, FitSettingsOf, MeanLoss, Scoring } from "../kit/task-types.js";
import { checkTogether } from "./check-together.js";
import { chooseFit } from "./defaults.js";
import type { SequencePair, SequenceText, SideName } from "./example.js";
import { SEQ2SEQ_FIT_OPTIONS, type Seq2SeqFitExtra } from "./fit-options.js";
import { layersOf, type Layers } from "./layers.js";
import { seq2seqSettings, type Seq2SeqOptions, type Seq2SeqSettings } from "./options.js";
import { pairBatches } from "./pair-batches.js";
import { asRead, begun, forced, type Seq2SeqParts } from "./parts.js";
import { pairScoring, unknownIn, type Types } from "./scoring.js";
import { SEQ2SEQ_METRICS, type Seq2SeqScores } from "./scorer.js";
import { searchSettings } from "./search-options.js";
import { haveOneVocabulary, Side } from "./side.js";

export const NAME = "Seq2Seq";
export const KIND = {
  ...{ name: NAME, kind: "seq2seq", version: 1, item: "pair" },
  fitOptions: SEQ2SEQ_FIT_OPTIONS,
};

export abstract class PairModel extends ExampleModel<Types> implements Seq2SeqParts {
  readonly options: Seq2SeqSettings;
  readonly source: Side;
  readonly target: Side;
  /** Of recurrent layers, or of a Transformer's, as `options.architecture` says. */
  readonly encoder: Layers["encoder"];
  readonly writer: Layers["writer"];
  /** Validation pairs that are translated in a training. */
  #decodedExamples = Infinity;

  /**
   * From its parts; `build` finds them in pairs.
   *
   * @param tokenizers cut both sides into tokens: one for both, or one each
   * @throws OptionError for options that do not fit together, or that the architecture does not have
   */
  constructor(
    tokenizers: { readonly source: Tokenizer; readonly target: Tokenizer },
    options: Seq2SeqOptions = {},
  ) {
    checkCall(NAME, arguments, "tokenizers:object options?:object");
    super();
    for (const side of ["source", "target"] as const)
      checkLike(NAME, `a tokenizer as tokenizers.${side}`, "decoder", tokenizers[side]);
    checkTogether(NAME, options, haveOneVocabulary(tokenizers));
    this.options = seq2seqSettings(NAME, options);
    const { lowercase } = this.options;
    this.source = new Side(tokenizers.source, lowercase);
    this.target = new Side(tokenizers.target, lowercase);
    const { encoder, writer } = layersOf(this.source, this.target, this.options);
    this.encoder = encoder;
    this.writer = writer;
  }

  protected override get kind() {
    const { architecture } = this.options;
    const characters = this.target.tokenizer instanceof CharTokenizer;
    return {
      ...KIND,
      chooseFit: (data: TrainingStatistics, given: FitOptions<Seq2SeqScores> & Seq2SeqFitExtra) =>
        chooseFit(data, given, { architecture, characters }),
    };
  }
  override readonly metrics = SEQ2SEQ_METRICS;

  /** Logits `[tokens, vocabulary]` of the targets' tokens, one target after another, each token after the right ones. */
  forward(sources: readonly Int32Array[], targets: readonly Int32Array[]): Tensor {
    return this.#forced(sources, targets).logits;
  }

  #forced(sources: readonly Int32Array[], targets: readonly Int32Array[]) {
    return forced(this, begun(this, sources), targets);
  }

  protected override inputOf({ source }: SequencePair): SequenceText {
    return source;
  }
  protected override encodeInput(op: string, source: SequenceText): Int32Array {
    const ids = this.source.encode(this.source.read(op, "source", source));
    return asRead(this.fitting(op, "source", ids), this.options);
  }
  protected override encodeTarget(op: string, { target }: SequencePair): Types["Target"] {
    const text = this.target.read(op, "target", target);
    return { ids: this.fitting(op, "target", this.target.encode(text)), text };
  }
  protected override lengthOf(source: Int32Array): number {
    return source.length;
  }
  protected override unknownIn(source: Int32Array): number {
    return unknownIn(this.source, source);
  }

  /** Refuses what is longer than learned positions reach. */
  protected fitting(op: string, side: SideName, ids: Int32Array): Int32Array {
    const { contextLength = Infinity } = this.options;
    if (ids.length <= contextLength) return ids;
    throw new OptionError({
      op,
      expected: `a ${side} of at most ${contextLength} tokens with its end mark, the contextLength of learned positions`,
      got: `${ids.length}`,
      cure: 'Positions "rotary" and "sinusoidal" have no end.',
    });
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
  ): MeanLoss {
    if (!TRAINING) throw cannotTrain(NAME);
    const sources = batch.map(({ encoded, example }) =>
      p! > 0 ? this.#cutAnew(encoded, example.source, p!) : encoded,
    );
    const targets = batch.map(({ target }) =>
      p! > 0 ? this.#within(this.target.encode(target.text, p), target.ids) : target.ids,
    );
    const { logits, tokens } = this.#forced(sources, targets);
    return { loss: crossEntropy(logits, tokens, { labelSmoothing }), count: tokens.size };
  }

  /** What is cut anew is cut from the text. */
  protected override readsExamples({ subwordDropout }: FitSettingsOf<Types>): boolean {
    return subwordDropout! > 0;
  }

  #cutAnew(encoded: Int32Array, source: SequenceText, dropout: number): Int32Array {
    const text = this.source.read(NAME, "source", source);
    return this.#within(asRead(this.source.encode(text, dropout), this.options), encoded);
  }

  /** A text that is cut anew, unless it has become too long for learned positions. */
  #within(anew: Int32Array, ids: Int32Array): Int32Array {
    return anew.length <= (this.options.contextLength ?? Infinity) ? anew : ids;
  }

  protected override scoring(op: string, fitting: boolean): Scoring<Types> {
    const greedy = searchSettings(op, { beams: 1 }, false);
    return pairScoring(op, this, greedy, fitting ? this.#decodedExamples : Infinity);
  }
}
