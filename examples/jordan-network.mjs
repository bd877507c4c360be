// A Jordan network (Jordan 1986) performs plans: it is told at each step only which of four dances to dance, and each step
// follows from its own last one, which is fed back. One of the dances is that of the waltz.
import { Adam, manualSeed, mseLoss, noGrad, scope, tensor } from "hiddenstate";
import { JordanCell, Scan } from "hiddenstate/nn";

const TIME = 12;
const MOVES = ["left", "right", "turn", "rest"];
const dances = {
  march: ["left", "right"],
  waltz: ["left", "right", "rest"],
  spin: ["turn", "rest", "left"],
  reel: ["right", "left", "turn"],
};
const names = Object.keys(dances);
const oneHot = (index, size) => Array.from({ length: size }, (_, i) => +(i === index));

// The plan stays the same over the whole dance.
const plans = tensor(
  names.map((_, i) => Array.from({ length: TIME }, () => oneHot(i, names.length))),
);
const steps = names.map((name) =>
  Array.from({ length: TIME }, (_, t) => MOVES.indexOf(dances[name][t % dances[name].length])),
);
const target = tensor(steps.map((moves) => moves.map((move) => oneHot(move, MOVES.length))));

manualSeed(2);
const dancer = new Scan(
  new JordanCell(names.length, 24, MOVES.length, { outputActivation: "sigmoid" }),
);
const optimizer = new Adam(dancer.parameters(), { lr: 0.02 });
for (let step = 1; step <= 600; step++)
  scope(() => {
    const loss = mseLoss(dancer.forward(plans).output, target);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 150 === 0) console.log(`step ${step}  squared error ${loss.item().toFixed(5)}`);
  });

const danced = scope(() => noGrad(() => dancer.forward(plans).output.toArray())).map((moves) =>
  moves.map((move) => MOVES[move.indexOf(Math.max(...move))]),
);
names.forEach((name, i) => console.log(`${name.padEnd(6)} ${danced[i].join(" ")}`));
const right = danced.flat().filter((move, i) => move === MOVES[steps.flat()[i]]).length;
if (right < 0.9 * danced.flat().length) throw new Error("It did not learn to dance.");
