import { initSync, manualSeed } from "hiddenstate";
import { SiameseNetwork, series } from "hiddenstate/models";
import { readDigits, unchanged } from "./data.mjs";
import { RECIPES } from "./recipes.mjs";
initSync({ build: "auto" });
const { augment } = RECIPES.digits.fit;
const conv = {
  encoder: "convolutional",
  filters: 64,
  kernelSizes: [3, 5, 7],
  dropout: 0.2,
  outputSize: 64,
};
const grid = [
  ["conv", conv, {}],
  ["conv nohead", { ...conv, outputSize: 0 }, {}],
  ["conv128", { ...conv, filters: 128, outputSize: 128 }, {}],
  ["scale10", conv, { scale: 10 }],
  ["batch32", conv, { batchSize: 32, learningRate: 1e-3 }],
  [
    "gru",
    {
      encoder: "recurrent",
      cell: "gru",
      hiddenSize: 96,
      pooling: "mean",
      outputSize: 64,
      dropout: 0.2,
    },
    {},
  ],
  ["conv 8 epochs", conv, { epochs: 8 }],
];
const { train, valid } = readDigits("/work/shared/data", { each: 400 });
const held = unchanged(valid);
for (const [name, model, fit] of grid) {
  manualSeed(1);
  const net = SiameseNetwork.build(train, {
    input: series({ features: 28, normalize: false }),
    ...model,
  });
  const t = process.cpuUsage().user;
  await net.fit(train, {
    epochs: 3,
    batchSize: 64,
    loss: "ranking",
    learningRate: 2e-3,
    schedule: "linear",
    averageShare: 0,
    augment,
    ...fit,
  });
  const { accuracy } = net.evaluateOneShot(held, { ways: 3, draws: 100 });
  console.log(
    name,
    accuracy.toFixed(4),
    ((process.cpuUsage().user - t) / 60e6).toFixed(2),
    "CPU min",
  );
}
