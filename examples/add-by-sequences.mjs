// Addition as translation of characters, "57+38" to "95": the plain encoder-decoder, the same with its input reversed
// (Sutskever et al. 2014), and with a peeky decoder too, which sees the encoder's state at each step (Cho et al. 2014).
// All three get the same number of steps.
import {
  Adam,
  argmax,
  clipGradNorm,
  concat,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  scope,
  tensor,
} from "hiddenstate";
import { expand } from "hiddenstate/ops";
import { shuffle } from "hiddenstate/data";
import { CharTokenizer } from "hiddenstate/text";

const HIDDEN = 64;
const [BATCH, EPOCHS] = [50, 12];
const digits = CharTokenizer.build("0123456789+ _");
const encode = (texts) =>
  tensor(
    texts.map((text) => [...digits.encode(text)]),
    { dtype: "int32" },
  );

manualSeed(1);
const questions = shuffle(
  Array.from({ length: 10_000 }, (_, i) => {
    const [a, b] = [Math.floor(i / 100), i % 100];
    return [`${a}+${b}`.padEnd(5), String(a + b).padEnd(3)];
  }),
).slice(0, 5000);
const [training, held] = [questions.slice(0, 4500), questions.slice(4500)];

class Adder extends Module {
  embedding = new Embedding(digits.size, 16);
  encoder = new LSTM(16, HIDDEN);

  constructor(peeky) {
    super();
    this.peeky = peeky;
    this.decoder = new LSTM(16 + (peeky ? HIDDEN : 0), HIDDEN);
    this.head = new Linear(HIDDEN + (peeky ? HIDDEN : 0), digits.size);
  }

  read(source) {
    return this.encoder.forward(this.embedding.forward(source)).state;
  }

  write(target, state, encoded) {
    const embedded = this.embedding.forward(target);
    const [batch, time] = target.shape;
    const peek = expand(encoded.reshape([batch, 1, HIDDEN]), [batch, time, HIDDEN]);
    const { output, state: next } = this.decoder.forward(
      this.peeky ? concat([embedded, peek], -1) : embedded,
      { state },
    );
    const logits = this.head.forward(this.peeky ? concat([output, peek], -1) : output);
    return { logits, state: next };
  }
}

const nameOf = ({ reversed, peeky }) =>
  [reversed ? "reversed" : "plain", ...(peeky ? ["peeky"] : [])].join(" and ");

/** Trains one, and tells how much of the held-out sums it gets right to the last digit. */
function accuracy({ reversed, peeky }) {
  const name = nameOf({ reversed, peeky });
  const given = (text) => (reversed ? [...text].reverse().join("") : text);
  manualSeed(2);
  const model = new Adder(peeky);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const shuffled = shuffle([...training]);
    let sum = 0;
    for (let start = 0; start < shuffled.length; start += BATCH)
      sum += scope(() => {
        const batch = shuffled.slice(start, start + BATCH);
        const state = model.read(encode(batch.map(([question]) => given(question))));
        const shifted = encode(batch.map(([, answer]) => `_${answer.slice(0, -1)}`));
        const { logits } = model.write(shifted, state, state.h);
        const loss = crossEntropy(logits, encode(batch.map(([, answer]) => answer)));
        optimizer.zeroGrad();
        loss.backward();
        clipGradNorm(model.parameters(), 5);
        optimizer.step();
        return loss.item();
      });
    const mean = sum / (shuffled.length / BATCH);
    console.log(`${name}: epoch ${epoch + 1} of ${EPOCHS}, loss ${mean.toFixed(3)}`);
  }
  return scope(() =>
    noGrad(() => {
      const encoded = model.eval().read(encode(held.map(([question]) => given(question))));
      let [state, last] = [encoded, encode(held.map(() => "_"))];
      const answers = held.map(() => "");
      for (let t = 0; t < 3; t++) {
        const step = model.write(last, state, encoded.h);
        state = step.state;
        last = argmax(step.logits, -1);
        last.data().forEach((id, row) => (answers[row] += digits.decode([id])));
      }
      return held.filter(([, answer], i) => answer === answers[i]).length / held.length;
    }),
  );
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const plain = accuracy({ reversed: false, peeky: false });
console.log(`plain              ${percent(plain)}`);
const reversed = accuracy({ reversed: true, peeky: false });
console.log(`reversed           ${percent(reversed)}`);
const peeky = accuracy({ reversed: true, peeky: true });
console.log(`reversed and peeky ${percent(peeky)}`);
if (!(peeky > 0.8 && peeky > plain)) throw new Error("Looking back did not help.");
