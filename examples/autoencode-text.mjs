// A sequence autoencoder (Dai & Le 2015): one LSTM squeezes a word into a single vector, another writes the word again from
// it. Words that look alike get vectors that lie close, though nobody said so; and a typing mistake is often undone.
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
  zeros,
} from "hiddenstate";
import { padSequences, shuffle } from "hiddenstate/data";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const [END, BEGIN, HIDDEN] = [26, 27, 96];

manualSeed(9);
const stems =
  "walk talk play paint jump help clean cook dance smile learn teach sing swim climb read write open close count".split(
    " ",
  );
const endings = ["", "s", "ed", "ing", "er", "ers"];
const words = shuffle(stems.flatMap((stem) => endings.map((ending) => stem + ending)));
const encode = (word) => Int32Array.from(word, (letter) => LETTERS.indexOf(letter));

class Autoencoder extends Module {
  embedding = new Embedding(28, 24);
  encoder = new LSTM(24, HIDDEN);
  decoder = new LSTM(24, HIDDEN);
  head = new Linear(HIDDEN, 27);

  read(batch) {
    const { ids, lengths, shape } = padSequences(batch.map(encode));
    const { state } = this.encoder.forward(this.embedding.forward(tensor(ids, { shape })), {
      lengths,
    });
    // The hidden part alone is the code; the decoder's cell starts at zero.
    return { h: state.h, c: zeros(state.c.shape) };
  }

  write(ids, state) {
    const next = this.decoder.forward(this.embedding.forward(ids), { state });
    return { logits: this.head.forward(next.output), state: next.state };
  }
}

const model = new Autoencoder();
const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
function padded(rows, padding) {
  const { ids, shape } = padSequences(rows, { padding });
  return tensor(ids, { shape });
}
for (let step = 1; step <= 300; step++)
  scope(() => {
    const batch = shuffle(words).slice(0, 40);
    const given = padded(
      batch.map((word) => [BEGIN, ...encode(word)]),
      0,
    );
    const { logits } = model.write(given, model.read(batch));
    const loss = crossEntropy(
      logits,
      padded(
        batch.map((word) => [...encode(word), END]),
        -100,
      ),
    );
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 25 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

const rewrite = (batch) =>
  scope(() =>
    noGrad(() => {
      let state = model.eval().read(batch);
      let last = tensor(new Int32Array(batch.length).fill(BEGIN), { shape: [batch.length, 1] });
      const rows = batch.map(() => []);
      for (let t = 0; t < 12; t++) {
        const step = model.write(last, state);
        state = step.state;
        last = argmax(step.logits, -1);
        last.data().forEach((id, row) => rows[row].push(id));
      }
      return rows.map((ids) =>
        ids
          .slice(0, ids.indexOf(END))
          .map((id) => LETTERS[id])
          .join(""),
      );
    }),
  );
const again = rewrite(words);
const kept = words.filter((word, i) => word === again[i]).length;
console.log(`${kept} of ${words.length} words come back whole from ${HIDDEN} numbers`);

const codes = scope(() =>
  noGrad(() => model.read(words).h.reshape([words.length, HIDDEN]).toArray()),
);
const squared = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
const near = words.map(
  (_, i) =>
    words[
      codes
        .map((code, j) => (i === j ? Infinity : squared(codes[i], code)))
        .reduce((best, d, j, all) => (d < all[best] ? j : best), 0)
    ],
);
for (const i of [0, 1, 2]) console.log(`nearest to ${words[i]}: ${near[i]}`);
const typo = words.slice(0, 40).map((word) => {
  const at = Math.floor(scope(() => rand([1]).item()) * word.length);
  return word.slice(0, at) + "e" + word.slice(at + 1);
});
const mended = rewrite(typo).filter((word, i) => word === words[i]).length;
console.log(`${mended} of 40 words with a wrong letter mended, such as ${typo[0]}`);
if (kept < 0.95 * words.length) throw new Error("The words did not come back.");
