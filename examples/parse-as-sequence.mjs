// Grammar as a foreign language (Vinyals et al. 2015): parsing as a sequence of brackets. A Transformer reads a sentence and writes
// its tree: "the dog sees a cat" to "(S (NP D N )NP (VP V (NP D N )NP )VP )S".
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
const leavesOf = (tree) => (tree.children ? tree.children.flatMap(leavesOf) : [tree]);
/** A noun phrase may have adjectives, and phrases behind it that have noun phrases of their own. */
function nounPhrase(depth) {
  const simple =
    chance() < 0.4 ? node("NP", leaf("D"), leaf("A"), leaf("N")) : node("NP", leaf("D"), leaf("N"));
  return depth > 0 && chance() < 0.3
    ? node("NP", simple, node("PP", leaf("P"), nounPhrase(depth - 1)))
    : simple;
}
const sentence = () => node("S", nounPhrase(1), node("VP", leaf("V"), nounPhrase(1)));

const example = () => {
  const gold = sentence();
  const leaves = leavesOf(gold);
  return {
    source: leaves.map(({ word }) => word),
    target: linearizeTree(gold, { tags: true }),
    tags: leaves.map(({ label }) => label),
    gold,
  };
};
const training = Array.from({ length: 1000 }, example);
const held = Array.from({ length: 100 }, example);

const model = Seq2Seq.build(training, {
  ...{ source: "words", target: "words", split: "whitespace", minCount: 1 },
  ...{ architecture: "transformer", hiddenSize: 32, numLayers: 2, dropout: 0 },
});
await model.fit(training, {
  ...{ epochs: 6, batchSize: 10, learningRate: 0.005, labelSmoothing: 0 },
  onStep({ step, loss }) {
    if (step % 100 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
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
// As parsers are compared: by brackets. What was written becomes a tree, whatever it was.
const parsed = held.map(
  ({ source, tags }, i) => delinearizeTree(written[i].tokens, source, tags).tree,
);
const { f1 } = bracketScores(
  parsed,
  held.map(({ gold }) => gold),
);
console.log(`F1 of brackets ${f1.toFixed(4)}`);
if (right < 85) throw new Error("It did not learn to parse.");
