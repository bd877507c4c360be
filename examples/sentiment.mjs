// Sentiment of a sentence, with three ways to give words to a network: one-hot with a place for "other", letter
// trigram hashing (Huang et al. 2013), and learned embeddings. The test sentences hold words in forms that training never
// showed: hashing sees that "loved" and "loving" share letters, the others see only "other".
import {
  Adam,
  argmax,
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
import { hashedCounts, letterNgrams, oneHotTokens, Vocabulary } from "hiddenstate/text";

const BUCKETS = 256;
const LABELS = ["bad", "good"];

manualSeed(10);
const pick = (list) => list[Math.floor(scope(() => rand([1]).item()) * list.length)];
const stems = {
  good: ["love", "enjoy", "admire", "praise", "charm"],
  bad: ["hate", "bore", "annoy", "loathe", "disgust"],
};
const things = ["film", "book", "concert", "dinner", "trip", "story"];
const form = (stem, ending) => (ending.startsWith("s") ? stem : stem.replace(/e$/, "")) + ending;
/** A sentence and its label; "not" turns the meaning round. */
function review(endings) {
  const label = pick([0, 1]);
  const negated = pick([true, false, false]);
  const stem = pick(stems[LABELS[negated ? 1 - label : label]]);
  const [subject, thing] = [pick(["i", "we", "they all"]), pick(things)];
  const words = `${subject} ${negated ? "not " : ""}${form(stem, pick(endings))} ${pick(["this", "the", "that long"])} ${thing}`;
  return { words: words.split(" "), label };
}
const training = Array.from({ length: 400 }, () => review(["ed", "s"]));
const tests = Array.from({ length: 200 }, () => review(["ing", "er"]));

// Words seen at least twice have an id; all others are <other>.
const vocabulary = Vocabulary.build(
  training.flatMap(({ words }) => words),
  { unknown: "<other>", minCount: 2 },
);

/** A row of numbers for each word of each sentence, `[sentences, time, width]`, zeros past the end. */
function vectors(sentences, width, vectorOf) {
  const time = Math.max(...sentences.map((words) => words.length));
  const out = new Float32Array(sentences.length * time * width);
  sentences.forEach((words, row) =>
    words.forEach((word, t) => out.set(vectorOf(word), (row * time + t) * width)),
  );
  return tensor(out, { shape: [sentences.length, time, width] });
}

const encodings = {
  "one-hot": {
    width: vocabulary.size,
    encode: (sentences) =>
      vectors(sentences, vocabulary.size, (word) => oneHotTokens([word], vocabulary)),
  },
  "letter trigrams": {
    width: BUCKETS,
    encode: (sentences) =>
      vectors(sentences, BUCKETS, (word) => hashedCounts(letterNgrams(word), BUCKETS)),
  },
  embedding: {
    width: 32,
    table: () => new Embedding(vocabulary.size, 32),
    encode(sentences, table) {
      const { ids, shape } = padSequences(sentences.map((words) => vocabulary.encode(words)));
      return table.forward(tensor(ids, { shape }));
    },
  },
};

class Classifier extends Module {
  constructor({ width, table, encode }) {
    super();
    this.encode = encode;
    this.table = table?.();
    this.lstm = new LSTM(width, 24);
    this.head = new Linear(24, LABELS.length);
  }

  forward(sentences) {
    const lengths = sentences.map((words) => words.length);
    const { state } = this.lstm.forward(this.encode(sentences, this.table), { lengths });
    return this.head.forward(state.h.reshape([sentences.length, 24]));
  }
}

const shares = {};
for (const [name, encoding] of Object.entries(encodings)) {
  manualSeed(1);
  const model = new Classifier(encoding);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  for (let step = 0; step < 80; step++)
    scope(() => {
      const batch = training.slice((step * 40) % 400, ((step * 40) % 400) + 40);
      const logits = model.forward(batch.map(({ words }) => words));
      const loss = crossEntropy(logits, tensor(Int32Array.from(batch, ({ label }) => label)));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      if (step % 40 === 39)
        console.log(`${name}: step ${step + 1}  loss ${loss.item().toFixed(3)}`);
    });
  const accuracy = (examples) =>
    scope(() => {
      const said = noGrad(() =>
        argmax(model.eval().forward(examples.map(({ words }) => words)), -1),
      );
      return said.data().filter((label, i) => label === examples[i].label).length / examples.length;
    });
  shares[name] = { seen: accuracy(training), unseen: accuracy(tests) };
  const percent = (share) => `${(100 * share).toFixed(0)} %`.padStart(6);
  console.log(
    `${name.padEnd(16)} seen forms ${percent(shares[name].seen)}   new forms ${percent(shares[name].unseen)}`,
  );
}
if (shares["letter trigrams"].unseen < 0.9) throw new Error("Hashing did not reach the new forms.");
