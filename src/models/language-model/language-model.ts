// A language model over characters, words or subwords: it learns to say what comes next.
import { checkCall } from "../../core/check.js";
import { checkLike, checkRecord } from "../../core/check-like.js";
import { cannotTrain } from "../../core/inference.js";
import { NumericError, OptionError } from "../../core/errors.js";
import { Fingerprint } from "../../core/fingerprint.js";
import type { TextWindows } from "../../data/text-windows.js";
import type { StreamWindow } from "../../data/windows.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { perplexity } from "../../metrics/perplexity.js";
import type { Carry } from "../../nn/carry.js";
import { Dropout } from "../../nn/dropout.js";
import { Embedding } from "../../nn/embedding.js";
import { GPT } from "../../nn/gpt/gpt.js";
import { Linear } from "../../nn/linear.js";
import { LSTM, type LSTMState } from "../../nn/lstm.js";
import type { LearnedPositions } from "../../nn/positions.js";
import type { TransformerEncoder } from "../../nn/transformer/stack.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { tokenizerFromJSON, type Tokenizer } from "../../text/tokenizer.js";
import type { FitOptions, FitResult } from "../kit/fit-options.js";
import { loadModel } from "../kit/model-file.js";
import { withDefaults } from "../../core/options.js";
import { ReadyModel, type Evaluation } from "../kit/ready-model.js";
import { carriedLoss, overlappingLoss } from "./losses.js";
import { LSTMDecoderRows, TransformerDecoderRows } from "./decoder.js";
import { checkRows, checkSampled, checkSequenceLength } from "./check-fit.js";
import { chooseFit, chooseTransformerFit } from "./defaults.js";
import { fillVectors } from "../parts/pretrained.js";
import { settle } from "./settle.js";
import { carriedPlan, shuffledPlan } from "./training-plan.js";
import type { Replica } from "../../parallel/shard-runner.js";
import { replicaOf } from "./text-shards.js";
import {
  countTokens,
  sampledLoss,
  tokenSampling,
  type SampledTokens,
  type TokenSampling,
} from "./sampled-loss.js";
import { checkGenerate, generate, type GenerateOptions } from "./generate.js";
import { checkLength, lossOfAll, readKnown, type KnownText } from "./known-text.js";
import {
  LANGUAGE_MODEL_FIT_OPTIONS,
  LANGUAGE_MODEL_METRICS,
  languageModelSettings,
  type BuildLanguageModelOptions,
  type LanguageModelFitExtra,
  type LanguageModelFitOptions,
  type LanguageModelOptions,
  type LanguageModelScores,
  type LanguageModelSettings,
  type LSTMSettings,
  type TransformerSettings,
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
 * Embedding → LSTM → linear, with dropout between; or with `architecture: "transformer"` a {@link GPT}: causal layers that
 * normalize what they read, GELU, rotary positions, the embedding's weight in the output layer too. Tokens are characters,
 * words or subwords, as its tokenizer splits a text. Weights have the names of these layers: `lstm.…`, or `encoder.layers.0.…`.
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
  LanguageModelFitExtra
> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LanguageModel";
  readonly tokenizer: Tokenizer;
  readonly options: LanguageModelSettings;
  readonly embedding: Embedding;
  /** Undefined in a Transformer. */
  readonly lstm: LSTM | undefined;
  /** Learned positions of a Transformer. */
  readonly positions: LearnedPositions | undefined;
  /** A Transformer's layers. */
  readonly encoder: TransformerEncoder | undefined;
  readonly head: Linear;
  /** Undefined in a Transformer, whose layers have their own. */
  readonly dropout: Dropout | undefined;
  /** What holds a Transformer's layers, which are parts of this model too. */
  readonly #gpt: GPT | undefined;

  constructor(tokenizer: Tokenizer, options: LanguageModelOptions = {}) {
    checkCall("LanguageModel", arguments, "tokenizer:object options?:object");
    super();
    checkLike("LanguageModel", "a tokenizer", "decoder", tokenizer);
    this.options = languageModelSettings("LanguageModel", options);
    this.tokenizer = tokenizer;
    this.#gpt = gptOf(tokenizer.size, this.options);
    if (this.#gpt) {
      const { embedding, positions, encoder, head } = this.#gpt;
      this.embedding = embedding;
      this.positions = positions;
      this.encoder = encoder;
      this.head = head;
      return;
    }
    const settings = this.options as LSTMSettings;
    const { embeddingSize, hiddenSize, numLayers, dropout, tieWeights, freezeVectors } = settings;
    if (tieWeights && embeddingSize !== hiddenSize)
      throw new OptionError({
        op: "LanguageModel",
        expected: "embeddingSize equal to hiddenSize for tied weights",
        got: `${embeddingSize} and ${hiddenSize}`,
      });
    if (tieWeights && freezeVectors)
      throw new OptionError({
        op: "LanguageModel",
        expected: "freezeVectors without tieWeights, whose matrix writes too",
        got: "both",
      });
    this.embedding = new Embedding(tokenizer.size, embeddingSize);
    if (TRAINING && freezeVectors) this.embedding.weight.requiresGrad = false;
    this.lstm = new LSTM(embeddingSize, hiddenSize, {
      numLayers,
      dropout: numLayers > 1 ? dropout : 0,
    });
    this.head = new Linear(hiddenSize, tokenizer.size, {
      ...(tieWeights && { weight: this.embedding.weight }),
    });
    this.dropout = new Dropout(dropout);
  }

  protected override get kind(): typeof KIND {
    const { options } = this;
    if (options.architecture === "lstm") return KIND;
    const sequenceLength = options.contextLength!;
    const ofContext = { sequenceLength } as Partial<FitOptions<LanguageModelScores>>;
    return {
      ...KIND,
      fitOptions: withDefaults(
        LANGUAGE_MODEL_FIT_OPTIONS,
        ofContext,
      ) as typeof LANGUAGE_MODEL_FIT_OPTIONS,
      chooseFit: (data, given = {}) => chooseTransformerFit(data, given, sequenceLength),
    };
  }

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
    const { tokenizer, own, notes } = settle(op, text, options);
    const model = new LanguageModel(tokenizer, own);
    const { vectors } = options;
    if (vectors) fillVectors(model.embedding, tokenizer.vocabulary.tokens, vectors);
    model.notes = notes;
    return model;
  }

  /**
   * @param ids int32 `[batch, time]`
   * @param options.state an LSTM's, from which it goes on
   * @returns logits `[batch, time, tokens]` of what follows each, and an LSTM's state at the end
   */
  forward(
    ids: Tensor<"int32">,
    { state }: { state?: LSTMState | undefined } = {},
  ): { logits: Tensor; state: LSTMState | undefined } {
    const { hidden, state: end } = this.#hidden(ids, state);
    return { logits: this.head.forward(hidden), state: end };
  }

  /** What the output layer reads. */
  #hidden(
    ids: Tensor<"int32">,
    state: LSTMState | undefined,
  ): { hidden: Tensor; state: LSTMState | undefined } {
    if (this.#gpt) {
      if (state) this.#lstm("forward", "state");
      this.#gpt.training = this.training;
      return { hidden: this.#gpt.hidden(ids), state: undefined };
    }
    const vectors = this.dropout!.forward(this.embedding.forward(ids));
    const { output, state: end } = this.lstm!.forward(vectors, state && { state });
    return { hidden: this.dropout!.forward(output), state: end };
  }

  /**
   * A state to carry from window to window in the training of an LSTM.
   *
   * @throws OptionError for a Transformer, which has none
   */
  carry(batch: number): Carry<LSTMState> {
    checkCall("LanguageModel.carry", arguments, "batch:number");
    return this.#lstm("carry", "a carried state").carry(batch);
  }

  /**
   * Mean cross-entropy over a window: of an LSTM from a carried state, which moves on to the window's end, of a Transformer
   * from the window alone.
   *
   * @throws OptionError for an LSTM without a carried state, or a Transformer with one
   */
  loss(input: Tensor<"int32">, target: Tensor<"int32">, carry?: Carry<LSTMState>): Tensor {
    const hidden = this.#readWindow("loss", input, carry);
    return crossEntropy(this.head.forward(hidden), target);
  }

  /** What the output layer reads of a window; the carried state moves on to its end. */
  #readWindow(method: string, input: Tensor<"int32">, carry: Carry<LSTMState> | undefined): Tensor {
    if (this.lstm && !carry)
      throw new OptionError({
        op: `LanguageModel.${method}`,
        expected: "carry(batch)",
        got: "none",
      });
    const { hidden, state } = this.#hidden(input, carry);
    if (state) carry!.set(state);
    return hidden;
  }

  #lstm(method: string, what: string): LSTM {
    if (this.lstm) return this.lstm;
    throw new OptionError({
      op: `LanguageModel.${method}`,
      expected: 'architecture "lstm"',
      got: `${what} of a Transformer, which has no state`,
    });
  }

  /**
   * Trains on a text. An LSTM by truncated backpropagation through time: `batchSize` places in it are read side by side,
   * `sequenceLength` tokens a step, and the state is carried from step to step within an epoch. A Transformer on `batchSize`
   * windows of `sequenceLength` tokens a step, in random order, at other places in each epoch. At the end the model has
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
    const ids =
      typeof text === "string"
        ? this.tokenizer.encode(text)
        : readKnown(op, this.tokenizer, text).ids;
    checkLength(op, ids.length);
    const { tokenizer } = this;
    const valid =
      validation === undefined ? undefined : readKnown(`${op} (validation)`, tokenizer, validation);
    const data = {
      examples: 1,
      length: ids.length,
      vocabularySize: tokenizer.size,
      validated: valid !== undefined,
      data: { training: printOf(ids), validation: valid ? printOf(valid.ids) : null },
    };
    const validate = valid && (async () => (await this.#score(op, valid)).scores);
    checkSampled(op, given.sampledTokens, tokenizer.size);
    const begin = countTokens(given.sampledTokens, ids, tokenizer.size);
    const sampling = tokenSampling(begin);
    const sharded = { begin, local: this.replica_(begin) };
    if (!this.lstm)
      return this.train_<TextWindows>(op, given, data, (settings) => {
        checkSequenceLength(op, settings.sequenceLength!, this.options);
        const loss = (window: TextWindows): Tensor => this.#lossOf(window, sampling);
        return { ...shuffledPlan(ids, settings, loss, sharded), validate };
      });
    let carry: Carry<LSTMState> | undefined;
    try {
      return await this.train_<StreamWindow>(op, given, data, (settings) => {
        checkRows(op, ids.length, settings.batchSize);
        const state = (carry = this.carry(settings.batchSize));
        const loss = (window: StreamWindow): Tensor => this.#lossOf(window, sampling, state);
        return { ...carriedPlan(ids, settings, state, loss, sharded), validate };
      });
    } finally {
      carry?.dispose();
    }
  }

  /** @internal */
  override replica_(begin: unknown): Replica {
    const sampling = tokenSampling(begin as SampledTokens | undefined);
    return replicaOf(this, (window, carry) => this.#lossOf(window, sampling, carry));
  }

  /**
   * How well it predicts a text, without dropout: an LSTM each token from all before it, a Transformer from at least half of
   * contextLength tokens before it (windows overlap by half), those of the first half from what there is. A character that
   * it has not learnt has a probability of 1e-6, and is left out of what it reads.
   *
   * @throws OptionError for fewer than two tokens; IndexError for an id that the model lacks; NumericError where its
   *   weights are not finite
   */
  override async evaluate(
    text: LanguageModelText,
  ): Promise<Evaluation<LanguageModelScores, LanguageModelDetails>> {
    const op = "LanguageModel.evaluate";
    checkCall(op, arguments, "text");
    return this.#score(op, readKnown(op, this.tokenizer, text));
  }

  override async unknownShare(text: LanguageModelText): Promise<number | undefined> {
    const op = "LanguageModel.unknownShare";
    checkCall(op, arguments, "text");
    const { ids, left, unknown } = readKnown(op, this.tokenizer, text);
    return Promise.resolve(unknown / (ids.length + left));
  }

  async #score(
    op: string,
    { ids, left, unknown }: KnownText,
  ): Promise<Evaluation<LanguageModelScores, LanguageModelDetails>> {
    const tokens = ids.length - 1;
    const { contextLength } = this.options;
    const sum = await (contextLength === undefined
      ? carriedLoss(this, ids)
      : overlappingLoss(this, ids, contextLength));
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

  #lossOf(
    { input, target, shape }: Pick<StreamWindow, "input" | "target" | "shape">,
    sampling: TokenSampling | undefined,
    carry?: Carry<LSTMState>,
  ): Tensor {
    const wanted = tensor(target, { shape });
    if (!sampling) return this.loss(tensor(input, { shape }), wanted, carry);
    const hidden = this.#readWindow("fit", tensor(input, { shape }), carry);
    return sampledLoss(this.head, hidden, wanted, sampling);
  }

  /**
   * The model as a writer for `greedy`, `sample` and `beamSearch` of `hiddenstate/decode`: `rows` texts side by side, each
   * from its beginning. It copies the weights; dispose of it. With rotary positions a Transformer looks back over the last
   * contextLength tokens; with learned ones a text ends there, by a ShapeError.
   */
  decoder(options: DecoderOptions = {}): Decoder {
    checkCall("LanguageModel.decoder", arguments, "{rows:number capacity:number}");
    if (this.#gpt) return new TransformerDecoderRows(this.#gpt, options);
    const { embedding, lstm, head } = this;
    return new LSTMDecoderRows({ embedding, lstm: lstm!, head }, options);
  }

  /**
   * Goes on with a text: `for (const piece of model.generate("Call me")) write(piece)`. By sampling, token by token; with
   * `beams`, by beam search. The pieces are what follows the prompt, white space included; a token for unknown words is
   * never among them. The same options give the same text on every engine with the plain build.
   *
   * @param prompt what comes before; not part of what is generated
   * @throws OptionError for a prompt that is empty, or longer than learned positions reach, or options that make no sense;
   *   IndexError for a token that the model lacks; NumericError where its weights are not finite
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

/** The layers of a Transformer. */
function gptOf(tokens: number, options: LanguageModelSettings): GPT | undefined {
  if (options.architecture !== "transformer") return undefined;
  const settings = options as TransformerSettings;
  const { hiddenSize, numHeads, numLayers, dropout, contextLength, positions } = settings;
  const reach =
    positions === "rotary" ? { positions, window: contextLength } : { positions, contextLength };
  return new GPT(tokens, hiddenSize, numHeads, { numLayers, dropout, ...reach });
}

function printOf(ids: Int32Array): string {
  const print = new Fingerprint();
  print.addData(ids);
  return String(print);
}
