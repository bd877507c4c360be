// Recordings to the texts that are said in them.
import { noGrad } from "../../autograd/mode.js";
import { checkCall, checkChoice, checkKeys, definedOnly } from "../../core/check.js";
import { checkIterable, checkLike } from "../../core/check-like.js";
import { quoted } from "../../core/code-points.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { pickOptions, readOptions } from "../../core/options.js";
import { checkExample, counted, inPlace, type Examples } from "../../data/examples.js";
import { padSequences } from "../../data/padding.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { labelScorer, type LabelScorer } from "../../decode/ctc/label-scorer.js";
import { ctcLoss } from "../../losses/ctc.js";
import { NgramModel } from "../../metrics/ngram/ngram-model.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { ExampleModel, foundInBatches } from "../kit/example-model.js";
import { chosenNote, loadModel } from "../kit/model-file.js";
import type { Evaluation } from "../kit/ready-model.js";
import { refuseNonFiniteLogits } from "../kit/task-model.js";
import type { EncodedExample, MeanLoss, Scoring, TaskTypes } from "../kit/task-types.js";
import { lengthOf, rateOf, type Recording } from "../parts/recording.js";
import { AUGMENTATION_OPTIONS } from "../parts/sound-augmentation.js";
import { sound, SoundInput, SOUND_OPTIONS } from "../parts/sound-input.js";
import { chooseAugmentation, chooseFit, chooseSubsampling } from "./defaults.js";
import { checkText, type SpeechExample, type Transcript } from "./example.js";
import { SpeechNetwork } from "./network.js";
import {
  BUILD_SPEECH_OPTIONS,
  SPEECH_FIT_OPTIONS,
  SPEECH_METRICS,
  SPEECH_OPTIONS,
  SPEECH_UNITS,
  type BuildSpeechOptions,
  type SpeechOptions,
  type SpeechScores,
  type SpeechSettings,
  type SpeechUnits,
} from "./options.js";
import {
  BEST_KEYS,
  SEARCH_KEYS,
  searched,
  searchSettings,
  transcriptOf,
  type SearchSettings,
  type SpeechPredictOptions,
} from "./search.js";
import {
  SpeechScorer,
  type SpeechDetails,
  type SpeechFinding,
  type SpeechTarget,
} from "./scorer.js";
import { SpeechStream } from "./speech-stream.js";
import { BLANK, stepsFor, TextUnits, UnitCounter } from "./units.js";

const NAME = "SpeechRecognizer";
const KIND = {
  ...{ name: NAME, kind: "speech-recognizer", version: 1, item: "recording" },
  fitOptions: SPEECH_FIT_OPTIONS,
  chooseFit,
};

interface Types extends TaskTypes {
  Input: Recording;
  Example: SpeechExample;
  /** Samples at the model's rate. */
  Encoded: Float32Array;
  Target: SpeechTarget;
  Finding: SpeechFinding;
  Answer: Transcript;
  Scores: SpeechScores;
  Details: SpeechDetails;
  Extra: object;
}

/**
 * Recordings to texts: log-mel features → convolutions over time and frequency → LSTM → a label or none at each step, by connectionist
 * temporal classification (`ctcLoss`), so that nobody has to say when something is said. Labels are characters or words. The LSTM reads
 * in both directions, or forwards only, for text while one speaks: `streaming`.
 *
 * @example
 * ```ts
 * const say = (hertz: number) => Float32Array.from({ length: 3200 }, (_, i) => Math.sin((i * hertz * Math.PI) / 4000));
 * const examples = [
 *   { samples: say(300), sampleRate: 8000, text: "low" },
 *   { samples: say(2000), sampleRate: 8000, text: "high" },
 * ];
 * const model = SpeechRecognizer.build(examples, { units: "words", hiddenSize: 16, channels: 4 });
 * await model.fit(examples, { epochs: 2 });
 * const { text, words } = model.predict(say(300));
 * console.log(text, words);
 * ```
 */
export class SpeechRecognizer extends ExampleModel<Types> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SpeechRecognizer";
  readonly options: SpeechSettings;
  readonly units: SpeechUnits;
  /** The labels, from 1 on; 0 is the blank. */
  readonly vocabulary: Vocabulary;
  readonly input: SoundInput;
  readonly network: SpeechNetwork;
  readonly #units: TextUnits;

  /**
   * From its parts; `build` finds them in examples.
   *
   * @param labels.tokens characters or words, as `units` says
   */
  constructor(
    labels: { readonly units: SpeechUnits; readonly tokens: readonly string[] | Vocabulary },
    input: SoundInput,
    options: SpeechOptions = {},
  ) {
    checkCall(NAME, arguments, "labels:object input:object options?:object");
    super();
    checkLike(NAME, "a SoundInput", "encode", input);
    checkKeys(NAME, labels, "units!:string tokens!:list|object");
    const { units, tokens } = labels;
    checkChoice(NAME, "units", units, SPEECH_UNITS);
    this.options = readOptions(NAME, SPEECH_OPTIONS, options);
    this.units = units;
    this.vocabulary = tokens instanceof Vocabulary ? tokens : new Vocabulary(tokens);
    this.#units = new TextUnits(units, this.vocabulary);
    this.input = input;
    this.network = new SpeechNetwork(input.size, this.#units.classes, this.options);
  }

  /**
   * A model, not trained yet, for the rate, the sounds and the labels of examples. A promise for a function that opens a stream of
   * examples, which is read once.
   *
   * @throws OptionError for no example, or one that is no recording with its text; BackendError in `hiddenstate/infer`, which does
   *   not train
   */
  static build(examples: Iterable<SpeechExample>, options?: BuildSpeechOptions): SpeechRecognizer;
  static build(
    open: OpenStream<SpeechExample>,
    options?: BuildSpeechOptions,
  ): Promise<SpeechRecognizer>;
  static build(
    examples: Examples<SpeechExample>,
    options: BuildSpeechOptions = {},
  ): SpeechRecognizer | Promise<SpeechRecognizer> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "examples options?:object");
    readOptions(op, BUILD_SPEECH_OPTIONS, options);
    const counter = sound(pickOptions(SOUND_OPTIONS, options)).counter(op);
    const labels = new UnitCounter();
    const seen: { text: string; length: number; sampleRate: number | undefined }[] = [];
    return counted(
      { op, item: KIND.item },
      examples,
      (example: SpeechExample, place) =>
        inPlace(KIND.item, place, () => {
          checkExample(op, KIND.item, example);
          const text = checkText(op, example.text);
          labels.add(text);
          counter.add(example);
          seen.push({ text, length: lengthOf(example), sampleRate: rateOf(example) });
        }),
      () => {
        const units = options.units ?? labels.chosen;
        const own = labels.units(op, units);
        const { extractor } = counter.layer() as SoundInput;
        const seconds = seen.map(
          ({ length, sampleRate = extractor.settings.sampleRate }) => length / sampleRate,
        );
        const augmentation = chooseAugmentation(seconds.reduce((a, b) => a + b) / 60);
        const input = new SoundInput(extractor.options, {
          ...augmentation,
          ...definedOnly(pickOptions(AUGMENTATION_OPTIONS, options)),
        });
        const needs = seen.map(
          ({ text }, i) => (stepsFor(own.encode(op, text)) * input.frameSeconds) / seconds[i]!,
        );
        const subsampling = chooseSubsampling(needs);
        const model = new SpeechRecognizer({ units, tokens: own.vocabulary }, input, {
          subsampling,
          ...definedOnly(pickOptions(SPEECH_OPTIONS, options)),
        });
        model.notes = chosenNote({ units, subsampling, ...augmentation }, options);
        return model;
      },
    );
  }

  /**
   * The model that `save` wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): SpeechRecognizer {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    return loadModel(
      bytes,
      KIND,
      ["units", "labels", "input", "options"],
      ({ units, labels, input, options }) =>
        new SpeechRecognizer(
          { units: units as SpeechUnits, tokens: Vocabulary.fromJSON(labels) },
          SoundInput.fromJSON(input as ReturnType<SoundInput["toJSON"]>),
          options as SpeechOptions,
        ),
    );
  }

  protected override readonly kind = KIND;
  override readonly metrics = SPEECH_METRICS;

  /** Samples a second that it reads; others are resampled. */
  get sampleRate(): number {
    return this.input.sampleRate;
  }

  /** Whether it hears while one speaks: {@link stream}. */
  get streaming(): boolean {
    return this.options.streaming;
  }

  /** Seconds from a step to the next. */
  get stepSeconds(): number {
    return this.options.subsampling * this.input.frameSeconds;
  }

  /** Seconds of sound behind a step that decide it; of a model that reads backwards too, all. */
  get lookAhead(): number {
    if (!this.streaming) return Infinity;
    const { center, nFft, sampleRate } = this.input.extractor.settings;
    const halfFrame = (center ? nFft / 2 : nFft) / sampleRate;
    return this.network.framesAhead * this.input.frameSeconds + halfFrame;
  }

  /** Samples at the model's rate → logits `[batch, steps, 1 + labels]`, and how many steps of each count. */
  forward(batch: readonly Float32Array[]): { logits: Tensor; lengths: Int32Array } {
    return this.network.forward(this.input.forward(batch));
  }

  protected override inputOf(example: SpeechExample): Recording {
    return example;
  }
  protected override encodeInput(op: string, recording: Recording): Float32Array {
    return this.input.encode(op, recording);
  }
  protected override lengthOf(samples: Float32Array): number {
    return this.input.timeOf(samples);
  }
  protected override encodeTarget(
    op: string,
    { text: given, name }: SpeechExample,
    samples: Float32Array,
    training: boolean,
  ): SpeechTarget {
    const text = checkText(op, given);
    if (!training) return { text, labels: this.#units.known(text) };
    const labels = this.#units.encode(op, text);
    const steps = this.network.stepsOf(this.lengthOf(samples));
    const needed = stepsFor(labels);
    if (needed <= steps) return { text, labels };
    const seconds = samples.length / this.sampleRate;
    throw new OptionError({
      op,
      expected: `at least ${needed} steps of ${this.stepSeconds} seconds for the ${labels.length} ${this.units} of ${quoted(text)}`,
      got: `${steps}, ${seconds.toFixed(2)} seconds${name === undefined ? "" : `, of ${name}`}`,
      cure: "Is it the text of this recording? Leave it out, or build with a smaller subsampling.",
    });
  }

  protected override lossOf(batch: readonly EncodedExample<Types>[]): MeanLoss {
    if (!TRAINING) throw cannotTrain(NAME);
    const { logits, lengths } = this.forward(batch.map(({ encoded }) => encoded));
    const { targets, targetLengths } = padded(batch.map(({ target }) => target.labels!));
    // Played faster, a recording may be too short for its text this time.
    const options = { inputLengths: lengths, targetLengths, zeroInfinity: true };
    return { loss: ctcLoss(logits, targets, options), count: batch.length };
  }

  protected override scoring(op: string, fitting: boolean): Scoring<Types> {
    return this.#scoring(op, searchSettings(op, fitting ? { beams: 1 } : {}));
  }

  #scoring(op: string, settings: SearchSettings): Scoring<Types> {
    const find = (batch: readonly EncodedExample<Types>[]): SpeechFinding[] => {
      const own = batch.map(({ target }) => target.labels);
      return this.#read(
        op,
        batch.map(({ encoded }) => encoded),
        (rows, logits, inputLengths) => {
          const { targets, targetLengths } = padded(own.map((labels) => labels ?? NO_LABELS));
          const options = { inputLengths, targetLengths, reduction: "none" } as const;
          const losses = ctcLoss(logits, targets, options).data();
          return rows.map((row, i) => ({
            text: this.#units.textOf(searched(row, this.#units.classes, settings)[0]!.labels),
            loss: own[i] && losses[i],
          }));
        },
      );
    };
    return { scorer: new SpeechScorer(), find };
  }

  /** Logits of recordings, a row each. */
  #read<T>(
    op: string,
    batch: readonly Float32Array[],
    found: (rows: readonly Float32Array[], logits: Tensor, lengths: Int32Array) => T,
  ): T {
    return inEvaluation(this, () =>
      scope(() =>
        noGrad(() => {
          const { logits, lengths } = this.forward(batch);
          refuseNonFiniteLogits(op, { logits });
          const [, steps, classes] = logits.shape as [number, number, number];
          const values = logits.data();
          const rows = Array.from(lengths, (length, row) =>
            values.slice(row * steps * classes, (row * steps + length) * classes),
          );
          return { found: found(rows, logits, lengths) };
        }),
      ),
    ).found;
  }

  /**
   * Scores the model on recordings, without what changes them in training.
   *
   * @throws OptionError for no example, or one that is no recording with its text, with its place
   */
  override async evaluate(
    examples: Examples<SpeechExample>,
    options: Omit<SpeechPredictOptions, "alternatives"> = {},
  ): Promise<Evaluation<SpeechScores, SpeechDetails>> {
    const op = `${NAME}.evaluate`;
    checkCall(op, arguments, `examples {${BEST_KEYS}}`);
    return this.evaluate_(op, examples, this.#scoring(op, searchSettings(op, options)));
  }

  /**
   * What is said in a recording, and when.
   *
   * @throws OptionError for what is no recording; NumericError where the model's weights are not finite
   */
  predict(recording: Recording, options: SpeechPredictOptions = {}): Transcript {
    const op = `${NAME}.predict`;
    checkCall(op, arguments, `recording {${SEARCH_KEYS}}`);
    return this.#predict(op, [this.encodeInput(op, recording)], searchSettings(op, options))[0]!;
  }

  /** What is said in recordings, in their order: faster than one by one. */
  predictBatch(recordings: Iterable<Recording>, options: SpeechPredictOptions = {}): Transcript[] {
    const op = `${NAME}.predictBatch`;
    checkCall(op, arguments, `recordings {${SEARCH_KEYS}}`);
    checkIterable(op, "a list of recordings", recordings);
    const settings = searchSettings(op, options);
    const encoded = Array.from(recordings, (one, place) =>
      inPlace(KIND.item, place, () => this.encodeInput(op, one)),
    );
    const lengthOf = (one: Float32Array) => this.lengthOf(one);
    return foundInBatches(encoded, lengthOf, (batch) => this.#predict(op, batch, settings));
  }

  #predict(op: string, batch: readonly Float32Array[], settings: SearchSettings): Transcript[] {
    const { classes } = this.#units;
    return this.#read(op, batch, (rows) =>
      rows.map((row) =>
        transcriptOf(searched(row, classes, settings), row, this.#units, this.stepSeconds),
      ),
    );
  }

  /**
   * The model for sound that comes in. The weights are those of the moment.
   *
   * @param options.sampleRate samples a second of what comes. Default: as many as the model reads
   * @throws OptionError for a model that reads backwards too
   */
  stream(options: SpeechPredictOptions & { sampleRate?: number | undefined } = {}): SpeechStream {
    const op = `${NAME}.stream`;
    checkCall(op, arguments, `{sampleRate:number ${SEARCH_KEYS}}`);
    const { sampleRate = this.sampleRate, ...search } = options;
    if (!this.streaming)
      throw new OptionError({
        op,
        expected: "a model built with streaming",
        got: "one that reads recordings backwards too",
        cure: "predict() reads whole recordings; build another with streaming: true.",
      });
    const settings = searchSettings(op, search);
    return new SpeechStream({
      features: this.input.extractor.stream(),
      steps: this.network.stream(this.input.size),
      units: this.#units,
      search: settings,
      stepSeconds: this.stepSeconds,
      rates: [sampleRate, this.sampleRate],
    });
  }

  /**
   * A language model for the search, from texts of what may be said: an `NgramModel` over the labels, a text's begin and end counted.
   *
   * @param options.order length of the longest n-grams. Default: 3 of words, 6 of characters
   * @throws OptionError for a text with a word or character that the model does not have, with its place
   */
  async languageModel(
    texts: Iterable<string>,
    options: { order?: number | undefined } = {},
  ): Promise<LabelScorer> {
    const op = `${NAME}.languageModel`;
    checkCall(op, arguments, "texts {order:number}");
    checkIterable(op, "a list of texts", texts);
    const { order = this.units === "words" ? 3 : 6 } = options;
    const ids = Array.from(texts, (text, place) =>
      inPlace("text", place, () => [...this.#units.encode(op, checkText(op, text)), BLANK]),
    );
    // The blank's id stands between texts: it ends one, and begins the next.
    const all = Int32Array.from([BLANK, ...ids.flat()]);
    const model = await NgramModel.build(all, { vocabularySize: this.#units.classes, order });
    return labelScorer(model, { start: BLANK, end: BLANK });
  }

  protected override describe() {
    return {
      units: this.units,
      labels: this.vocabulary,
      input: this.input.toJSON(),
      options: this.options,
    };
  }
}

const NO_LABELS = new Int32Array(0);

/** Labels side by side, filled up with a label. */
function padded(all: readonly Int32Array[]): {
  targets: Tensor<"int32">;
  targetLengths: Int32Array;
} {
  const time = Math.max(1, ...all.map(({ length }) => length));
  const { ids, lengths, shape } = padSequences(all, { padding: 1, time });
  return { targets: tensor(ids, { shape }), targetLengths: lengths };
}
