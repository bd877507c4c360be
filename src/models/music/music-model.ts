// Models of music: what comes after the steps of a piece, as notes one after the other or each on its own.
import { checkCall, checkKeys } from "../../core/check.js";
import { checkRecord } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { checkOptions, readOptions } from "../../core/options.js";
import { randomBelow } from "../../core/random.js";
import type { BatchSource } from "../../data/batches.js";
import {
  counted,
  inPlace,
  trainingBatches,
  type Examples,
  type Prepared,
} from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { NoteEvents } from "../../music/events.js";
import {
  checkRange,
  checkTiming,
  readPiece,
  type Piece,
  type PieceGiven,
} from "../../music/piece.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { mul } from "../../ops/arithmetic.js";
import { sum } from "../../ops/reduce.js";
import { ExampleModel } from "../kit/example-model.js";
import { chosenNote, loadModel } from "../kit/model-file.js";
import type {
  EncodedExample,
  FitSettingsOf,
  MeanLoss,
  Scoring,
  TaskTypes,
} from "../kit/task-types.js";
import { EventDecoder, OP as DECODER } from "./decoder.js";
import { chooseFit, chooseModel } from "./defaults.js";
import { encodePiece, stepsOf, wholeOf, type EncodedPiece, type Part } from "./encoded-piece.js";
import { PieceSurvey, type Timing } from "./found-in.js";
import { generate, type GenerateMusicOptions } from "./generate.js";
import { MusicNetwork } from "./network.js";
import {
  BUILD_MUSIC_OPTIONS,
  MUSIC_FIT_OPTIONS,
  MUSIC_METRICS,
  MUSIC_OPTIONS,
  type MusicFitExtra,
  type MusicOptions,
  type MusicScores,
  type MusicSettings,
} from "./options.js";
import { inputOf, lossesOf, rowOf } from "./rows.js";
import { MusicScorer, stepLosses, type MusicDetails, type StepLosses } from "./scorer.js";

const NAME = "MusicModel";
const KIND = {
  ...{ name: NAME, kind: "music-model", version: 1, item: "piece" },
  fitOptions: MUSIC_FIT_OPTIONS,
  chooseFit,
};

interface Types extends TaskTypes {
  Input: PieceGiven;
  Example: PieceGiven;
  Encoded: EncodedPiece;
  Target: null;
  Finding: StepLosses;
  Answer: never;
  Scores: MusicScores;
  Details: MusicDetails;
  Extra: MusicFitExtra;
}

/**
 * A model of polyphonic music on a grid of steps: what was read → vector → LSTM → linear. Joint notes are events, one after the other
 * in rising order ({@link NoteEvents}), each from all that came before, the notes below it in its step among it; events that may
 * not follow have no probability, in learning, in scores and in what it writes, so that the probabilities of all that a step can be
 * sum to one. Independent notes are said by the steps before alone: the piano-roll models of Boulanger-Lewandowski et al. 2012.
 *
 * @example
 * ```ts
 * const scale = Array.from({ length: 32 }, (_, t) => [60 + [0, 2, 4, 5, 7, 5, 4, 2][t % 8]!]);
 * const model = MusicModel.build([scale], { hiddenSize: 32 });
 * await model.fit([scale], { epochs: 60, transpose: 0 });
 * model.generate({ steps: 8, prompt: scale, temperature: 0 }).steps.length; // 40
 * ```
 */
export class MusicModel extends ExampleModel<Types> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = NAME;
  readonly options: MusicSettings;
  /** What it reads and writes. */
  readonly events: NoteEvents;
  /** Grid and tempo of the pieces that it learnt from: those of what it writes. */
  readonly timing: Timing;
  readonly network: MusicNetwork;

  /** @param timing grid and tempo of what it writes */
  constructor(options: MusicOptions = {}, timing: Timing = {}) {
    checkCall(NAME, arguments, "options?:object timing?:object");
    super();
    this.options = readOptions<MusicOptions>(NAME, MUSIC_OPTIONS, options);
    checkKeys(NAME, timing, "stepsPerBeat:number tempo:number");
    checkTiming(NAME, timing);
    this.timing = timing;
    const { lowest, highest, held, notes } = this.options;
    if (held && notes === "independent")
      throw new OptionError({
        op: NAME,
        expected: 'held with notes "joint": independent notes sound, or do not',
        got: "independent notes",
      });
    this.events = new NoteEvents({ lowest, highest, held });
    this.network = new MusicNetwork(this.events, this.options);
  }

  /**
   * A model, not trained yet, for pieces: whether they say what is held, and how many steps there are, decides what is not given. A
   * promise for a function that opens a stream of pieces, which is read once.
   *
   * @throws OptionError for what is no piece, or one on another grid than those before, with its place; BackendError in
   *   `hiddenstate/infer`, which does not train
   */
  static build(pieces: Iterable<PieceGiven>, options?: MusicOptions): MusicModel;
  static build(open: OpenStream<PieceGiven>, options?: MusicOptions): Promise<MusicModel>;
  static build(
    pieces: Examples<PieceGiven>,
    options: MusicOptions = {},
  ): MusicModel | Promise<MusicModel> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "pieces options?:object");
    checkOptions(op, BUILD_MUSIC_OPTIONS, options);
    const survey = new PieceSurvey(op);
    return counted(
      { op, item: KIND.item },
      pieces,
      (piece: PieceGiven, place) =>
        inPlace(KIND.item, place, () => survey.add(readPiece(op, piece))),
      () => {
        const held = survey.held && options.notes !== "independent";
        const notes = chosenNote({ held, ...chooseModel(survey.steps, options.notes) }, options);
        const model = new MusicModel({ ...options, ...notes.chosen }, survey.timing);
        model.notes = notes;
        return model;
      },
    );
  }

  /**
   * The model that {@link save} wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): MusicModel {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    return loadModel(
      bytes,
      KIND,
      ["options", "timing"],
      ({ options, timing }) => new MusicModel(options as MusicOptions, timing as Timing),
    );
  }

  protected override get kind(): typeof KIND {
    return KIND;
  }
  override readonly metrics = MUSIC_METRICS;

  get #joint(): boolean {
    return this.options.notes === "joint";
  }

  protected override inputOf(piece: PieceGiven): PieceGiven {
    return piece;
  }
  protected override encodeInput(op: string, given: PieceGiven): EncodedPiece {
    const piece = readPiece(op, given);
    this.#check(op, piece);
    if (piece.steps.length < 2)
      throw new OptionError({
        op,
        expected: "a piece of at least two steps, the first of which is read only",
        got: String(piece.steps.length),
      });
    return encodePiece(this.events, piece);
  }
  #check(op: string, piece: Piece): void {
    if (this.#joint) this.events.check(op, piece);
    else checkRange(op, piece, this.events);
  }
  protected override encodeTarget(): null {
    return null;
  }
  protected override lengthOf(piece: EncodedPiece): number {
    return stepsOf(piece);
  }

  /** Pieces in batches, a long one as often as it has parts. */
  protected override batchesOf(
    op: string,
    examples: Prepared<EncodedExample<Types>>,
    settings: FitSettingsOf<Types>,
  ): BatchSource<EncodedExample<Types>[]> {
    const time = settings.sequenceLength!;
    const lengthOf = ({ encoded }: EncodedExample<Types>) => Math.min(time, stepsOf(encoded));
    const parts =
      "open" in examples
        ? examples
        : examples.flatMap((one) =>
            Array.from({ length: Math.ceil(stepsOf(one.encoded) / time) }, () => one),
          );
    return trainingBatches(op, parts, lengthOf, settings);
  }

  protected override lossOf(
    batch: readonly EncodedExample<Types>[],
    settings: FitSettingsOf<Types>,
  ): MeanLoss {
    const { sequenceLength, transpose } = settings;
    const parts = batch.map(({ encoded }) => this.#drawn(encoded, sequenceLength!, transpose!));
    const rows = parts.map((part) => rowOf(part, this.events, this.network.columns, this.#joint));
    const time = Math.max(...rows.map(({ length }) => length));
    const { x, lengths } = inputOf(rows, this.network.columns, 0, time);
    const { logits } = this.network.forward(x, { lengths });
    const steps = parts.reduce((count, { from, to }) => count + to - from, 0);
    return { loss: mul(sum(lossesOf(logits, rows, 0, this.#joint)), 1 / steps), count: steps };
  }

  /** A part of a piece at random, in a key at random. */
  #drawn(piece: EncodedPiece, sequenceLength: number, transpose: number): Part {
    const length = Math.min(sequenceLength, stepsOf(piece));
    const from = randomBelow(stepsOf(piece) - length + 1);
    const [low, high] = piece.span;
    const down = Math.min(transpose, low);
    const up = Math.min(transpose, this.events.notes - 1 - high);
    return { piece, from, to: from + length, shift: randomBelow(down + up + 1) - down };
  }

  protected override scoring(op: string): Scoring<Types> {
    return {
      scorer: new MusicScorer(op),
      find: (batch) => this.#losses(batch.map(({ encoded }) => encoded)),
    };
  }

  #losses(pieces: readonly EncodedPiece[]): StepLosses[] {
    const rows = pieces.map((piece) =>
      rowOf(wholeOf(piece), this.events, this.network.columns, this.#joint),
    );
    return inEvaluation(this, () => stepLosses(this.network, rows, this.#joint));
  }

  /**
   * The negative log-likelihoods of a piece's steps, from the second on, each given all steps before it, in nats.
   *
   * @throws OptionError for what is no piece, or one that it cannot read
   */
  stepLosses(piece: PieceGiven): Float64Array {
    const op = `${NAME}.stepLosses`;
    checkCall(op, arguments, "piece:object|list");
    return this.#losses([this.encodeInput(op, piece)])[0]!;
  }

  /**
   * The model as a writer of events for `greedy`, `sample` and `beamSearch` of `hiddenstate/decode`. Feed 0, the end of a step, first:
   * a piece begins behind it. What may not follow has a logit of -Infinity. It copies weights; dispose of it.
   *
   * @throws OptionError for a model of independent notes; IndexError by `step` for an event that may not follow
   */
  decoder(options: DecoderOptions = {}): Decoder {
    checkCall(DECODER, arguments, "{rows:number capacity:number}");
    if (this.#joint) return new EventDecoder(this.network, this.events, options);
    throw new OptionError({ op: DECODER, expected: 'notes "joint"', got: "independent notes" });
  }

  /**
   * Writes a piece, or goes on with one: what comes out begins with the prompt. Events are drawn one by one, or of independent notes
   * each note of a step. The same options give the same piece on every engine with the plain build.
   *
   * @throws OptionError for a prompt that it cannot read, or options that make no sense; NumericError where its weights are not finite
   */
  generate(options: GenerateMusicOptions = {}): Piece {
    const op = `${NAME}.generate`;
    checkCall(op, arguments, "options?:object");
    checkRecord(op, "options in an object", options);
    const { events, network } = this;
    return { ...this.timing, ...generate(op, { events, network, joint: this.#joint }, options) };
  }

  protected override describe() {
    return { options: this.options, timing: this.timing };
  }
}
