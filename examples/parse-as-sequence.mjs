// Grammar as a foreign language (Vinyals et al. 2015): parsing as a sequence of brackets. An LSTM reads a sentence backwards,
// a second one writes its tree: "the dog sees a cat" to "(S (NP D N )NP (VP V (NP D N )NP )VP )S".
import { manualSeed, rand, scope } from "hiddenstate";
import { bracketScores } from "hiddenstate/metrics";
import { Seq2Seq } from "hiddenstate/models";
import { delinearizeTree, linearizeTree } from "hiddenstate/text";

manualSeed(6);
const chance = () => scope(() => rand([1]).item());
const pick = (list) => list[Math.floor(chance() * list.length)];
const words = {
  D: ["the", "a", "every"],
  N: ["dog", "cat", "bird", "telescope", "park"],
  V: ["sees", "likes", "follows"],
  P: ["with", "near", "in"],
  A: ["big", "old", "red"],
};
const leaf = (label) => ({ label, word: pick(words[label]) });
const node = (label, ...children) => ({ label, children });
const wordsOf = ({ word, children }) => (children ? children.flatMap(wordsOf) : [word]);
/** A noun phrase may have adjectives, and phrases behind it that have noun phrases of their own. */
function nounPhrase(depth) {
  const simple =
    chance() < 0.4 ? node("NP", leaf("D"), leaf("A"), leaf("N")) : node("NP", leaf("D"), leaf("N"));
  return depth > 0 && chance() < 0.3
    ? node("NP", simple, node("PP", leaf("P"), nounPhrase(depth - 1)))
    : simple;
}
const sentence = () => node("S", nounPhrase(1), node("VP", leaf("V"), nounPhrase(1)));

const leavesOf = (tree) => (tree.children ? tree.children.flatMap(leavesOf) : [tree]);

const trees = Array.from({ length: 1100 }, sentence);
// What a token is, is known: both sides are lists.
const pairs = trees.map((tree) => ({
  source: wordsOf(tree),
  target: linearizeTree(tree, { tags: true }),
}));
const [training, held] = [pairs.slice(0, 1000), pairs.slice(1000)];

const model = Seq2Seq.build(training, {
  ...{ source: "words", target: "words", split: "whitespace", minCount: 1 },
  ...{ attention: "none", reverseSource: true, bidirectional: false, bridge: "copy" },
  ...{ embeddingSize: 24, hiddenSize: 64, dropout: 0, tieEmbeddings: "none" },
});
await model.fit(training, {
  ...{ steps: 500, batchSize: 50, learningRate: 0.01, labelSmoothing: 0 },
  onStep({ step, loss }) {
    if (step % 10 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
  },
});

const written = model.predictBatch(
  held.map(({ source }) => source),
  { beams: 1 },
);
const right = held.filter(({ target }, i) => target.join(" ") === written[i].text).length;
console.log(held[0].source.join(" "));
console.log(written[0].text);
console.log(`${right} of ${held.length} new sentences parsed without a mistake`);
// As parsers are compared: by brackets, and what was written is a tree, whatever it was.
const gold = trees.slice(1000);
const parsed = written.map(({ tokens }, i) => {
  const leaves = leavesOf(gold[i]);
  const [words, tags] = [leaves.map(({ word }) => word), leaves.map(({ label }) => label)];
  return delinearizeTree(tokens, words, tags).tree;
});
console.log(`F1 of brackets ${bracketScores(parsed, gold).f1.toFixed(4)}`);
if (right < 85) throw new Error("It did not learn to parse.");
