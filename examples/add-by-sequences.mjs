// Addition as translation of characters, "57+38" to "95": the plain encoder-decoder, the same with its input reversed
// (Sutskever et al. 2014), and with a peeky decoder too, which sees the encoder's state at each step (Cho et al. 2014).
// All three get the same number of steps.
import { manualSeed } from "hiddenstate";
import { shuffle } from "hiddenstate/data";
import { Seq2Seq } from "hiddenstate/models";

manualSeed(1);
const sums = shuffle(
  Array.from({ length: 10_000 }, (_, i) => {
    const [a, b] = [Math.floor(i / 100), i % 100];
    // Of one length each, as columns of figures are.
    return { source: `${a}+${b}`.padEnd(5), target: String(a + b).padEnd(3) };
  }),
).slice(0, 5000);
const [training, held] = [sums.slice(0, 4500), sums.slice(4500)];
const EPOCHS = 10;

/** Trains one, and tells how much of the held-out sums it gets right to the last digit. */
async function accuracy(name, options) {
  manualSeed(2);
  const model = Seq2Seq.build(training, {
    ...{ source: "characters", target: "characters", embeddingSize: 16, hiddenSize: 64 },
    // One vector is all that passes from one LSTM to the other.
    ...{ attention: "none", bidirectional: false, bridge: "copy" },
    ...{ tieEmbeddings: "none", dropout: 0, ...options },
  });
  await model.fit(training, {
    ...{ epochs: EPOCHS, batchSize: 50, learningRate: 0.01, maxNorm: 5, schedule: "constant" },
    onEvaluation: ({ epoch, trainLoss }) =>
      console.log(`${name}: epoch ${epoch + 1} of ${EPOCHS}, loss ${trainLoss.toFixed(3)}`),
  });
  const { scores } = await model.evaluate(held);
  return scores.exactMatch;
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const plain = await accuracy("plain", {});
const reversed = await accuracy("reversed", { reverseSource: true });
const peeky = await accuracy("reversed and peeky", { reverseSource: true, peeky: true });
console.log(`plain              ${percent(plain)}`);
console.log(`reversed           ${percent(reversed)}`);
console.log(`reversed and peeky ${percent(peeky)}`);
if (!(peeky > 0.8 && peeky > plain)) throw new Error("Looking back did not help.");
