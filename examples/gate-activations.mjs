// What do the gates of an LSTM do while it reads? A model learns text with brackets, and must say
// after each character how deep it stands in them. Then the gates over a line of it, as a page: writes
// gate-activations.html (the pictures of Karpathy et al. 2015, on a text where the answer is known).
import { writeFileSync } from "node:fs";
import {
  Adam,
  argmax,
  clipGradNorm,
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
import {
  gateActivations,
  gateHeatMap,
  gradientNormChart,
  gradientNorms,
  htmlPage,
  saturation,
} from "hiddenstate/inspect";

const CHARS = "()abc ";
const DEPTHS = 4;
const TIME = 40;
const UNITS = 12;

class Depth extends Module {
  embedding = new Embedding(CHARS.length, 8);
  lstm = new LSTM(8, UNITS);
  head = new Linear(UNITS, DEPTHS);

  /** ids `[batch, time]` → logits `[batch, time, depths]` */
  forward(ids) {
    return this.head.forward(this.lstm.forward(this.embedding.forward(ids)).output);
  }
}

/** Random text whose brackets go at most three deep, and the depth behind each character. */
function sample() {
  const draws = rand([TIME]).toArray();
  const ids = [];
  const depths = [];
  let depth = 0;
  for (const draw of draws) {
    const open = draw < 0.2 && depth < DEPTHS - 1;
    const close = !open && draw < 0.4 && depth > 0;
    ids.push(open ? 0 : close ? 1 : 2 + Math.floor(draw * 4));
    depth += open - close;
    depths.push(depth);
  }
  return { ids, depths };
}

function batch(rows) {
  const samples = Array.from({ length: rows }, sample);
  return {
    input: tensor(
      samples.map(({ ids }) => ids),
      { dtype: "int32" },
    ),
    target: tensor(
      samples.map(({ depths }) => depths),
      { dtype: "int32" },
    ),
    text: samples[0].ids.map((id) => CHARS[id]).join(""),
  };
}

manualSeed(2);
const model = new Depth();
const optimizer = new Adam(model.parameters(), { lr: 0.02 });
let norms;
for (let step = 1; step <= 250; step++)
  scope(() => {
    const { input, target } = batch(16);
    const loss = crossEntropy(model.forward(input), target);
    optimizer.zeroGrad();
    loss.backward();
    if (step === 1) norms = gradientNorms(model);
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if (step % 50 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

const { text, right, run, depths } = scope(() =>
  noGrad(() => {
    const { input, target, text } = batch(16);
    const said = argmax(model.forward(input), -1).data();
    const right = target.data().filter((depth, i) => depth === said[i]).length / said.length;
    const [run] = gateActivations(model.lstm, model.embedding.forward(input));
    return { text, right, run, depths: target.data() };
  }),
);
console.log(`${(100 * right).toFixed(1)} % of the depths of new text right`);
const { below, above } = saturation(run, "f");
const mostly = (fractions) => fractions.filter((fraction) => fraction > 0.5).length;
console.log(
  `forget gates: ${mostly(above)} of ${UNITS} mostly open, ${mostly(below)} mostly closed`,
);

// Which unit's state goes with the depth?
const correlations = Array.from({ length: UNITS }, (_, unit) =>
  correlation(depths, (i) => run.values.h[i * UNITS + unit]),
);
const best = correlations.reduce((a, b, i) => (Math.abs(b) > Math.abs(correlations[a]) ? i : a), 0);
const found = `Unit ${best} goes with the depth: correlation ${correlations[best].toFixed(2)}.`;
console.log(found);

function correlation(xs, yAt) {
  const n = xs.length;
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  xs.forEach((a, i) => {
    const b = yAt(i);
    [x, y, xx, yy, xy] = [x + a, y + b, xx + a * a, yy + b * b, xy + a * b];
  });
  return (n * xy - x * y) / Math.sqrt((n * xx - x * x) * (n * yy - y * y));
}

const map = (gate, title, description) => ({
  figure: gateHeatMap(run, gate, { labels: text, title, description }),
});
writeFileSync(
  "gate-activations.html",
  htmlPage("The gates of an LSTM that counts brackets", [
    { text: [`The text: ${text}`, found] },
    map("h", "State", "Blue above zero, orange below. The output layer reads the depth from it."),
    map("i", "Input gate", "Full colour: open, what comes in is added to the cell."),
    map("f", "Forget gate", "Full colour: open, the cell keeps what it holds."),
    map("o", "Output gate", "Full colour: open, the cell shows what it holds."),
    {
      heading: "Where the gradient went",
      figure: gradientNormChart(norms, { title: "Gradient norms in the first step of training" }),
    },
  ]),
);
console.log("written: gate-activations.html");
if (right < 0.98) throw new Error("It did not learn to count brackets.");
