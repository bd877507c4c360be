// An encoder-decoder with attention (Luong et al. 2015) that translates dates as people write them to ISO 8601: "march 7, 1998"
// to "1998-03-07". The decoder looks back at the letters it needs: for each output digit the weights are printed as a row.
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
  permute,
  rand,
  scope,
  tanh,
  tensor,
} from "hiddenstate";
import { Attention } from "hiddenstate/nn";
import { CharTokenizer } from "hiddenstate/text";

const MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );
const [SOURCE, TARGET] = [19, 10]; // letters, the shorter dates filled up with spaces
const [BATCH, HIDDEN] = [48, 64];

manualSeed(4);
const pick = (n) => Math.floor(scope(() => rand([1]).item()) * n);
function example() {
  const [day, month, year] = [1 + pick(28), pick(12), 1950 + pick(100)];
  const name = MONTHS[month];
  const two = (n) => String(n).padStart(2, "0");
  const written = [
    `${name} ${day}, ${year}`,
    `${day} ${name} ${year}`,
    `${name.slice(0, 3)} ${day} ${year}`,
    `${two(day)}.${two(month + 1)}.${year}`,
  ][pick(4)];
  return [written.padEnd(SOURCE), `${year}-${two(month + 1)}-${two(day)}`];
}
const letters = CharTokenizer.build(`${MONTHS.join("")} ,.-0123456789>`);
const encode = (texts) =>
  tensor(
    texts.map((text) => [...letters.encode(text)]),
    { dtype: "int32" },
  );

class Translator extends Module {
  embedding = new Embedding(letters.size, 24);
  encoder = new LSTM(24, HIDDEN / 2, { bidirectional: true });
  decoder = new LSTM(24, HIDDEN);
  attention = new Attention({ score: "dot", querySize: HIDDEN });
  merge = new Linear(2 * HIDDEN, HIDDEN);
  head = new Linear(HIDDEN, letters.size);

  /** What the decoder attends to, and where it starts. */
  read(source) {
    const { output, state } = this.encoder.forward(this.embedding.forward(source));
    const join = (part) => permute(part, [1, 0, 2]).reshape([1, source.shape[0], HIDDEN]);
    return {
      memory: this.attention.memory(output),
      state: { h: join(state.h), c: join(state.c) },
    };
  }

  /** Logits for what follows each letter of `target`, the weights `[batch, target, source]`, and the state. */
  write(target, memory, state) {
    const { output, state: next } = this.decoder.forward(this.embedding.forward(target), { state });
    const looked = this.attention.forward(output, memory, { needWeights: true });
    const { output: context, weights } = looked;
    const merged = tanh(this.merge.forward(concat([output, context], -1)));
    return { logits: this.head.forward(merged), weights, state: next };
  }
}

const model = new Translator();
const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
for (let step = 1; step <= 220; step++)
  scope(() => {
    const batch = Array.from({ length: BATCH }, example);
    const { memory, state } = model.read(encode(batch.map(([source]) => source)));
    // The decoder is given what it should have written so far: teacher forcing (Williams & Zipser 1989).
    const { logits } = model.write(
      encode(batch.map(([, iso]) => `>${iso.slice(0, -1)}`)),
      memory,
      state,
    );
    const loss = crossEntropy(logits, encode(batch.map(([, iso]) => iso)));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if (step % 20 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

/** Greedy translation, letter by letter; also where each letter was looked up. */
function translate(sources) {
  return scope(() =>
    noGrad(() => {
      const { memory, state: start } = model.read(encode(sources));
      let state = start;
      let last = encode(sources.map(() => ">"));
      const written = sources.map(() => "");
      const looked = [];
      for (let t = 0; t < TARGET; t++) {
        const { logits, weights, state: next } = model.write(last, memory, state);
        last = argmax(logits, -1);
        state = next;
        last.data().forEach((id, row) => (written[row] += letters.decode([id])));
        looked.push(weights.toArray().map(([row]) => row));
      }
      return { written, looked };
    }),
  );
}

model.eval();
const tests = Array.from({ length: 100 }, example);
const { written, looked } = translate(tests.map(([source]) => source));
console.log(`     ${tests[0][0]}`);
looked.forEach((weights, t) =>
  console.log(`${written[0][t]}    ${weights[0].map((w) => " .:*#"[Math.round(w * 4)]).join("")}`),
);
const right = tests.filter(([, iso], i) => iso === written[i]).length;
console.log(`${right} of ${tests.length} new dates right`);
if (right < 90) throw new Error("It did not learn to translate.");
