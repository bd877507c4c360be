import * as hs from "../../../src/models/index.js";
import * as metrics from "../../../src/metrics/index.js";
import { call, made, method, type Call } from "../wrong-calls.js";

const SMALL = { encoder: "mean", hiddenSize: 2, outputSize: 2 } as const;
const PAIRS = [
  { a: "a film", b: "a movie" },
  { a: "a song", b: "a tune" },
];
const TEXTS = [
  { input: "a film", label: "x" },
  { input: "a movie", label: "x" },
  { input: "a song", label: "y" },
  { input: "a tune", label: "y" },
];
const network = () => hs.SiameseNetwork.build(PAIRS, SMALL);
function references(): hs.References {
  const made = network().references();
  made.add("x", "a film");
  return made;
}
const streams = { also: { "0": ["function", "instance"] } } as const;
const list = { also: { "0": "instance" } } as const;

/** Networks that compare, and the scores of pairs. */
export const SIAMESE_CALLS: Readonly<Record<string, Call>> = {
  "new SiameseNetwork": made(hs.SiameseNetwork, () => [new hs.SeriesInput(1), { hiddenSize: 2 }]),
  "SiameseNetwork.build": call(hs.SiameseNetwork.build, () => [PAIRS, SMALL], streams),
  "SiameseNetwork.load": call(hs.SiameseNetwork.load, () => [network().save()]),
  "SiameseNetwork.fit": method(
    network,
    "fit",
    () => [PAIRS, { epochs: 1, learningRate: 0.1, loss: "ranking", validation: PAIRS }],
    { also: { "0": ["function", "instance"], "1.validation": ["function", "instance"] } },
  ),
  "SiameseNetwork.evaluate": method(network, "evaluate", () => [PAIRS], streams),
  "SiameseNetwork.check": method(network, "check", () => [PAIRS, { training: true }], streams),
  "SiameseNetwork.encode": method(network, "encode", () => ["a film"]),
  "SiameseNetwork.encodeBatch": method(network, "encodeBatch", () => [["a film"]], list),
  "SiameseNetwork.similarity": method(network, "similarity", () => ["a film", "a song"]),
  "SiameseNetwork.predict": method(network, "predict", () => [PAIRS[0]], { named: [0] }),
  "SiameseNetwork.predictBatch": method(network, "predictBatch", () => [PAIRS], list),
  "SiameseNetwork.references": method(network, "references", () => [
    { bytes: references().toBytes(), prototypes: true },
  ]),
  "SiameseNetwork.match": method(network, "match", () => ["a film", references(), { count: 1 }]),
  "SiameseNetwork.evaluateOneShot": method(
    network,
    "evaluateOneShot",
    () => [TEXTS, { ways: 2, shots: 1, draws: 2, queries: 1, prototypes: true, seed: 3 }],
    list,
  ),
  "References.add": method(references, "add", () => ["x", "a song"]),
  "References.addBatch": method(references, "addBatch", () => [TEXTS], list),
  "References.match": method(references, "match", () => ["a film", { count: 1 }]),
  "References.matchBatch": method(references, "matchBatch", () => [["a film"], { count: 1 }], list),
  "References.toBytes": method(references, "toBytes", () => []),
  averagePrecision: call(metrics.averagePrecision, () => [[0.9, 0.1], [true, false]]), // prettier-ignore
  equalErrorRate: call(metrics.equalErrorRate, () => [[0.9, 0.1], [true, false]]), // prettier-ignore
  rocAuc: call(metrics.rocAuc, () => [[0.9, 0.1], [true, false]]), // prettier-ignore
  bestThreshold: call(metrics.bestThreshold, () => [[0.9, 0.1], [true, false], { by: "f1" }]), // prettier-ignore
  thresholdScores: call(metrics.thresholdScores, () => [[0.9, 0.1], [true, false], 0.5]), // prettier-ignore
  pearson: call(metrics.pearson, () => [[1, 2], [2, 4]]), // prettier-ignore
  spearman: call(metrics.spearman, () => [[1, 2], [2, 4]]), // prettier-ignore
  "new TfIdf": made(metrics.TfIdf, () => [[["a", "film"]]], list),
  "TfIdf.idf": method(() => new metrics.TfIdf([["a"]]), "idf", () => ["a"]), // prettier-ignore
  "TfIdf.similarity": method(() => new metrics.TfIdf([["a"]]), "similarity", () => [["a"], ["b"]]), // prettier-ignore
};
