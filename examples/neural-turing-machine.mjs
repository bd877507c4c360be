// A Neural Turing Machine (Graves, Wayne & Danihelka 2014) learns to copy: it writes a sequence of bits to its memory row by row,
// and reads it back. An LSTM steers one head that reads and one that writes. What the heads did is drawn in copy.svg.
import { writeFileSync } from "node:fs";
import {
  Adam,
  binaryCrossEntropyWithLogits,
  initSync,
  manualSeed,
  noGrad,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { memoryChart, memoryTrace } from "hiddenstate/inspect";
import { NTM } from "hiddenstate/nn";
import { clipGradValue } from "hiddenstate/optim";

const [BITS, BATCH, STEPS, LONGEST] = [4, 4, 4000, 6];

/** Random bits, a mark behind them, then nothing while the machine answers. */
function task(length, batch = BATCH) {
  const bits = rand([batch, length, BITS])
    .toArray()
    .map((rows) => rows.map((row) => row.map((u) => +(u < 0.5))));
  const silence = Array(BITS + 1).fill(0);
  const mark = [...Array(BITS).fill(0), 1];
  const input = bits.map((rows) => [
    ...rows.map((row) => [...row, 0]),
    mark,
    ...rows.map(() => silence),
  ]);
  return { input: tensor(input), target: tensor(bits) };
}
const answersOf = (model, { input, target }) =>
  model.forward(input).output.slice(1, -target.shape[1]);

// The kernels whose bits are the same everywhere: so short a training ends well or badly by the seed.
initSync({ build: "plain" });
manualSeed(1);
const model = new NTM(BITS + 1, BITS, { controllerSize: 50, memoryRows: 20, memoryWidth: 8 });
const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
const lengths = rand([STEPS]).data();
for (let step = 1; step <= STEPS; step++)
  scope(() => {
    const copy = task(1 + Math.floor(lengths[step - 1] * LONGEST));
    const loss = binaryCrossEntropyWithLogits(answersOf(model, copy), copy.target);
    optimizer.zeroGrad();
    loss.backward();
    clipGradValue(model.parameters(), 10);
    optimizer.step();
    if (step % 400 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

/** The share of bits copied right. */
const accuracy = (length) =>
  scope(() =>
    noGrad(() => {
      const copy = task(length, 50);
      const wanted = copy.target.data();
      const said = answersOf(model, copy).data();
      return said.filter((logit, i) => logit > 0 === wanted[i] > 0.5).length / wanted.length;
    }),
  );
for (const length of [3, LONGEST, 10])
  console.log(
    `length ${length}: ${(100 * accuracy(length)).toFixed(1)} % of the bits${length > LONGEST ? ", longer than any it was trained on" : ""}`,
  );

const trace = scope(() => memoryTrace(model, task(LONGEST, 1).input));
writeFileSync("copy.svg", memoryChart(trace, { title: "A Neural Turing Machine copies six rows" }));
console.log("copy.svg shows where the heads looked");
if (accuracy(LONGEST) < 0.98) throw new Error("It did not learn to copy.");
