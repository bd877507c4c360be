// Named entities with a bidirectional LSTM and a linear-chain CRF (Lafferty et al. 2001; Huang et al. 2015): the CRF learns
// which tag follows which, and never says one that cannot follow.
import {
  Adam,
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
import { allowedTransitions, entityReport, entityScores } from "hiddenstate/metrics";
import { CRF } from "hiddenstate/nn";
import { Vocabulary } from "hiddenstate/text";

const TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
const LENGTH = 8;
const BATCH = 32;

// Sentences of eight words. Whether "jordan" is a person or a place only the words around tell.
manualSeed(11);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) * list.length)];
const first = ["jordan", "paris", "ada", "grace", "alan"];
const last = ["lee", "stone", "hill", "hopper", "york"];
const place = [["jordan"], ["paris"], ["new", "york"], ["stone", "hill"], ["kenya"]];
function sentence() {
  const person = pick([[pick(first)], [pick(first), pick(last)]]);
  const where = pick(place);
  const tag = (words, kind) => words.map((word, i) => [word, `${i === 0 ? "B" : "I"}-${kind}`]);
  const plain = (text) => text.split(" ").map((word) => [word, "O"]);
  const words = pick([
    () => [...tag(person, "PER"), ...plain("flew to"), ...tag(where, "LOC"), ...plain("today")],
    () => [...plain("in"), ...tag(where, "LOC"), ...plain("lives"), ...tag(person, "PER")],
    () => [...plain("we met"), ...tag(person, "PER"), ...plain("near"), ...tag(where, "LOC")],
  ])();
  while (words.length < LENGTH) words.push([".", "O"]);
  return words;
}

const corpus = Array.from({ length: 400 }, sentence);
const vocabulary = Vocabulary.build(corpus.flat().map(([word]) => word));

class Tagger extends Module {
  embedding = new Embedding(vocabulary.size, 24);
  lstm = new LSTM(24, 24, { bidirectional: true });
  head = new Linear(48, TAGS.length);
  crf = new CRF(TAGS.length, { constraints: allowedTransitions(TAGS, "IOB2") });

  /** ids `[batch, time]` → emissions `[batch, time, tags]` */
  forward(ids) {
    return this.head.forward(this.lstm.forward(this.embedding.forward(ids)).output);
  }
}

const model = new Tagger();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const encode = (words) => ({
  ids: tensor(
    words.map((row) => row.map(([word]) => vocabulary.id(word))),
    { dtype: "int32" },
  ),
  tags: tensor(
    words.map((row) => row.map(([, tag]) => TAGS.indexOf(tag))),
    { dtype: "int32" },
  ),
});

const training = corpus.slice(0, 320);
for (let step = 0; step < 60; step++)
  scope(() => {
    const start = (step * BATCH) % training.length;
    const { ids, tags } = encode(training.slice(start, start + BATCH));
    const loss = model.crf.loss(model.forward(ids), tags);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 20 === 19) console.log(`step ${step + 1}  loss ${loss.item().toFixed(3)}`);
  });

const held = corpus.slice(320);
const paths = scope(() => noGrad(() => model.crf.decode(model.forward(encode(held).ids))));
const said = paths.map(({ tags }) => Array.from(tags, (tag) => TAGS[tag]));
const scores = entityScores(
  said,
  held.map((words) => words.map(([, tag]) => tag)),
);
console.log(held[0].map(([word], t) => `${word}/${said[0][t]}`).join(" "));
console.log(entityReport(scores));
if (scores.f1 < 0.9) throw new Error("It did not learn to tag.");
