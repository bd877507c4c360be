// An encoder-decoder with attention (Luong et al. 2015) that translates dates as people write them to ISO 8601: "march 7, 1998"
// to "1998-03-07". The decoder looks back at the letters it needs: for each output digit the weights are printed as a row.
import { manualSeed, rand, scope } from "hiddenstate";
import { Seq2Seq } from "hiddenstate/models";

const MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );

manualSeed(4);
const pick = (n) => Math.floor(scope(() => rand([1]).item()) * n);
function example() {
  const [day, month, year] = [1 + pick(28), pick(12), 1950 + pick(100)];
  const name = MONTHS[month];
  const two = (n) => String(n).padStart(2, "0");
  const source = [
    `${name} ${day}, ${year}`,
    `${day} ${name} ${year}`,
    `${name.slice(0, 3)} ${day} ${year}`,
    `${two(day)}.${two(month + 1)}.${year}`,
  ][pick(4)];
  return { source, target: `${year}-${two(month + 1)}-${two(day)}` };
}
const examples = Array.from({ length: 4000 }, example);

const model = Seq2Seq.build(examples, {
  ...{ source: "characters", target: "characters" },
  ...{ embeddingSize: 24, hiddenSize: 64, dropout: 0 },
  ...{ attention: "dot", placement: "output", tieEmbeddings: "none" },
});
// The decoder is given what it should have written so far: teacher forcing (Williams & Zipser 1989).
await model.fit(examples, {
  ...{ steps: 220, batchSize: 32, learningRate: 0.015 },
  onStep({ step, loss }) {
    if (step % 20 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
  },
});

const tests = Array.from({ length: 100 }, example);
const { attention } = model.predict(tests[0].source, { beams: 1, attention: true });
const { source, target, weights } = attention;
// The last of each is the end of the text.
console.log(`     ${source.slice(0, -1).join("")}`);
target.slice(0, -1).forEach((letter, t) => {
  const row = weights.subarray(t * source.length, (t + 1) * source.length);
  console.log(`${letter}    ${Array.from(row, (w) => " .:*#"[Math.round(w * 4)]).join("")}`);
});
const written = model.predictBatch(
  tests.map((test) => test.source),
  { beams: 1 },
);
const right = tests.filter((test, i) => test.target === written[i].text).length;
console.log(`${right} of ${tests.length} new dates right`);
if (right < 90) throw new Error("It did not learn to translate.");
