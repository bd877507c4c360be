// A sequence autoencoder (Dai & Le 2015): one GRU squeezes a word into a single vector, another writes the word again from
// it. Words that look alike get vectors that lie close, though nobody said so; and a typing mistake is often undone.
import { manualSeed, noGrad, rand, scope } from "hiddenstate";
import { shuffle } from "hiddenstate/data";
import { Seq2Seq } from "hiddenstate/models";

const HIDDEN = 96;

manualSeed(9);
const stems =
  "walk talk play paint jump help clean cook dance smile learn teach sing swim climb read write open close count".split(
    " ",
  );
const endings = ["", "s", "ed", "ing", "er", "ers"];
const words = shuffle(stems.flatMap((stem) => endings.map((ending) => stem + ending)));
const pairs = words.map((word) => ({ source: word, target: word }));

const model = Seq2Seq.build(pairs, {
  ...{ source: "characters", target: "characters", vocabulary: "joint" },
  // A GRU's state is one vector, and it is copied: nothing else passes.
  ...{ attention: "none", cell: "gru", bidirectional: false, bridge: "copy" },
  ...{ embeddingSize: 24, hiddenSize: HIDDEN, dropout: 0 },
});
await model.fit(pairs, {
  ...{ steps: 450, batchSize: 40, learningRate: 5e-3 },
  onStep({ step, loss }) {
    if (step % 25 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
  },
});

const rewrite = (texts) => model.predictBatch(texts, { beams: 1 }).map(({ text }) => text);
const again = rewrite(words);
const kept = words.filter((word, i) => word === again[i]).length;
console.log(`${kept} of ${words.length} words come back whole from ${HIDDEN} numbers`);

const codes = scope(() =>
  noGrad(() => {
    const read = model.encoder.forward(words.map((word) => model.source.encode(word)));
    return model.encoder.lastState(read.state).toArray();
  }),
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
