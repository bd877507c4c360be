// The step of a language model's output layer with the full softmax and with sampled ones: forward, backward and SGD's update.
//   node bench/tasks/vectors/sampled.mjs
import { crossEntropy, init, Linear, manualSeed, randn, scope, SGD, tensor } from "hiddenstate";
import { logUniformSampler, sampledSoftmaxLoss } from "hiddenstate/losses";
import { linear } from "hiddenstate/ops";

/** 20 sequences of 35 words, as in Zaremba et al. 2014. */
const [ROWS, SIZE] = [700, 200];

await init({ build: "plain" });
manualSeed(1);
for (const classes of [10_000, 100_000]) {
  const head = new Linear(SIZE, classes);
  const optimizer = new SGD(head.parameters(), { lr: 0.1 });
  const hidden = randn([ROWS, SIZE]);
  const sampler = logUniformSampler(classes);
  const ids = Int32Array.from({ length: ROWS }, () => sampler.draw());
  const target = tensor(ids);
  const { weight, bias } = head;
  const losses = {
    full: () => crossEntropy(linear(hidden, weight, bias), target),
    "500 sampled": () =>
      sampledSoftmaxLoss(hidden, target, weight, { bias, sampler, samples: 500 }),
    "2000 sampled": () =>
      sampledSoftmaxLoss(hidden, target, weight, { bias, sampler, samples: 2000 }),
  };
  const least = Object.fromEntries(Object.keys(losses).map((name) => [name, Infinity]));
  // In turns: other work on the machine meets all of them.
  for (let round = 0; round < (classes > 50_000 ? 4 : 8); round++)
    for (const [name, loss] of Object.entries(losses)) {
      const before = process.cpuUsage();
      scope(() => {
        optimizer.zeroGrad();
        loss().backward();
        optimizer.step();
      });
      const { user, system } = process.cpuUsage(before);
      least[name] = Math.min(least[name], (user + system) / 1000);
    }
  const shown = Object.entries(least).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
  console.log(`${classes} classes: ${shown.join(", ")}`);
  for (const one of [...head.parameters(), hidden, target]) one.dispose();
}
