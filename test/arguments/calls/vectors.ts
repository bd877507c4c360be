// Word vectors.
import * as node from "../../../src/platform/node/index.js";
import { pca, TSNE, tsne, Word2Vec, WordVectors } from "../../../src/vectors/index.js";
import { call, made, method, type Call } from "../wrong-calls.js";

const vectors = () => new WordVectors(["a", "b"], new Float32Array([1, 0, 1, 1]));
const TEXT = "a b a b";
const word2vec = () => Word2Vec.build(TEXT, { vectorSize: 4, minCount: 1 });
const saved = (await word2vec()).save();
const VECTORS = ["array", "typed array"] as const;
const POINTS = () => [
  [1, 2],
  [3, 4],
  [5, 6],
  [7, 9],
];
const SHORT = { iterations: 1, earlyExaggerationIterations: 1 };
const map = () => TSNE.build(POINTS(), SHORT);
const EVALUATION = { restrict: 9, caseInsensitive: true, dummy4unknown: true };
const SOURCES = { "0": ["string", "array", "typed array", "instance"] } as const;

export const VECTOR_CALLS: Readonly<Record<string, Call>> = {
  "new WordVectors": made(
    WordVectors,
    () => [
      ["a", "b"],
      [[1], [2]],
    ],
    {
      also: { "0": ["array", "instance"], "1": VECTORS },
    },
  ),
  "WordVectors.read": call(
    WordVectors.read,
    () => [
      () => new TextEncoder().encode("a 1\n"),
      { format: "glove", limit: 1, filter: () => true, lenient: true, name: "f" },
    ],
    { also: SOURCES },
  ),
  "WordVectors.write": method(vectors, "write", () => ["glove"]),
  "WordVectors.words": method(vectors, "words", () => []),
  "WordVectors.has": method(vectors, "has", () => ["a"]),
  "WordVectors.indexOf": method(vectors, "indexOf", () => ["a"]),
  "WordVectors.wordAt": method(vectors, "wordAt", () => [0]),
  "WordVectors.vector": method(vectors, "vector", () => ["a"]),
  "WordVectors.similarity": method(vectors, "similarity", () => ["a", "b"]),
  "WordVectors.rank": method(vectors, "rank", () => ["a", "b"]),
  "WordVectors.mostSimilar": method(
    vectors,
    "mostSimilar",
    () => [
      { positive: ["a"], negative: ["b"] },
      { count: 1, restrict: 1 },
    ],
    { also: { "0.positive": VECTORS, "0.negative": VECTORS } },
  ),
  "WordVectors.nearest": method(vectors, "nearest", () => [[1, 0], { count: 1, restrict: 1 }], {
    also: { "0": VECTORS },
  }),
  "WordVectors.doesntMatch": method(vectors, "doesntMatch", () => [["a", "b"]]),
  "WordVectors.evaluateAnalogies": method(
    vectors,
    "evaluateAnalogies",
    () => ["a b a b", EVALUATION],
    { also: { "0": ["string", "array"] } },
  ),
  "WordVectors.evaluatePairs": method(vectors, "evaluatePairs", () => ["a b 1", EVALUATION], {
    also: { "0": ["string", "array"] },
  }),
  "Word2Vec.build": call(Word2Vec.build, () => [TEXT, { vectorSize: 4, minCount: 1 }], {
    also: { "0": "function" },
  }),
  "Word2Vec.load": call(Word2Vec.load, () => [saved]),
  "Word2Vec.fit": method(word2vec, "fit", () => [TEXT, { epochs: 1 }], {
    also: { "0": "function" },
  }),
  "Word2Vec.save": method(word2vec, "save", () => []),
  "Word2Vec.vectors": method(word2vec, "vectors", () => []),
  "Word2Vec.vector": method(word2vec, "vector", () => ["a"]),
  pca: call(pca, () => [POINTS(), { components: 1 }], { also: { "0": "instance" } }),
  "TSNE.build": call(TSNE.build, () => [POINTS(), { ...SHORT, perplexity: 1, theta: 0 }], {
    also: { "0": "instance" },
  }),
  "TSNE.step": method(map, "step", () => [1]),
  "TSNE.run": method(map, "run", () => [{ reportEvery: 1, onProgress: () => {} }]),
  "TSNE.klDivergence": method(map, "klDivergence", () => []),
  "TSNE.layout": method(map, "layout", () => []),
  "TSNE.dispose": method(map, "dispose", () => []),
  tsne: call(tsne, () => [POINTS(), { ...SHORT, seed: 1 }], { also: { "0": "instance" } }),
  readChunks: call(node.readChunks, () => ["package.json"]),
};
