// A text that becomes another: a translation, an answer, a date in another form. Encoder → decoder with attention.
import { noGrad } from "../../autograd/mode.js";
import { checkCall, definedOnly } from "../../core/check.js";
import { checkIterable, checkLike } from "../../core/check-like.js";
import { NumericError, OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { pickOptions, readOptions } from "../../core/options.js";
import type { BatchSource } from "../../data/batches.js";
import {
  checkExample,
  counted,
  inPlace,
  trainingBatches,
  type Examples,
  type Prepared,
} from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { tokenizerFromJSON, type Tokenizer } from "../../text/tokenizer.js";
import { ExampleModel, inBatches } from "../kit/example-model.js";
import { chosenNote, loadModel } from "../kit/model-file.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { EncodedExample, FitSettingsOf, Scoring, TaskTypes } from "../kit/task-types.js";
import { Seq2SeqDecoder } from "./decoder.js";
import { chooseFit, chooseModel, SLACK } from "./defaults.js";
import {
  checkText,
  type Seq2SeqPrediction,
  type SequencePair,
  type SequenceScore,
} from "./example.js";
import {
  BUILD_SEQ2SEQ_OPTIONS,
  PAIR_TOKEN_OPTIONS,
  SEQ2SEQ_FIT_OPTIONS,
  SEQ2SEQ_OPTIONS,
  type BuildSeq2SeqOptions,
  type Seq2SeqFitExtra,
  type Seq2SeqOptions,
  type Seq2SeqSettings,
} from "./options.js";
import { PairCounter } from "./pair-tokens.js";
import {
  SEQ2SEQ_METRICS,
  Seq2SeqScorer,
  type Seq2SeqDetails,
  type Seq2SeqScores,
} from "./scorer.js";
import { searchFor } from "./search.js";
import {
  searchSettings,
  type SearchOptions,
  type SearchSettings,
  type Seq2SeqPredictOptions,
} from "./search-options.js";
import { Side } from "./side.js";
import { SourceEncoder } from "./source-encoder.js";
import { TargetWriter } from "./target-writer.js";
import { writtenTexts } from "./written.js";

const NAME = "Seq2Seq";
const KIND = {
  ...{ name: NAME, kind: "seq2seq", version: 1, item: "pair" },
  fitOptions: SEQ2SEQ_FIT_OPTIONS,
};

/** A right answer: its ids, the end mark last, and its text. */
interface Target {
  readonly ids: Int32Array;
  readonly text: string;
}

/** What is found about a pair. */
interface Finding {
  /** Of each token of the right answer, the negative logarithm of its probability. */
  readonly losses: Float32Array;
  /** What the model writes; undefined where it was not asked. */
  readonly written: string | undefined;
}

interface Types extends TaskTypes {
  Input: string;
  Example: SequencePair;
  Encoded: Int32Array;
  Target: Target;
  Finding: Finding;
  Answer: Seq2SeqPrediction;
  Scores: Seq2SeqScores;
  Details: Seq2SeqDetails;
  Extra: Seq2SeqFitExtra;
}

/**
 * Texts to texts: an encoder reads the source, a decoder writes the target token by token, and looks at the source as it
 * writes (Sutskever et al. 2014; Bahdanau et al. 2015; Luong et al. 2015). Tokens are characters, words or subwords.
 *
 * @example
 * ```ts
 * const pairs = ["ab", "ba", "aab", "abb"].map((source) => ({
 *   source,
 *   target: [...source].reverse().join(""),
 * }));
 * const model = Seq2Seq.build(pairs, { hiddenSize: 16, embeddingSize: 8 });
 * await model.fit(pairs, { epochs: 60, learningRate: 0.02 });
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
  #decodedExamples = SEQ2SEQ_FIT_OPTIONS.decodedExamples.default!;

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
    checkTogether(this.options, options, tokenizers.source === tokenizers.target);
    this.source = new Side(tokenizers.source);
    this.target = new Side(tokenizers.target);
    this.encoder = new SourceEncoder(this.source.size, this.options);
    this.writer = new TargetWriter(this.target.size, this.encoder, this.options);
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
    const settings = readOptions<BuildSeq2SeqOptions>(op, BUILD_SEQ2SEQ_OPTIONS, options);
    const counter = new PairCounter(op, pickOptions(PAIR_TOKEN_OPTIONS, options));
    const lengths = new Set<string>();
    void lengths;
    return counted(
      { op, item: KIND.item },
      pairs,
      (pair: SequencePair, place) =>
        inPlace(KIND.item, place, () => {
          checkExample(op, KIND.item, pair);
          counter.add({
            source: checkText(op, "source", pair.source),
            target: checkText(op, "target", pair.target),
          });
        }),
      (count) => {
        const { tokenizers, joint, kinds, chosen, ratio } = counter.found();
        const own = chooseModel({ pairs: count, joint, targetKind: kinds.target, ratio });
        const notes = chosenNote({ ...chosen, ...own }, options);
        const model = new Seq2Seq(
          tokenizers,
          pickOptions(SEQ2SEQ_OPTIONS, definedOnly({ ...settings, ...own, ...definedOnly(options) })),
        );
        model.notes = notes;
        return model;
      },
    );
  }
}
void [SLACK, noGrad, checkIterable, NumericError, OptionError, trainingBatches, crossEntropy, inEvaluation, tensor, scope, CharTokenizer, tokenizerFromJSON, inBatches, loadModel, Seq2SeqDecoder, chooseFit, SEQ2SEQ_METRICS, Seq2SeqScorer, searchFor, searchSettings, writtenTexts];
declare function checkTogether(a: unknown, b: unknown, c: unknown): void;
export type Z = BatchSource<any> | Prepared<any>| Decoder | DecoderOptions | Tensor | Evaluation | EncodedExample<any> | FitSettingsOf<any> | Scoring<any> | SequenceScore| SearchOptions | SearchSettings | Seq2SeqPredictOptions;
