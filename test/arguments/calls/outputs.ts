// Scores of what models write; trees and their tokens.
import * as data from "../../../src/data/index.js";
import * as metrics from "../../../src/metrics/index.js";
import * as text from "../../../src/text/index.js";
import { call, made, method, type Call, type Kind } from "../wrong-calls.js";

const TREE = "(NP (DT the) (NN dog))";
const tree = () => data.parseTree(TREE);
const BLEU = {
  ...{ lowercase: true, smoothing: "floor", smoothingValue: 0.1, maxOrder: 2 },
  ...{ weights: [0.5, 0.5], effectiveOrder: false, lengthTies: "first" },
} as const;
const CHRF = { charOrder: 3, wordOrder: 1, beta: 1, lowercase: true, whitespace: true };
const OPTIONS = { functionTags: false, traces: false };
/** A text in place of a list of tokens, or of a tree. */
const text0: Readonly<Record<string, Kind>> = { "0": "string" };
const texts: Readonly<Record<string, readonly Kind[]>> = {
  ...{ "0": ["string", "array"], "1": ["string", "array"] },
};

/** Typed arrays in place of lists of numbers. */
const NUMBERS = {
  also: { "0": "typed array", "1": "typed array", "2": "typed array" },
} as const;

export const OUTPUT_CALLS: Readonly<Record<string, Call>> = {
  bleu: call(metrics.bleu, () => [["a b"], [["a c"]], { ...BLEU, tokenize: "none" }]),
  "new BleuCounter": made(metrics.BleuCounter, () => [{ ...BLEU, tokenize: "char" }]),
  "BleuCounter.add": method(
    () => new metrics.BleuCounter(),
    "add",
    () => [["a", "b"], [["a"]]],
    { also: text0 },
  ),
  "BleuCounter.scores": method(
    () => new metrics.BleuCounter(),
    "scores",
    () => [],
  ),
  captionTokens: call(metrics.captionTokens, () => ["a b"]),
  cider: call(metrics.cider, () => [[["a", "b"]], [[["a", "c"]]]]),
  "CiderCounter.add": method(
    () => new metrics.CiderCounter(),
    "add",
    () => [["a"], [["a", "b"]]],
  ),
  "CiderCounter.scores": method(
    () => new metrics.CiderCounter(),
    "scores",
    () => [],
  ),
  chrf: call(metrics.chrf, () => [["a b"], [["a c"]], CHRF]),
  "new ChrfCounter": made(metrics.ChrfCounter, () => [CHRF]),
  "ChrfCounter.add": method(
    () => new metrics.ChrfCounter(),
    "add",
    () => ["a", ["b"]],
  ),
  "ChrfCounter.scores": method(
    () => new metrics.ChrfCounter(),
    "scores",
    () => [],
  ),
  meanAbsoluteError: call(metrics.meanAbsoluteError, () => [[1], [2]], NUMBERS),
  rootMeanSquaredError: call(metrics.rootMeanSquaredError, () => [[1], [2]], NUMBERS),
  symmetricMAPE: call(metrics.symmetricMAPE, () => [[1], [2]], NUMBERS),
  meanAbsoluteScaledError: call(
    metrics.meanAbsoluteScaledError,
    () => [[1], [2], [1, 2], { season: 1 }],
    NUMBERS,
  ),
  pinballLoss: call(metrics.pinballLoss, () => [[1], [2], 0.5], NUMBERS),
  intervalCoverage: call(metrics.intervalCoverage, () => [[1], [0], [2]], NUMBERS),
  crpsOfSamples: call(metrics.crpsOfSamples, () => [[1], [[1, 2]]], NUMBERS),
  crpsOfQuantiles: call(metrics.crpsOfQuantiles, () => [[1], [[1, 2]], [0.1, 0.9]], NUMBERS),
  lastValueForecast: call(metrics.lastValueForecast, () => [[1, 2], 1], NUMBERS),
  seasonalNaiveForecast: call(metrics.seasonalNaiveForecast, () => [[1, 2], 1, 1], NUMBERS),
  driftForecast: call(metrics.driftForecast, () => [[1, 2], 1], NUMBERS),
  editDistance: call(metrics.editDistance, () => [["a"], ["b", "a"]]),
  wordErrorRate: call(metrics.wordErrorRate, () => [["a b"], ["a c"]]),
  characterErrorRate: call(metrics.characterErrorRate, () => [["a b"], ["a c"]]),
  "new ErrorRateCounter": made(metrics.ErrorRateCounter, () => [{ unit: "characters" }]),
  "ErrorRateCounter.add": method(
    () => new metrics.ErrorRateCounter(),
    "add",
    () => ["a b", "a"],
    { also: texts },
  ),
  "ErrorRateCounter.scores": method(
    () => new metrics.ErrorRateCounter(),
    "scores",
    () => [],
  ),
  exactMatch: call(metrics.exactMatch, () => [["a b"], ["a c"]]),
  distinctN: call(metrics.distinctN, () => [["a b"], 2]),
  bracketScores: call(metrics.bracketScores, () => [[TREE], [tree()], { maxLength: 40 }]),
  "new BracketCounter": made(metrics.BracketCounter, () => [{ maxLength: 40 }]),
  "BracketCounter.add": method(
    () => new metrics.BracketCounter(),
    "add",
    () => [tree(), tree()],
    { also: { "0": "string", "1": "string" }, named: [0, 1] },
  ),
  "BracketCounter.scores": method(
    () => new metrics.BracketCounter(),
    "scores",
    () => [],
  ),
  bracketReport: call(metrics.bracketReport, () => [metrics.bracketScores([TREE], [TREE])], {
    named: [0],
  }),
  readTrees: call(data.readTrees, () => [TREE, { ...OPTIONS, comment: "#", name: "a.mrg" }], {
    also: { "0": ["array", "instance"] },
  }),
  parseTree: call(data.parseTree, () => [TREE, OPTIONS]),
  treeText: call(data.treeText, () => [tree()], { named: [0] }),
  linearizeTree: call(text.linearizeTree, () => [tree(), { tags: true }], { named: [0] }),
  delinearizeTree: call(text.delinearizeTree, () => [["(NP", "XX", ")NP"], ["a"], ["DT"]]),
};
