// What searches must find, by definition: everything is tried, nothing is left out, and all is sorted.
import type { BeamSearchOptions, Hypothesis } from "../../src/decode/index.js";
import { logProbabilitiesOf, type Script } from "./scripted-decoder.js";

/** One row's options, each given. */
export interface Task {
  source: number;
  prompt: readonly number[];
  prefix: readonly number[];
  maxLength: number;
  minLength: number;
  endToken: readonly number[];
  excluded: readonly number[];
  noRepeatNgramSize: number | undefined;
  beams: number;
  nBest: number;
  lengthPenalty: NonNullable<BeamSearchOptions["lengthPenalty"]>;
  alpha: number | undefined;
}

/** A beginning, with the log-probability of each of its beginnings. */
interface Path {
  ids: readonly number[];
  logProbabilities: readonly number[];
}

const EMPTY: Path = { ids: [], logProbabilities: [0] };

function last({ logProbabilities }: Path): number {
  return logProbabilities[logProbabilities.length - 1]!;
}

function isFinished({ endToken }: Task, { ids }: Path): boolean {
  return ids.length > 0 && endToken.includes(ids[ids.length - 1]!);
}

/** All that may follow by one id, in the order of ids. */
function continuations(script: Script, task: Task, path: Path): Path[] {
  const values = logProbabilitiesOf(script, task.source, [...task.prompt, ...path.ids]);
  return [...values.keys()]
    .filter((id) => values[id]! > -Infinity && isAllowed(task, path.ids, id))
    .map((id) => ({
      ids: [...path.ids, id],
      logProbabilities: [...path.logProbabilities, last(path) + values[id]!],
    }));
}

/** Whether an id may follow. */
export function isAllowed(task: Task, ids: readonly number[], id: number): boolean {
  const { prefix, excluded, endToken, minLength, noRepeatNgramSize: n } = task;
  if (ids.length < prefix.length) return id === prefix[ids.length];
  if (excluded.includes(id)) return false;
  if (ids.length < minLength && endToken.includes(id)) return false;
  if (n === undefined) return true;
  const grams = [...ids, id].map((_, i, all) => all.slice(i, i + n).join());
  const newest = [...ids, id].slice(-n).join();
  return ids.length + 1 < n || grams.indexOf(newest) === ids.length + 1 - n;
}

function toHypothesis(task: Task, path: Path): Hypothesis {
  const { lengthPenalty, alpha = 1 } = task;
  const { length } = path.ids;
  const base = { none: 1, average: length, wu: (5 + length) / 6 }[lengthPenalty];
  const logProbability = last(path);
  return {
    ids: Int32Array.from(path.ids),
    score: logProbability / (alpha === 1 ? base : Math.pow(base, alpha)),
    logProbability,
    finished: isFinished(task, path),
  };
}

/** The order of a beam: by probability, then by the order of what came before, then by id. */
function byBeam(a: Path, b: Path): number {
  for (let t = a.ids.length; t > 0; t--) {
    const difference = b.logProbabilities[t]! - a.logProbabilities[t]!;
    if (difference !== 0) return difference;
  }
  const first = a.ids.findIndex((id, i) => id !== b.ids[i]);
  return a.ids[first]! - b.ids[first]!;
}

/** Every text that the constraints allow, ranked: the `nBest` best. */
export function exhaustive(script: Script, task: Task): Hypothesis[] {
  const complete: Path[] = [];
  const visit = (path: Path): void => {
    if (isFinished(task, path) || path.ids.length === task.maxLength) complete.push(path);
    else continuations(script, task, path).forEach(visit);
  };
  visit(EMPTY);
  const ranked = complete
    .sort((a, b) => a.ids.length - b.ids.length || byBeam(a, b))
    .map((path) => toHypothesis(task, path));
  // A stable sort: of equal scores the first stays first.
  return ranked.sort((a, b) => b.score - a.score).slice(0, task.nBest);
}

/** Beam search that sorts all continuations and never ends early. */
export function plainBeamSearch(script: Script, task: Task): Hypothesis[] {
  const { beams, maxLength, nBest } = task;
  let open = [EMPTY];
  const complete: Path[] = [];
  for (let length = 1; length <= maxLength; length++) {
    const ranked = open
      .flatMap((path) => continuations(script, task, path))
      .sort((a, b) => last(b) - last(a));
    const ends = (path: Path): boolean => length === maxLength || isFinished(task, path);
    complete.push(...ranked.slice(0, beams).filter(ends));
    open = ranked.filter((path) => !ends(path)).slice(0, beams);
  }
  return complete
    .map((path) => toHypothesis(task, path))
    .sort((a, b) => b.score - a.score)
    .slice(0, nBest);
}
