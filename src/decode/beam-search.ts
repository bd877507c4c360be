import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { Candidates } from "./candidates.js";
import { constrain, deadEnd } from "./constraints.js";
import type { Decoder } from "./decoder.js";
import { append, idsOf, NOTHING, type Hypothesis, type Written } from "./hypothesis.js";
import { lengthPenalty, type LengthPenalty } from "./length-penalty.js";
import {
  DECODE_KEYS,
  readDecodeOptions,
  type DecodeOptions,
  type DecodeSettings,
  type Source,
} from "./options.js";
import { Steps } from "./steps.js";

export interface BeamSearchOptions extends DecodeOptions {
  /** Texts that are kept open for each row. Default 5. */
  beams?: number | undefined;
  /** How many of the best texts to return for each row, at most `beams`. Default 1. */
  nBest?: number | undefined;
  /** What makes up for the lower probability of longer texts, see {@link LengthPenalty}. Default `"none"`. */
  lengthPenalty?: LengthPenalty | undefined;
  /** The exponent of the length penalty, at least 0. Default 1. */
  alpha?: number | undefined;
  /**
   * When a row ends. `false`: when no open text can still get among the best. That is exact, and takes long where a
   * length penalty favours texts of up to a large `maxLength`. `"heuristic"`: when `beams` of its texts are complete
   * and no open text would get among the best as it stands, as Hugging Face's `early_stopping=False`. `true`: as soon as
   * `beams` are complete, as fairseq; with few classes these may be poor ones beside what is open. Default false.
   */
  earlyStopping?: EarlyStopping | undefined;
}

/** When a beam search ends a row, see {@link BeamSearchOptions.earlyStopping}. */
export type EarlyStopping = boolean | "heuristic";

interface BeamSettings extends DecodeSettings {
  readonly beams: number;
  readonly nBest: number;
  readonly penalty: (length: number) => number;
  readonly earlyStopping: EarlyStopping;
}

const OP = "beamSearch";
const SIGNATURE = `decoder:object {beams:number nBest:number lengthPenalty alpha:number earlyStopping:boolean|string ${DECODE_KEYS}}`;

/**
 * The most probable texts that a beam of open texts finds, for all rows of the decoder at once. At each step the
 * continuations of a row's open texts are ranked by log-probability. Those among the best `beams` that end are complete; the
 * best `beams` that do not end stay open (as in fairseq and Hugging Face). At `maxLength` the best `beams` are complete,
 * ended or not. Complete texts are ranked by log-probability over length penalty; equal ones by who was complete
 * first, then by log-probability at each step from the last, then by the lower id, so the result is the same on every engine.
 *
 * `beams: 1` without a length penalty is {@link greedy} search. A text that nothing may follow is dropped.
 *
 * @returns for each row, the best first: `nBest`, or all where the search found fewer
 * @throws OptionError for options that make no sense, a decoder with a capacity below rows · beams, or a row that
 *   comes to nothing; IndexError for ids that are no classes; ShapeError for lists that have not as many
 *   elements as the decoder has rows; NumericError for logits that are no distribution
 */
export function beamSearch(decoder: Decoder, options: BeamSearchOptions): Hypothesis[][] {
  checkCall(OP, arguments, SIGNATURE);
  const settings = readSettings(decoder, options);
  const { beams, endTokens, sources } = settings;
  const candidates = new Candidates(beams * (1 + endTokens.size));
  const searches = sources.map((source) => new Search(source, settings, candidates));
  const steps = new Steps(OP, decoder, sources.length * beams);
  try {
    let live = searches;
    while (live.length > 0) {
      let rows = 0;
      for (const { open } of live) for (const { next } of open) steps.ids[rows++] = next;
      steps.feed(
        rows,
        live.some((search) => search.reads),
      );
      let first = 0;
      for (const search of live) first += search.advance(steps, first);
      live = live.filter(({ open }) => open.length > 0);
      rows = 0;
      for (const { open } of live) for (const { row } of open) steps.from[rows++] = row;
      if (rows > 0) steps.select(rows);
    }
  } finally {
    steps.dispose();
  }
  return searches.map(({ best }) => best);
}

function readSettings(decoder: Decoder, options: BeamSearchOptions): BeamSettings {
  const { beams = 5, nBest = 1, alpha, earlyStopping = false } = options;
  checkCount(OP, "beams", beams);
  checkCount(OP, "nBest", nBest);
  if (nBest > beams)
    throw new OptionError({
      op: OP,
      expected: `nBest at most ${beams} beams`,
      got: described(nBest),
    });
  if (typeof earlyStopping !== "boolean" && earlyStopping !== "heuristic")
    throw new OptionError({
      op: OP,
      expected: 'earlyStopping true, false or "heuristic"',
      got: described(earlyStopping),
    });
  return {
    ...readDecodeOptions(OP, decoder, options, beams),
    beams,
    nBest,
    penalty: lengthPenalty(OP, options.lengthPenalty ?? "none", alpha),
    earlyStopping,
  };
}

/** An open text. */
interface Beam {
  /** The decoder's row that it goes on from. */
  readonly row: number;
  /** What it reads next. */
  readonly next: number;
  readonly written: Written;
  readonly logProbability: number;
}

/** The search of one row. */
class Search {
  /** All of one length, the most probable first. */
  open: readonly Beam[];
  /** Complete texts, the best first, `nBest` at the most. */
  readonly best: Hypothesis[] = [];
  readonly #source: Source;
  readonly #settings: BeamSettings;
  readonly #candidates: Candidates;
  /** By how much the score of a text is divided at the most. */
  readonly #mostPenalty: number;
  /** Ids of the prompt that it has read. */
  #read = 0;
  #complete = 0;

  constructor(source: Source, settings: BeamSettings, candidates: Candidates) {
    this.#source = source;
    this.#settings = settings;
    this.#candidates = candidates;
    // A hair more than the last: exp and log round.
    this.#mostPenalty = settings.penalty(source.maxLength) * (1 + 1e-12);
    this.open = [{ row: source.row, next: source.prompt[0]!, written: NOTHING, logProbability: 0 }];
  }

  /** Whether it will ask for the logits of the next step. */
  get reads(): boolean {
    return this.#read + 1 >= this.#source.prompt.length;
  }

  /** Goes on after a step, in which its texts had the decoder's rows from `first` on. Returns how many. */
  advance(steps: Steps, first: number): number {
    const { open } = this;
    const { prompt } = this.#source;
    if (++this.#read < prompt.length)
      this.open = [{ ...open[0]!, row: first, next: prompt[this.#read]! }];
    else this.#extend(steps, first);
    return open.length;
  }

  #extend(steps: Steps, first: number): void {
    const { open } = this;
    const candidates = this.#candidates;
    const { beams, endTokens } = this.#settings;
    const last = open[0]!.written.length + 1 === this.#source.maxLength;
    // So many that `beams` of them do not end.
    candidates.begin(last ? beams : beams + endTokens.size * open.length);
    open.forEach(({ written, logProbability }, i) => {
      const values = steps.logProbabilities(first + i);
      constrain(values, written, this.#source, this.#settings);
      candidates.scan(i, logProbability, values);
    });
    const next: Beam[] = [];
    for (let rank = 0; rank < candidates.length && next.length < beams; rank++) {
      const id = candidates.ids[rank]!;
      const logProbability = candidates.logProbabilities[rank]!;
      const parent = candidates.rows[rank]!;
      const written = append(open[parent]!.written, id);
      const finished = endTokens.has(id);
      if (!finished && !last) next.push({ row: first + parent, next: id, written, logProbability });
      else if (rank < beams) this.#take(written, logProbability, finished);
    }
    while (next.length > 0 && this.#isHopeless(next.at(-1)!)) next.pop();
    this.open = this.#endsEarly(next) ? [] : next;
    if (this.open.length === 0 && this.best.length === 0)
      throw deadEnd(OP, this.#source, open[0]!.written);
  }

  #endsEarly([ahead]: readonly Beam[]): boolean {
    const { beams, nBest, penalty, earlyStopping } = this.#settings;
    if (ahead === undefined || earlyStopping === false || this.#complete < beams) return false;
    const score = ahead.logProbability / penalty(ahead.written.length);
    return earlyStopping === true || score <= this.best[nBest - 1]!.score;
  }

  #take(written: Written, logProbability: number, finished: boolean): void {
    const { best } = this;
    const score = logProbability / this.#settings.penalty(written.length);
    let at = best.length;
    while (at > 0 && best[at - 1]!.score < score) at--;
    best.splice(at, 0, { ids: idsOf(written), score, logProbability, finished });
    best.length = Math.min(best.length, this.#settings.nBest);
    this.#complete++;
  }

  /**
   * Whether nothing that an open text can become gets among the best: then it need not be looked at any more.
   *
   * Let p be its log-probability. What is added is at most 0, and a rounded sum is no larger than its larger
   * part, so whatever it becomes has at most p, and p is at most 0. Penalties do not fall with the length, and
   * the length is at most maxLength: the score is at most p / penalty(maxLength). If the last of `nBest`
   * complete texts has as much, it stays ahead, since it was complete first.
   *
   * That it is dropped changes nothing for others. The open texts have one length, so those that are dropped have the least p.
   * What their continuations would have crowded out of the beam has no higher p than these, and could not get among
   * the best either.
   */
  #isHopeless({ logProbability }: Beam): boolean {
    const worst = this.best[this.#settings.nBest - 1];
    return worst !== undefined && logProbability / this.#mostPenalty <= worst.score;
  }
}
