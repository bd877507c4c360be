// A deep translator in the manner of GNMT (Wu et al. 2016): an encoder whose first layer reads both ways, three above it, and a decoder
// of four, whose first layer looks at the source for all others; residual connections. It translates numbers from words to digits:
// "three hundred and seven thousand twenty" to "307020".
import { manualSeed, rand, scope } from "hiddenstate";
import { Seq2Seq } from "hiddenstate/models";

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
  const [magnitude, u] = scope(() => rand([2]).data());
  const n = Math.floor(u * 10 ** (1 + Math.floor(magnitude * 6)));
  return { source: inWords(n).join(" "), target: String(n) };
};
const training = Array.from({ length: 2400 }, example);

const model = Seq2Seq.build(training, {
  ...{ source: "words", target: "characters", minCount: 1 },
  ...{ placement: "gnmt", numLayers: 4, residual: true, attention: "general" },
  ...{ embeddingSize: 48, hiddenSize: 48, dropout: 0 },
});
console.log(String(model));
await model.fit(training, {
  ...{ steps: 350, batchSize: 32, learningRate: 6e-3 },
  onStep({ step, loss }) {
    if (step % 25 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
  },
});

const tests = Array.from({ length: 100 }, example);
const written = model.predictBatch(
  tests.map(({ source }) => source),
  { beams: 3 },
);
const right = tests.filter(({ target }, i) => target === written[i].text).length;
console.log(`${tests[0].source}: ${written[0].text}`);
console.log(`${right} of ${tests.length} new numbers right`);
if (right < 85) throw new Error("It did not learn to translate.");
