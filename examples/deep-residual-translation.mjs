// A deep translator in the manner of GNMT (Wu et al. 2016): an encoder whose first layer reads both ways, three above it, and a decoder
// of four, whose first layer looks at the source for all others; residual connections. It translates numbers from words to digits:
// "three hundred and seven thousand twenty" to "307020".
import {
  Adam,
  argmax,
  clipGradNorm,
  crossEntropy,
  Embedding,
  Linear,
  manualSeed,
  Module,
  noGrad,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { GNMTEncoder, RecurrentDecoder } from "hiddenstate/nn";
import { padSequences } from "hiddenstate/data";
import { Vocabulary } from "hiddenstate/text";

const [HIDDEN, BATCH] = [48, 32];
const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
function below1000(n) {
  if (n >= 100)
    return [
      ones[Math.floor(n / 100)],
      "hundred",
      ...(n % 100 ? ["and", ...below1000(n % 100)] : []),
    ];
  if (n >= 20) return [tens[Math.floor(n / 10)], ...(n % 10 ? [ones[n % 10]] : [])];
  return [ones[n]];
}
const inWords = (n) =>
  n < 1000
    ? below1000(n)
    : [...below1000(Math.floor(n / 1000)), "thousand", ...(n % 1000 ? below1000(n % 1000) : [])];

manualSeed(16);
const example = () => {
  const [magnitude, u] = rand([2]).data();
  const n = Math.floor(u * 10 ** (1 + Math.floor(magnitude * 6)));
  return { words: inWords(n), digits: [...String(n)] };
};
const words = Vocabulary.build([...ones, ...tens, "hundred", "thousand", "and"]);
const digits = Vocabulary.build([..."0123456789", "<begin>", "<end>"]);

class Translator extends Module {
  words = new Embedding(words.size, HIDDEN);
  encoder = new GNMTEncoder(HIDDEN, HIDDEN, { numLayers: 4 });
  digits = new Embedding(digits.size, HIDDEN);
  decoder = new RecurrentDecoder(HIDDEN, HIDDEN, {
    ...{ numLayers: 4, skip: "residual", memorySize: HIDDEN },
    ...{ attention: "scaledDot", placement: "gnmt" },
  });
  head = new Linear(this.decoder.outputSize, digits.size);

  read(sentences) {
    const { ids, lengths, shape } = padSequences(
      sentences.map((sentence) => words.encode(sentence)),
    );
    const read = this.words.forward(tensor(ids, { shape }));
    const { output, state } = this.encoder.forward(read, { lengths });
    return { memory: this.decoder.memory(output, { lengths }), state };
  }

  write(ids, memory, state) {
    const { output, state: next } = this.decoder.forward(this.digits.forward(ids), {
      memory,
      state,
    });
    return { logits: this.head.forward(output), state: next };
  }
}

const model = new Translator();
const optimizer = new Adam(model.parameters(), { lr: 4e-3 });
const encode = (rows, padding) => {
  const { ids, shape } = padSequences(
    rows.map((row) => digits.encode(row)),
    { padding },
  );
  return tensor(ids, { shape });
};
for (let step = 1; step <= 300; step++)
  scope(() => {
    const batch = Array.from({ length: BATCH }, example);
    const encoded = model.read(batch.map(({ words }) => words));
    const given = encode(
      batch.map(({ digits }) => ["<begin>", ...digits]),
      0,
    );
    const { logits } = model.write(given, encoded.memory, encoded.state);
    const loss = crossEntropy(
      logits,
      encode(
        batch.map(({ digits }) => [...digits, "<end>"]),
        -100,
      ),
    );
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if (step % 25 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

const tests = Array.from({ length: 100 }, example);
const written = scope(() =>
  noGrad(() => {
    const encoded = model.eval().read(tests.map(({ words }) => words));
    let { state } = encoded;
    let last = encode(
      tests.map(() => ["<begin>"]),
      0,
    );
    const rows = tests.map(() => []);
    for (let t = 0; t < 7; t++) {
      const step = model.write(last, encoded.memory, state);
      state = step.state;
      last = argmax(step.logits, -1);
      last.data().forEach((id, row) => rows[row].push(digits.token(id)));
    }
    return rows.map((row) => row.slice(0, row.indexOf("<end>")).join(""));
  }),
);
const right = tests.filter(({ digits }, i) => digits.join("") === written[i]).length;
console.log(`${tests[0].words.join(" ")}: ${written[0]}`);
console.log(`${right} of ${tests.length} new numbers right`);
if (right < 85) throw new Error("It did not learn to translate.");
