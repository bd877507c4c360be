// How good word vectors are, by gensim's rules: analogies, and the similarity of pairs as people judge it.
import { FormatError } from "../core/errors.js";
import { linesOf, type TextSource } from "../data/source.js";
import { pearson, spearman } from "../metrics/correlation.js";
import { searchTogether, unit, type Rows } from "./search.js";

export interface EvaluateVectorsOptions {
  /** Only so many words take part, from the first on. Default 300,000. */
  restrict?: number | undefined;
  /** Whether letters' case makes no difference: of words that differ in it, the first counts. Default true. */
  caseInsensitive?: boolean | undefined;
  /**
   * Whether what has an unknown word counts as wrong, in pairs as similarity 0, instead of being left out. Default false.
   */
  dummy4unknown?: boolean | undefined;
}

export interface AnalogyScores {
  /** Share of the questions that are answered right. */
  readonly accuracy: number;
  readonly correct: number;
  readonly total: number;
  /** Questions with unknown words, where they are left out. */
  readonly skipped: number;
  /** In the order of the file; `"(none)"` before the first title. */
  readonly sections: readonly (Omit<AnalogyScores, "sections"> & { readonly name: string })[];
}

export interface PairScores {
  /** Spearman's rank correlation with the judgements. */
  readonly spearman: number;
  readonly pearson: number;
  /** Pairs that were compared. */
  readonly pairs: number;
  /** Pairs with unknown words. */
  readonly unknown: number;
  /** Share of the pairs whose words are known. */
  readonly coverage: number;
}

/** Vectors, and the words that take part: by the spelling that is compared. */
export interface Evaluated extends Rows {
  readonly count: number;
  word(index: number): string;
}

type Spell = (word: string) => string;

function known(vectors: Evaluated, end: number, spell: Spell): Map<string, number> {
  const words = new Map<string, number>();
  for (let i = end - 1; i >= 0; i--) words.set(spell(vectors.word(i)), i);
  return words;
}

interface Question {
  readonly section: number;
  /** The rows of the first three words. */
  readonly given: readonly [number, number, number];
  readonly expected: string;
}

interface Section {
  readonly name: string;
  correct: number;
  total: number;
  skipped: number;
}

/** Candidates that are looked at, among which an answer must be. */
const CANDIDATES = 5;

export async function scoreAnalogies(
  vectors: Evaluated,
  source: TextSource,
  options: EvaluateVectorsOptions,
): Promise<AnalogyScores> {
  const { restrict = 300_000, caseInsensitive = true, dummy4unknown = false } = options;
  const spell: Spell = caseInsensitive ? (word) => word.toUpperCase() : (word) => word;
  const end = Math.min(vectors.count, restrict);
  const words = known(vectors, end, spell);
  const sections: Section[] = [];
  const questions: Question[] = [];
  const begin = (name: string): Section => {
    const section = { name, correct: 0, total: 0, skipped: 0 };
    sections.push(section);
    return section;
  };
  for await (const line of linesOf(source)) {
    if (line.startsWith(":")) {
      begin(line.slice(1).trim());
      continue;
    }
    const four = line.trim().split(/\s+/).map(spell);
    // As gensim has it: what is no question of four words is passed over.
    if (four.length !== 4) continue;
    const section = sections.at(-1) ?? begin("(none)");
    const [a, b, c, expected] = four.map((word) => words.get(word));
    if (a === undefined || b === undefined || c === undefined || expected === undefined) {
      if (dummy4unknown) section.total++;
      else section.skipped++;
      continue;
    }
    section.total++;
    questions.push({ section: sections.length - 1, given: [a, b, c], expected: four[3]! });
  }
  if (sections.length === 0)
    throw new FormatError({
      op: "WordVectors.evaluateAnalogies",
      expected: "lines of four words, such as: Athens Greece Oslo Norway",
      got: "none",
    });
  const { dimension } = vectors;
  const queries = new Float32Array(questions.length * dimension);
  questions.forEach(({ given }, i) => queries.set(analogy(vectors, given), i * dimension));
  const found = searchTogether(vectors, end, queries, CANDIDATES, (i) => questions[i]!.given);
  found.forEach(({ indices }, i) => {
    const { section, given, expected } = questions[i]!;
    const ignored = given.map((index) => spell(vectors.word(index)));
    const spelt = indices.map((index) => spell(vectors.word(index)));
    const answer = spelt.find((word) => !ignored.includes(word)) ?? spelt.at(-1);
    if (answer === expected) sections[section]!.correct++;
  });
  const sum = (of: "correct" | "total" | "skipped") =>
    sections.reduce((all, section) => all + section[of], 0);
  const [correct, total, skipped] = [sum("correct"), sum("total"), sum("skipped")];
  return {
    ...{ accuracy: correct / total, correct, total, skipped },
    sections: sections.map((one) => ({ ...one, accuracy: one.correct / one.total })),
  };
}

/** The direction of b - a + c, each of length 1. */
function analogy(
  { values, dimension, inverse }: Rows,
  [a, b, c]: readonly [number, number, number],
): Float64Array {
  const sum = new Float64Array(dimension);
  for (const [row, sign] of [
    [a, -1],
    [b, 1],
    [c, 1],
  ] as const)
    for (let i = 0; i < dimension; i++)
      sum[i]! += sign * inverse[row]! * values[row * dimension + i]!;
  return unit(sum);
}

export async function scorePairs(
  vectors: Evaluated,
  source: TextSource,
  options: EvaluateVectorsOptions,
  similarity: (a: number, b: number) => number,
): Promise<PairScores> {
  const { restrict = 300_000, caseInsensitive = true, dummy4unknown = false } = options;
  const spell: Spell = caseInsensitive ? (word) => word.toUpperCase() : (word) => word;
  const words = known(vectors, Math.min(vectors.count, restrict), spell);
  const judged: number[] = [];
  const scored: number[] = [];
  let unknown = 0;
  let place = 0;
  for await (const line of linesOf(source)) {
    place++;
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [first, second, text, ...more] = line.trim().split(line.includes("\t") ? /\t/ : /\s+/);
    const judgement = Number(text);
    if (text === undefined || more.length > 0 || !Number.isFinite(judgement))
      throw new FormatError({
        op: "WordVectors.evaluatePairs",
        expected: "two words and a number in each line",
        got: `${JSON.stringify(line.slice(0, 80))} in line ${place}`,
        cure: "A line of titles begins with #.",
      });
    const [a, b] = [words.get(spell(first!)), words.get(spell(second!))];
    const isKnown = a !== undefined && b !== undefined;
    if (!isKnown) unknown++;
    if (!isKnown && !dummy4unknown) continue;
    judged.push(judgement);
    scored.push(isKnown ? similarity(a, b) : 0);
  }
  const found = dummy4unknown ? scored.length - unknown : scored.length;
  return {
    spearman: spearman(scored, judged),
    pearson: pearson(scored, judged),
    ...{ pairs: scored.length, unknown, coverage: found / (found + unknown) },
  };
}
