// Key terms as sequence labelling (Basaldella et al. 2018): a bidirectional LSTM marks the words of an abstract that name what
// it is about. Only position and company tell: the same word is a key term in one text and not in another.
import {
  Adam,
  argmax,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  noGrad,
  rand,
  scope,
  Sequential,
  tensor,
} from "hiddenstate";
import { padSequences } from "hiddenstate/data";
import { Vocabulary } from "hiddenstate/text";

manualSeed(13);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) * list.length)];
const adjectives = ["neural", "sparse", "robust", "linear", "deep"];
const nouns = ["network", "filter", "parser", "index", "grammar", "memory"];
const topic = () => (pick([true, false]) ? [pick(adjectives), pick(nouns)] : [pick(nouns)]);

/** A made abstract, and for each word whether it belongs to a key term. */
function abstract() {
  const plain = (text) => text.split(" ").map((word) => [word, 0]);
  const key = () => topic().map((word) => [word, 1]);
  const other = () => topic().map((word) => [word, 0]);
  return pick([
    () => [
      ...plain("we propose a"),
      ...key(),
      ...plain("unlike the usual"),
      ...other(),
      ...plain("it is fast"),
    ],
    () => [
      ...plain("instead of a"),
      ...other(),
      ...plain("this paper studies"),
      ...key(),
      ...plain("and"),
      ...key(),
    ],
    () => [
      ...plain("a new"),
      ...key(),
      ...plain("replaces the"),
      ...other(),
      ...plain("of earlier work"),
    ],
  ])();
}
const data = Array.from({ length: 400 }, abstract);
const [training, held] = [data.slice(0, 320), data.slice(320)];
const vocabulary = Vocabulary.build(training.flat().map(([word]) => word));

const model = new Sequential(
  new Embedding(vocabulary.size, 16),
  new LSTM(16, 16, { bidirectional: true }),
  new Linear(32, 2),
);
const optimizer = new Adam(model.parameters(), { lr: 0.02 });
/** Words and marks `[texts, time]`; where a text has ended the mark is -100, which the loss ignores. */
function encode(texts) {
  const words = padSequences(texts.map((text) => text.map(([word]) => vocabulary.id(word))));
  const marks = padSequences(
    texts.map((text) => text.map(([, mark]) => mark)),
    { padding: -100 },
  );
  return [words, marks].map(({ ids, shape }) => tensor(ids, { shape }));
}

for (let step = 0; step < 80; step++)
  scope(() => {
    const start = (step * 40) % training.length;
    const [words, marks] = encode(training.slice(start, start + 40));
    const loss = crossEntropy(model.forward(words), marks);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 20 === 19) console.log(`step ${step + 1}  loss ${loss.item().toFixed(4)}`);
  });

const said = scope(() => noGrad(() => argmax(model.eval().forward(encode(held)[0]), -1).toArray()));
let [hits, marked, wanted] = [0, 0, 0];
held.forEach((text, i) =>
  text.forEach(([, mark], t) => {
    hits += mark & said[i][t];
    marked += said[i][t];
    wanted += mark;
  }),
);
const f1 = (2 * hits) / (marked + wanted);
console.log(held[0].map(([word], t) => (said[0][t] ? `[${word}]` : word)).join(" "));
console.log(
  `precision ${(hits / marked).toFixed(3)}  recall ${(hits / wanted).toFixed(3)}  F1 ${f1.toFixed(3)}`,
);
if (f1 < 0.95) throw new Error("It did not learn to mark key terms.");
