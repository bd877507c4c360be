// Named entities, slots, chunks: how many spans are found, as the CoNLL shared tasks count it.
import { checkCall, checkChoice } from "../core/check.js";
import { described } from "../core/described.js";
import { ShapeError } from "../core/errors.js";
import { classScore } from "./confusion-matrix.js";
import {
  spansOf,
  strictSpansOf,
  TAG_SCHEMES,
  type Span,
  type SpanType,
  type TagScheme,
} from "./spans.js";

/** Of spans: how many there are, how many are said to be, and how many of those are right. */
export interface EntityScore {
  /** Spans predicted with exactly the right words and type. */
  readonly correct: number;
  readonly predicted: number;
  readonly target: number;
  /** correct / predicted; 0 where none is predicted. */
  readonly precision: number;
  /** correct / target; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of both; 0 where both are. */
  readonly f1: number;
}

export interface EntityScores<Type extends string = string> extends EntityScore {
  readonly tokens: number;
  /** Share of words with the right tag, those outside included; NaN where there is none. */
  readonly accuracy: number;
  /** The types in the order of their names. */
  readonly byType: Readonly<Record<Type, EntityScore>>;
}

export interface EntityScoresOptions {
  /**
   * Counts only spans that are written just as this scheme writes them ({@link strictSpansOf}), as seqeval does in its
   * strict mode. Default: every span that the tags mark ({@link spansOf}), as conlleval counts.
   */
  strict?: TagScheme | undefined;
}

/**
 * Precision, recall and F1 of spans, overall and by type, with the counts of conlleval (the evaluation of the
 * CoNLL-2000 to 2003 shared tasks). The tags may be of any scheme.
 *
 * @param predicted the tags of each sentence
 * @throws ShapeError where sentences or words do not match
 * @example
 * ```ts
 * const { f1 } = entityScores([["B-PER", "O"]], [["B-PER", "I-PER"]]);
 * f1; // 0
 * ```
 */
export function entityScores<Tag extends string>(
  predicted: readonly (readonly Tag[])[],
  target: readonly (readonly Tag[])[],
  options: EntityScoresOptions = {},
): EntityScores<SpanType<Tag>> {
  checkCall("entityScores", arguments, "predicted:list target:list {strict:string}");
  requireEqual("sentences", predicted.length, target.length);
  const counter = new EntityCounter<Tag>(options);
  target.forEach((tags, sentence) => counter.add(predicted[sentence]!, tags));
  return counter.scores();
}

/**
 * {@link entityScores} of sentences that come one by one.
 *
 * @example
 * ```ts
 * const counter = new EntityCounter<"B-PER" | "I-PER" | "O">();
 * counter.add(["B-PER", "O"], ["B-PER", "O"]);
 * counter.scores().f1; // 1
 * ```
 */
export class EntityCounter<Tag extends string = string> {
  readonly #counts = new Map<string, Counts>();
  #sentences = 0;
  #tokens = 0;
  #right = 0;
  readonly #spansOf: (tags: readonly string[]) => Span[];

  constructor(options: EntityScoresOptions = {}) {
    checkCall("EntityCounter", arguments, "{strict:string}");
    const { strict } = options;
    if (strict !== undefined) checkChoice("EntityCounter", "strict", strict, TAG_SCHEMES);
    this.#spansOf = strict === undefined ? spansOf : (tags) => strictSpansOf(tags, strict);
  }

  /** @throws ShapeError where there are not as many tags */
  add(predicted: readonly Tag[], target: readonly Tag[]): void {
    checkCall("EntityCounter.add", arguments, "predicted:list target:list");
    requireEqual(`words in sentence ${this.#sentences++}`, predicted.length, target.length);
    this.#tokens += target.length;
    target.forEach((tag, i) => (this.#right += tag === predicted[i] ? 1 : 0));
    countSpans(this.#counts, this.#spansOf(predicted), this.#spansOf(target));
  }

  /** Of all sentences so far. */
  scores(): EntityScores<SpanType<Tag>> {
    const all: Counts = { correct: 0, predicted: 0, target: 0 };
    for (const { correct, predicted, target } of this.#counts.values()) {
      all.correct += correct;
      all.predicted += predicted;
      all.target += target;
    }
    const types = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      ...scoreOf(all),
      tokens: this.#tokens,
      accuracy: this.#right / this.#tokens,
      byType: Object.fromEntries(types.map(([type, one]) => [type, scoreOf(one)])) as Record<
        SpanType<Tag>,
        EntityScore
      >,
    };
  }
}

/** The report that conlleval prints, in per cent: a line for all, and one for each type. */
export function entityReport(scores: EntityScores): string {
  checkCall("entityReport", arguments, "scores:object");
  checkCall("entityReport", [scores.tokens, scores.byType], "tokens:number byType:object");
  const { tokens, accuracy, byType, target, predicted, correct } = scores;
  const figures = (score: EntityScore) =>
    `precision: ${percent(score.precision)}; recall: ${percent(score.recall)}; FB1: ${percent(score.f1).slice(0, -1)}`;
  return [
    `processed ${tokens} tokens with ${target} phrases; found: ${predicted} phrases; correct: ${correct}.`,
    `accuracy: ${percent(accuracy)}; ${figures(scores)}`,
    ...Object.entries<EntityScore>(byType).map(
      ([type, score]) => `${type.padStart(17)}: ${figures(score)}  ${score.predicted}`,
    ),
  ].join("\n");
}

interface Counts {
  correct: number;
  predicted: number;
  target: number;
}

function countSpans(
  counts: Map<string, Counts>,
  predicted: readonly Span[],
  target: readonly Span[],
): void {
  const of = (type: string): Counts => {
    const known = counts.get(type);
    if (known) return known;
    const fresh = { correct: 0, predicted: 0, target: 0 };
    counts.set(type, fresh);
    return fresh;
  };
  for (const { type } of target) of(type).target++;
  // Both are in order: one walk finds what they share.
  let next = 0;
  for (const { type, start, end } of predicted) {
    of(type).predicted++;
    while (next < target.length && target[next]!.start < start) next++;
    const same = target[next];
    if (same?.start === start && same.end === end && same.type === type) of(type).correct++;
  }
}

function scoreOf(counts: Counts): EntityScore {
  const { precision, recall, f1 } = classScore(counts);
  return { ...counts, precision, recall, f1 };
}

function requireEqual(what: string, predicted: number, target: number): void {
  if (predicted === target) return;
  throw new ShapeError({
    op: "entityScores",
    expected: `${target} ${what}, as in the target`,
    got: described(predicted),
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2).padStart(6)}%`;
}
