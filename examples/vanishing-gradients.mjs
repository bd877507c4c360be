// Where does the gradient go? For recurrent layers of several kinds: how much of a loss at the last step
// arrives at each step before (Hochreiter 1991; Bengio et al. 1994; Pascanu et al. 2013), and which of them
// learn to remember the first input. Writes vanishing-gradients.html.
import { writeFileSync } from "node:fs";
import {
  Adam,
  clipGradNorm,
  Linear,
  LSTM,
  manualSeed,
  mseLoss,
  rand,
  randn,
  RNN,
  scope,
  tensor,
} from "hiddenstate";
import { gradientFlow, gradientFlowChart, htmlPage, trainingCurve } from "hiddenstate/inspect";

const TIME = 50;
const HIDDEN = 32;
const STEPS = 300;

/** An RNN whose recurrent weights are given. */
function rnn(nonlinearity, recurrentWeight) {
  const layer = new RNN(1, HIDDEN, { nonlinearity, bias: false });
  scope(() => {
    layer.weight_ih_l0.set(randn([HIDDEN, 1]).mul(0.1));
    layer.weight_hh_l0.set(recurrentWeight());
  });
  return layer;
}

/** Random weights as PyTorch's, U(-1/√hidden, 1/√hidden), times a factor. */
const uniform = (factor) => () =>
  rand([HIDDEN, HIDDEN])
    .sub(0.5)
    .mul((2 * factor) / Math.sqrt(HIDDEN));
const identity = () =>
  tensor(
    Array.from({ length: HIDDEN }, (_, i) => Array.from({ length: HIDDEN }, (_, j) => +(i === j))),
  );

function lstmWithForgetBias(bias) {
  const lstm = new LSTM(1, HIDDEN);
  // Gates stand in the order i, f, g, o.
  const rows = Array.from({ length: 4 * HIDDEN }, (_, row) => (row >> 5 === 1 ? bias : 0));
  lstm.bias_hh_l0.set(rows);
  return lstm;
}

manualSeed(3);
const layers = {
  "RNN tanh": rnn("tanh", uniform(1)),
  "RNN tanh, large weights": rnn("tanh", uniform(5)),
  IRNN: rnn("relu", identity),
  LSTM: lstmWithForgetBias(0),
  "LSTM, forget bias 3": lstmWithForgetBias(3),
};

/** Noise of which the first number is to be remembered: x `[batch, time, 1]`, target `[batch, 1]`. */
function batch(rows) {
  const x = randn([rows, TIME, 1]);
  return { x, target: x.slice(1, 0, 1).reshape([rows, 1]) };
}

const lastOf = (output) => output.slice(1, TIME - 1).reshape([output.shape[0], HIDDEN]);

// How the gradient flows in the untrained layers.
const { x, target } = batch(8);
const head = new Linear(HIDDEN, 1);
const flows = {};
console.log("‖∂loss/∂h‖ at the first step, halfway, and at the last step");
for (const [name, layer] of Object.entries(layers)) {
  flows[name] = gradientFlow(layer, x, (output) => mseLoss(head.forward(lastOf(output)), target));
  const { h } = flows[name][0];
  const shown = [0, TIME >> 1, TIME - 1].map((t) => h[t].toExponential(1).padStart(9)).join("");
  console.log(name.padEnd(26), shown);
}

// Which of them learn to remember.
const end = (name) => losses[name].slice(-20).reduce((sum, loss) => sum + loss / 20, 0);
const losses = {};
for (const [name, layer] of Object.entries(layers)) {
  const readout = new Linear(HIDDEN, 1);
  const parameters = [...layer.parameters(), ...readout.parameters()];
  const optimizer = new Adam(parameters, { lr: 0.003 });
  losses[name] = Array.from({ length: STEPS }, () =>
    scope(() => {
      const { x, target } = batch(32);
      const loss = mseLoss(readout.forward(lastOf(layer.forward(x).output)), target);
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(parameters, 1);
      optimizer.step();
      return loss.item();
    }),
  );
  console.log(`${name.padEnd(26)} loss after ${STEPS} steps ${end(name).toFixed(3)}`);
}

const page = htmlPage("Vanishing and exploding gradients", [
  {
    text: [
      `A loss at step ${TIME - 1} and what is left of its gradient at every step before, in layers that are not trained yet.`,
      "A straight line that falls to the left is a gradient that vanishes: each step backwards multiplies it by the same factor below one. One that rises explodes.",
    ],
    figure: gradientFlowChart(flows, { title: "What arrives at each time step" }),
  },
  {
    heading: "What it means for learning",
    text: `To remember the first of ${TIME} inputs, the gradient must reach it. A loss of 1 is that of who remembers nothing.`,
    figure: trainingCurve(losses, { title: "Mean squared error", logScale: true, smoothing: 10 }),
  },
]);
writeFileSync("vanishing-gradients.html", page);
console.log("written: vanishing-gradients.html");

const first = (name) => flows[name][0].h[0];
if (!(first("RNN tanh") < 1e-6 && first("LSTM, forget bias 3") > 1e4 * first("RNN tanh")))
  throw new Error("The gradient did not vanish where it should, or did where it should not.");
const learnt = Object.keys(layers).filter((name) => end(name) < 0.5);
if (learnt.join() !== "IRNN,LSTM, forget bias 3")
  throw new Error("What learnt to remember is not what should have.");
