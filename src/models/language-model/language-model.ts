// A recurrent language model over characters or words: it learns to say what comes next.
import { checkCall } from "../../core/check.js";
import { checkLike, checkRecord } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { noGrad } from "../../autograd/mode.js";
import { cannotTrain } from "../../core/inference.js";
import { turnOfOthers } from "../../core/yield.js";
import { NumericError, OptionError } from "../../core/errors.js";
import { Fingerprint } from "../../core/fingerprint.js";
import { StreamWindows, type StreamWindow } from "../../data/windows.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { perplexity } from "../../metrics/perplexity.js";
import type { Carry } from "../../nn/carry.js";
import { Dropout } from "../../nn/dropout.js";
import { Embedding } from "../../nn/embedding.js";
import { Linear } from "../../nn/linear.js";
import { LSTM, type LSTMState } from "../../nn/lstm.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { tokenizerFromJSON, type Tokenizer } from "../../text/tokenizer.js";
import type { FitResult } from "../kit/fit-options.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { chosenNote, loadModel } from "../kit/model-file.js";
import { pickOptions, readOptions } from "../../core/options.js";
import { ReadyModel, type Evaluation } from "../kit/ready-model.js";
import { TOKEN_OPTIONS, TokenCounter } from "../../text/tokens.js";
import { LanguageModelDecoder } from "./decoder.js";
import { chooseFit, chooseModel } from "./defaults.js";
import { checkGenerate, generate, type GenerateOptions } from "./generate.js";
import { checkLength, knownText, lossOfAll, type KnownText } from "./known-text.js";
import {
  BUILD_OPTIONS,
  LANGUAGE_MODEL_FIT_OPTIONS,
  LANGUAGE_MODEL_METRICS,
  LANGUAGE_MODEL_OPTIONS,
  type BuildLanguageModelOptions,
  type LanguageModelFitOptions,
  type LanguageModelOptions,
  type LanguageModelScores,
  type LanguageModelSettings,
} from "./options.js";

/** A text, or its ids by the model's tokenizer. */
export type LanguageModelText = string | Int32Array;

/** What an evaluation tells beside the scores. */
export interface LanguageModelDetails {
  /** Tokens that were predicted. */
  readonly tokens: number;
  /**
   * Tokens among them that the model has not learnt: words are scored as its unknown token, characters with a
   * probability of 1e-6 each, and are left out of what it reads.
   */
  readonly unknown: number;
}

const KIND = {
  ...{ name: "LanguageModel", kind: "language-model", version: 1 },
  fitOptions: LANGUAGE_MODEL_FIT_OPTIONS,
  chooseFit,
};

/**
 * Embedding → LSTM → linear, with dropout between. Tokens are characters or words, as its tokenizer splits a text.
 *
 * @example
 * ```ts
 * const text = "to be or not to be ".repeat(30);
 * const model = LanguageModel.build(text, { embeddingSize: 8, hiddenSize: 32 });
 * await model.fit(text, { epochs: 3, batchSize: 4, sequenceLength: 16, learningRate: 0.01 });
 * [...model.generate("to ", { length: 10 })].join("").length; // 10
 * ```
 */
export class LanguageModel extends ReadyModel<
  LanguageModelText,
  LanguageModelScores,
  LanguageModelDetails,
  Pick<LanguageModelFitOptions, "sequenceLength">
> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LanguageModel";
  readonly tokenizer: Tokenizer;
  readonly options: LanguageModelSettings;
  readonly embedding: Embedding;
  readonly lstm: LSTM;
  readonly head: Linear;
  readonly dropout: Dropout;

  constructor(tokenizer: Tokenizer, options: LanguageModelOptions = {}) {
    checkCall("LanguageModel", arguments, "tokenizer:object options?:object");
    super();
    checkLike("LanguageModel", "a tokenizer", "decoder", tokenizer);
    this.options = readOptions("LanguageModel", LANGUAGE_MODEL_OPTIONS, options);
    const { embeddingSize, hiddenSize, numLayers, dropout, tieWeights } = this.options;
    if (tieWeights && embeddingSize !== hiddenSize)
      throw new OptionError({
        op: "LanguageModel",
        expected: "embeddingSize equal to hiddenSize for tied weights",
        got: `${embeddingSize} and ${hiddenSize}`,
      });
    this.tokenizer = tokenizer;
    this.embedding = new Embedding(tokenizer.size, embeddingSize);
    this.lstm = new LSTM(embeddingSize, hiddenSize, {
      numLayers,
      dropout: numLayers > 1 ? dropout : 0,
    });
    this.head = new Linear(hiddenSize, tokenizer.size, {
      ...(tieWeights && { weight: this.embedding.weight }),
    });
    this.dropout = new Dropout(dropout);
  }

  protected override readonly kind = KIND;
  override readonly metrics = LANGUAGE_MODEL_METRICS;

  /**
   * A model, not trained yet, for the characters, words or subwords of a text.
   *
   * @throws OptionError for options that nothing would read; BackendError in `hiddenstate/infer`, which does not train
   */
  static build(text: string, options: BuildLanguageModelOptions = {}): LanguageModel {
    const op = "LanguageModel.build";
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "text:string options?:object");
    const settings = readOptions(op, BUILD_OPTIONS, options);
    const counter = new TokenCounter(op, pickOptions(TOKEN_OPTIONS, options), BUILD_OPTIONS);
    counter.add(text);
    const { tokenizer } = counter;
    const uncounted = options.tokenizer !== undefined || settings.tokens === "subwords";
    const length = uncounted ? tokenizer.encode(text).length : counter.length;
    if (length === 0)
      throw new OptionError({ op, expected: "a text of at least one token", got: "none" });
    const chosen = chooseModel({ ...settings, length, vocabularySize: tokenizer.size });
    const notes = chosenNote(chosen, options);
    const own = pickOptions(LANGUAGE_MODEL_OPTIONS, { ...settings, ...notes.chosen });
    const model = new LanguageModel(tokenizer, own);
    model.notes = notes;
    return model;
  }

  /** ids `[batch, time]` → logits `[batch, time, tokens]` of what follows each, and the state at the end. */
  forward(
    ids: Tensor<"int32">,
    { state }: { state?: LSTMState } = {},
  ): { logits: Tensor; state: LSTMState } {
    const vectors = this.dropout.forward(this.embedding.forward(ids));
    const { output, state: end } = this.lstm.forward(vectors, state && { state });
    return { logits: this.head.forward(this.dropout.forward(output)), state: end };
  }

  /** A state to carry from window to window in training. */
  carry(batch: number): Carry<LSTMState> {
    checkCall("LanguageModel.carry", arguments, "batch:number");
    return this.lstm.carry(batch);
  }

  /** Mean cross-entropy over a window, from the carried state, which moves on to the window's end. */
  loss(input: Tensor<"int32">, target: Tensor<"int32">, carry: Carry<LSTMState>): Tensor {
    const { logits, state } = this.forward(input, { state: carry });
    carry.set(state);
    return crossEntropy(logits, target);
  }

  /**
   * Trains on a text by truncated backpropagation through time: `batchSize` places in it are read side by side,
   * `sequenceLength` tokens a step, and the state is carried from step to step within an epoch. At the end the model has
   * the best weights.
   *
   * @throws OptionError for a text that is too short; IndexError for a token of it that the model lacks; NumericError where
   *   the loss is not finite; the signal's reason; BackendError in `hiddenstate/infer`, which does not train
   */
  override async fit(
    text: LanguageModelText,
    options: LanguageModelFitOptions = {},
  ): Promise<FitResult<LanguageModelScores>> {
    const op = "LanguageModel.fit";
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "text options?:object");
    checkRecord(op, "options in an object", options);
    const { validation, ...given } = options;
    return this.alone_(op, () => this.#fit(op, text, validation, given));
  }

  async #fit(
    op: string,
    text: LanguageModelText,
    validation: LanguageModelText | undefined,
    given: Omit<LanguageModelFitOptions, "validation">,
  ): Promise<FitResult<LanguageModelScores>> {
    const ids = typeof text === "string" ? this.tokenizer.encode(text) : this.#read(op, text).ids;
    checkLength(op, ids.length);
    const valid =
      validation === undefined ? undefined : this.#read(`${op} (validation)`, validation);
    let carry: Carry<LSTMState> | undefined;
    const data = {
      examples: 1,
      length: ids.length,
      vocabularySize: this.tokenizer.size,
      validated: valid !== undefined,
      data: { training: printOf(ids), validation: valid ? printOf(valid.ids) : null },
    };
    try {
      return await this.train_<StreamWindow>(op, given, data, ({ batchSize, sequenceLength }) => {
        checkRows(op, ids.length, batchSize);
        const windows = new StreamWindows(ids, { batch: batchSize, time: sequenceLength });
        const state = (carry = this.carry(batchSize));
        return {
          batches: windows,
          stepsPerEpoch: windows.length,
          loss: ({ input, target, shape, index }) => {
            if (index === 0) state.reset();
            return this.loss(tensor(input, { shape }), tensor(target, { shape }), state);
          },
          validate: valid && (async () => (await this.#score(op, valid)).scores),
          tensors: { h: state.h, c: state.c },
        };
      });
    } finally {
      carry?.dispose();
    }
  }

  /**
   * How well it predicts a text: each token from all before it, without dropout. A character that it has not learnt has
   * a probability of 1e-6, and is left out of what it reads.
   *
   * @throws OptionError for fewer than two tokens; IndexError for an id that the model lacks; NumericError where its
   *   weights are not finite
   */
  override async evaluate(
    text: LanguageModelText,
  ): Promise<Evaluation<LanguageModelScores, LanguageModelDetails>> {
    const op = "LanguageModel.evaluate";
    checkCall(op, arguments, "text");
    return this.#score(op, this.#read(op, text));
  }

  override async unknownShare(text: LanguageModelText): Promise<number | undefined> {
    const op = "LanguageModel.unknownShare";
    checkCall(op, arguments, "text");
    const { ids, left, unknown } = this.#read(op, text);
    return Promise.resolve(unknown / (ids.length + left));
  }

  #read(op: string, text: LanguageModelText): KnownText {
    if (typeof text !== "string" && !(text instanceof Int32Array))
      throw new OptionError({
        op,
        expected: "a text, or its ids in an Int32Array",
        got: described(text),
      });
    const read =
      typeof text === "string"
        ? knownText(this.tokenizer, text)
        : { ids: text, left: 0, unknown: 0 };
    checkLength(op, read.ids.length);
    return read;
  }

  async #score(
    op: string,
    { ids, left, unknown }: KnownText,
  ): Promise<Evaluation<LanguageModelScores, LanguageModelDetails>> {
    const tokens = ids.length - 1;
    const carry = this.carry(1);
    const lossOf = (window: StreamWindow): number =>
      scope(() => noGrad(() => this.#lossOf(window, carry).item()));
    let sum = 0;
    try {
      for (const window of new StreamWindows(ids, { batch: 1, time: EVALUATION_WINDOW })) {
        await turnOfOthers();
        sum += window.input.length * inEvaluation(this, () => lossOf(window));
      }
    } finally {
      carry.dispose();
    }
    const loss = lossOfAll(sum / tokens, tokens, left);
    if (Number.isNaN(loss))
      throw new NumericError({
        op,
        expected: "a finite loss",
        got: "NaN",
        cure: "The model's weights are not finite: the training diverged, or the file is damaged.",
      });
    const scores = { perplexity: perplexity(loss), loss };
    return { scores, details: { tokens: tokens + left, unknown } };
  }

  #lossOf({ input, target, shape }: StreamWindow, carry: Carry<LSTMState>): Tensor {
    return this.loss(tensor(input, { shape }), tensor(target, { shape }), carry);
  }

  /**
   * The model as a writer for `greedy`, `sample` and `beamSearch` of `hiddenstate/decode`: `rows` texts side by side, each
   * from a state of zeros. It copies the LSTM's weights; dispose of it.
   */
  decoder(options: DecoderOptions = {}): Decoder {
    checkCall("LanguageModel.decoder", arguments, "{rows:number capacity:number}");
    return new LanguageModelDecoder(this, options);
  }

  /**
   * Goes on with a text: `for (const piece of model.generate("Call me")) write(piece)`. By sampling, token by token; with
   * `beams`, by beam search. The pieces are what follows the prompt, white space included; a token for unknown words is
   * never among them. The same options give the same text on every engine with the plain build.
   *
   * @param prompt what comes before; not part of what is generated
   * @throws OptionError for an empty prompt, or options that make no sense; IndexError for a token that the model lacks;
   *   NumericError where its weights are not finite
   */
  generate(prompt: string, options: GenerateOptions = {}): Generator<string, void> {
    checkGenerate(arguments);
    return generate("LanguageModel.generate", this, prompt, options);
  }

  protected override describe() {
    return { options: this.options, tokenizer: this.tokenizer };
  }

  /**
   * The model that {@link save} wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): LanguageModel {
    checkCall("LanguageModel.load", arguments, "bytes:Uint8Array");
    return loadModel(
      bytes,
      KIND,
      ["tokenizer", "options"],
      ({ tokenizer, options }) =>
        new LanguageModel(tokenizerFromJSON(tokenizer), options as LanguageModelOptions),
    );
  }
}

function printOf(ids: Int32Array): string {
  const print = new Fingerprint();
  print.addData(ids);
  return String(print);
}

/** Refuses a text of which the rows of a batch would have less than two tokens each. */
function checkRows(op: string, length: number, batchSize: number): void {
  if (length < 2 * batchSize)
    throw new OptionError({
      op,
      expected: `at least ${2 * batchSize} tokens for a batchSize of ${batchSize}`,
      got: String(length),
      cure: "Give more text, or a smaller batchSize.",
    });
}

/** Tokens an evaluation reads at once. */
const EVALUATION_WINDOW = 512;
