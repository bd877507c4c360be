// Phrases of parsed sentences, counted as EVALB counts them.
import { checkCall, checkCount } from "../core/check.js";
import { FormatError } from "../core/errors.js";
import { checkTree, isLeaf, leavesOf, TRACE, type Tree, type TreeLeaf } from "../core/tree.js";
import { TreeParser } from "../core/tree-parser.js";
import { classScore } from "./confusion-matrix.js";
import { requirePairs } from "./segments.js";

export type { Tree, TreeLeaf, TreePhrase } from "../core/tree.js";

export interface BracketScores {
  /** Sentences in all: those that count, those with an error, those that are skipped. */
  readonly sentences: number;
  readonly valid: number;
  /** Sentences whose prediction is malformed or of other words; none of their brackets count. */
  readonly errors: number;
  /** Sentences for which there is no parse. */
  readonly skipped: number;
  /** What is wrong with those that do not count: the sentence, from 0, and why, in EVALB's words. */
  readonly problems: readonly { readonly sentence: number; readonly problem: string }[];
  /** Brackets with the right words and label. */
  readonly matched: number;
  readonly predicted: number;
  readonly target: number;
  /** matched / predicted; 0 where there is none. */
  readonly precision: number;
  /** matched / target; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of both; 0 where both are. */
  readonly f1: number;
  /** Share of valid sentences whose brackets are exactly right; NaN where there is none. EVALB: complete match. */
  readonly exactMatch: number;
  /** Predicted brackets that cross one of the target, in a valid sentence on average. */
  readonly averageCrossing: number;
  /** Share of valid sentences without. */
  readonly noCrossing: number;
  /** Share of valid sentences with at most two. */
  readonly twoOrLessCrossing: number;
  /** Words of valid sentences, without punctuation and traces. */
  readonly words: number;
  /** Share of them with the right part of speech; NaN where there is none. */
  readonly tagAccuracy: number;
}

export interface BracketOptions {
  /** Sentences with more words are left out; traces are no words, punctuation is. EVALB's second table has 40. Default: none. */
  maxLength?: number;
}

/**
 * Labelled precision, recall and F1 of the brackets of parses, over all sentences together, with the counts of EVALB (Sekine
 * and Collins 1997) by its settings COLLINS.prm (Collins 1997). Function tags are cut off; ADVP and PRT are one label; tops
 * (TOP), traces and punctuation (`, : '' .` and opening quotes) do not count, nor phrases that have nothing else. S1, ROOT and brackets
 * without a label are tops here, which that file does not name.
 *
 * What is punctuation each side's own tags say: a parse that tags a comma as a noun has a word more, and its sentence is
 * an error. A parse made with the target's tags cannot be wrong so.
 *
 * @param predicted trees, or texts of them, as a file for EVALB has them line by line; an empty one is skipped
 * @param target likewise
 * @throws ShapeError where there are not as many; FormatError for a target that is malformed
 * @example
 * ```ts
 * const { precision, recall } = bracketScores(
 *   ["(S (NP (PRP It)) (VP (VBZ works) (ADVP (RB well))))"],
 *   ["(S (NP (PRP It)) (VP (VBZ works) (NP (RB well))))"],
 * );
 * precision; // 0.75
 * ```
 */
export function bracketScores(
  predicted: readonly (Tree | string)[],
  target: readonly (Tree | string)[],
  options: BracketOptions = {},
): BracketScores {
  checkCall("bracketScores", arguments, "predicted:list target:list {maxLength:number}");
  requirePairs("bracketScores", predicted.length, target.length);
  const counter = new BracketCounter(options);
  target.forEach((tree, i) => counter.add(predicted[i]!, tree));
  return counter.scores();
}

/** Spans and labels count, nothing else of a tree. */
interface Parse {
  readonly words: readonly TreeLeaf[];
  /** Words and punctuation. */
  readonly length: number;
  readonly brackets: readonly Bracket[];
}

interface Bracket {
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

/**
 * {@link bracketScores} of sentences that come one by one.
 *
 * @example
 * ```ts
 * const counter = new BracketCounter();
 * counter.add("(S (NP (NN dogs)) (VP (VBP bark)))", "(S (NP (NNS dogs)) (VP (VBP bark)))");
 * const { f1, tagAccuracy } = counter.scores();
 * f1; // 1
 * tagAccuracy; // 0.5
 * ```
 */
export class BracketCounter {
  readonly #maxLength: number;
  readonly #problems: { sentence: number; problem: string }[] = [];
  #seen = 0;
  readonly #totals = {
    ...{ sentences: 0, errors: 0, skipped: 0, matched: 0, predicted: 0, target: 0 },
    ...{ exact: 0, crossing: 0, uncrossed: 0, upToTwo: 0, words: 0, rightTags: 0 },
  };

  constructor(options: BracketOptions = {}) {
    checkCall("BracketCounter", arguments, "{maxLength:number}");
    const { maxLength } = options;
    if (maxLength !== undefined) checkCount("BracketCounter", "maxLength", maxLength);
    this.#maxLength = maxLength ?? Infinity;
  }

  /** @throws FormatError for a target that is malformed */
  add(predicted: Tree | string, target: Tree | string): void {
    checkCall("BracketCounter.add", arguments, "predicted:string|object target:string|object");
    const sentence = this.#seen++;
    const wanted = parseOf(target, (expected, got, column) => {
      const place = `the target of sentence ${sentence}, column ${column}`;
      return new FormatError({ op: "BracketCounter.add", expected, got: `${got} (${place})` });
    });
    if (wanted.length > this.#maxLength) return;
    this.#totals.sentences++;
    let said: Parse;
    try {
      said = parseOf(
        predicted,
        (expected, got) => new Malformed(`expected ${expected}, got ${got}`),
      );
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#totals.errors++;
      this.#problems.push({ sentence, problem: error.message });
      return;
    }
    const problem = problemOf(said.words, wanted.words);
    if (problem === undefined) return this.#count(said, wanted);
    this.#totals[said.words.length === 0 ? "skipped" : "errors"]++;
    this.#problems.push({ sentence, problem });
  }

  /** Of all sentences so far. */
  scores(): BracketScores {
    const { sentences, errors, skipped, matched, predicted, target, words } = this.#totals;
    const { exact, crossing, uncrossed, upToTwo, rightTags } = this.#totals;
    const valid = sentences - errors - skipped;
    const { precision, recall, f1 } = classScore({ correct: matched, predicted, target });
    return {
      ...{ sentences, valid, errors, skipped, problems: [...this.#problems] },
      ...{ matched, predicted, target, precision, recall, f1 },
      exactMatch: exact / valid,
      averageCrossing: crossing / valid,
      noCrossing: uncrossed / valid,
      twoOrLessCrossing: upToTwo / valid,
      words,
      tagAccuracy: rightTags / words,
    };
  }

  #count(said: Parse, wanted: Parse): void {
    const totals = this.#totals;
    const matched = matches(said.brackets, wanted.brackets);
    const crossing = said.brackets.filter((bracket) =>
      wanted.brackets.some((other) => cross(bracket, other)),
    ).length;
    totals.matched += matched;
    totals.predicted += said.brackets.length;
    totals.target += wanted.brackets.length;
    if (matched === said.brackets.length && matched === wanted.brackets.length) totals.exact++;
    totals.crossing += crossing;
    if (crossing === 0) totals.uncrossed++;
    if (crossing <= 2) totals.upToTwo++;
    totals.words += wanted.words.length;
    wanted.words.forEach(({ label }, i) => {
      if (sameLabel(label) === sameLabel(said.words[i]!.label)) totals.rightTags++;
    });
  }
}

/** The table that EVALB prints, in per cent. */
export function bracketReport(scores: BracketScores): string {
  checkCall("bracketReport", arguments, "scores:object");
  const line = (name: string, value: number, digits: number): string => {
    checkCall("bracketReport", [value], "score:number");
    // Where nothing counts, EVALB prints zeros.
    const shown = Number.isNaN(value) ? 0 : value;
    return `${name.padEnd(25)} = ${shown.toFixed(digits).padStart(6)}`;
  };
  const count = (name: string, value: number) => line(name, value, 0);
  const percent = (name: string, share: number) => line(name, 100 * share, 2);
  return [
    count("Number of sentence", scores.sentences),
    count("Number of Error sentence", scores.errors),
    count("Number of Skip  sentence", scores.skipped),
    count("Number of Valid sentence", scores.valid),
    percent("Bracketing Recall", scores.recall),
    percent("Bracketing Precision", scores.precision),
    percent("Bracketing FMeasure", scores.f1),
    percent("Complete match", scores.exactMatch),
    line("Average crossing", scores.averageCrossing, 2),
    percent("No crossing", scores.noCrossing),
    percent("2 or less crossing", scores.twoOrLessCrossing),
    percent("Tagging accuracy", scores.tagAccuracy),
  ].join("\n");
}

/** A prediction that is no tree. */
class Malformed extends Error {}

/** What does not count: COLLINS.prm's labels, and what other parsers call the top. */
const IGNORED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...["TOP", "S1", "ROOT", TRACE],
  ...[",", ":", "``", "''", "."],
]);

function sameLabel(label: string): string {
  return label === "PRT" ? "ADVP" : label;
}

function parseOf(
  tree: Tree | string,
  fault: (expected: string, got: string, column: number) => Error,
): Parse {
  if (typeof tree !== "string") {
    checkTree("BracketCounter.add", tree);
    return parseOfTrees([tree]);
  }
  const parser = new TreeParser(fault);
  // A line end is a blank here.
  const trees = parser.line(tree.replace(/[\r\n]/g, " "));
  if (parser.missing !== undefined) throw fault(parser.missing, "the end", tree.length + 1);
  return parseOfTrees(trees);
}

function parseOfTrees(trees: readonly Tree[]): Parse {
  const words: TreeLeaf[] = [];
  const brackets: Bracket[] = [];
  const visit = (tree: Tree): void => {
    if (isLeaf(tree)) {
      if (!IGNORED.has(tree.label)) words.push(tree);
      return;
    }
    const start = words.length;
    tree.children.forEach(visit);
    // EVALB cuts at the first - or =, also where a label begins with it.
    const label = tree.label.replace(/[-=].*$/s, "");
    if (words.length > start && tree.label !== "" && !IGNORED.has(label))
      brackets.push({ label, start, end: words.length });
  };
  trees.forEach(visit);
  const length = trees.flatMap(leavesOf).filter(({ label }) => label !== TRACE).length;
  return { words, length, brackets };
}

/** Why a sentence does not count, in EVALB's words; undefined: it does. */
function problemOf(said: readonly TreeLeaf[], wanted: readonly TreeLeaf[]): string | undefined {
  if (said.length === 0) return "no parse";
  if (said.length !== wanted.length) return `length unmatch (${wanted.length}|${said.length})`;
  const i = wanted.findIndex(({ word }, i) => word !== said[i]!.word);
  return i < 0 ? undefined : `words unmatch (${wanted[i]!.word}|${said[i]!.word})`;
}

/** Brackets that both have, each as often as the one that has it less often. */
function matches(said: readonly Bracket[], wanted: readonly Bracket[]): number {
  const left = new Map<string, number>();
  const keyOf = ({ label, start, end }: Bracket) => `${start} ${end} ${sameLabel(label)}`;
  for (const bracket of wanted) left.set(keyOf(bracket), (left.get(keyOf(bracket)) ?? 0) + 1);
  return said.filter((bracket) => {
    const count = left.get(keyOf(bracket)) ?? 0;
    left.set(keyOf(bracket), count - 1);
    return count > 0;
  }).length;
}

function cross(a: Bracket, b: Bracket): boolean {
  const [first, second] = a.start < b.start ? [a, b] : [b, a];
  return first.start < second.start && second.start < first.end && first.end < second.end;
}
