// Grammar as a foreign language (Vinyals et al. 2015): parsing as a sequence of brackets. An LSTM reads a sentence backwards,
// a second one writes its tree: "the dog sees a cat" to "(S (NP D N )NP (VP V (NP D N )NP )VP )S".
import {
  Adam,
  argmax,
  clipGradNorm,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { padSequences } from "hiddenstate/data";
import { bracketScores } from "hiddenstate/metrics";
import { delinearizeTree, linearizeTree, Vocabulary } from "hiddenstate/text";

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

const data = Array.from({ length: 1100 }, () => {
  const gold = sentence();
  const leaves = leavesOf(gold);
  return {
    gold,
    words: leaves.map(({ word }) => word),
    tags: leaves.map(({ label }) => label),
    tree: linearizeTree(gold, { tags: true }),
  };
});
const source = Vocabulary.build(Object.values(words).flat());
const target = Vocabulary.build(["<begin>", "<end>", ...data.flatMap(({ tree }) => tree)]);
const HIDDEN = 64;

class Parser extends Module {
  words = new Embedding(source.size, 24);
  encoder = new LSTM(24, HIDDEN);
  brackets = new Embedding(target.size, 16);
  decoder = new LSTM(16, HIDDEN);
  head = new Linear(HIDDEN, target.size);

  /** Sentences, read backwards → the state that the decoder starts from. */
  read(batch) {
    const { ids, lengths, shape } = padSequences(
      batch.map((row) => source.encode(row.words).reverse()),
    );
    return this.encoder.forward(this.words.forward(tensor(ids, { shape })), { lengths }).state;
  }

  write(ids, state) {
    const next = this.decoder.forward(this.brackets.forward(ids), { state });
    return { logits: this.head.forward(next.output), state: next.state };
  }
}

const model = new Parser();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
/** Trees as ids with a first or last token more; -100 past the end is ignored by the loss. */
function trees(batch, shape, padding) {
  const padded = padSequences(
    batch.map(({ tree }) => target.encode(shape(tree))),
    { padding },
  );
  return tensor(padded.ids, { shape: padded.shape });
}
for (let step = 0; step < 150; step++)
  scope(() => {
    const start = (step * 50) % 1000;
    const batch = data.slice(start, start + 50);
    const { logits } = model.write(
      trees(batch, (tree) => ["<begin>", ...tree], 0),
      model.read(batch),
    );
    const loss = crossEntropy(
      logits,
      trees(batch, (tree) => [...tree, "<end>"], -100),
    );
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if (step % 10 === 9) console.log(`step ${step + 1}  loss ${loss.item().toFixed(4)}`);
  });

const held = data.slice(1000);
const written = scope(() =>
  noGrad(() => {
    let state = model.eval().read(held);
    let last = tensor(new Int32Array(held.length).fill(target.id("<begin>")), {
      shape: [held.length, 1],
    });
    const rows = held.map(() => []);
    for (let t = 0; t < 40; t++) {
      const step = model.write(last, state);
      state = step.state;
      last = argmax(step.logits, -1);
      last.data().forEach((id, row) => rows[row].push(target.token(id)));
    }
    return rows.map((row) => row.slice(0, row.indexOf("<end>")).join(" "));
  }),
);
const right = held.filter(({ tree }, i) => tree.join(" ") === written[i]).length;
console.log(held[0].words.join(" "));
console.log(written[0]);
console.log(`${right} of ${held.length} new sentences parsed without a mistake`);
// As parsers are compared: by brackets. What was written becomes a tree, whatever it was.
const parsed = held.map(
  ({ words, tags }, i) => delinearizeTree(written[i].split(" "), words, tags).tree,
);
const { f1 } = bracketScores(
  parsed,
  held.map(({ gold }) => gold),
);
console.log(`F1 of brackets ${f1.toFixed(4)}`);
if (right < 85) throw new Error("It did not learn to parse.");
