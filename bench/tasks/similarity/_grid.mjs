import { initSync, manualSeed } from "hiddenstate";
import { SiameseNetwork, series } from "hiddenstate/models";
import { readSpeakers, unchanged } from "./data.mjs";
initSync({ build: "auto" });
const { train, valid } = readSpeakers("/work/shared/data");
const all = [...train, ...valid];
const sets = ["356", "145", "256", "346"].map((s) => [...s]);
const conv = { encoder: "convolutional", filters: 64, kernelSizes: [1, 3, 5], outputSize: 0 };
const grid = [
  ["conv 3", conv, { epochs: 3 }],
  ["conv 1", conv, { epochs: 1 }],
  ["conv 8", conv, { epochs: 8 }],
  ["conv max gru", { encoder: "recurrent", cell: "gru", hiddenSize: 64, pooling: "max", dropout: 0.3, inputDropout: 0.2, outputSize: 0 }, { epochs: 3 }],
  ["conv 7", { ...conv, kernelSizes: [1, 3, 5, 7], dropout: 0.1 }, { epochs: 3 }],
  ["conv hard", conv, { epochs: 3, loss: "batchHard", margin: 0.2 }],
];
for (const [name, model, fit] of grid) {
  const each = []; let p1 = 0, p0 = 0;
  for (const set of sets) {
    const learn = all.filter(({ label }) => set.includes(label[0]));
    const held = unchanged(all.filter(({ label }) => !set.includes(label[0])));
    manualSeed(1);
    const net = SiameseNetwork.build(learn, { input: series(), ...model });
    await net.fit(learn, { batchSize: 32, loss: "ranking", learningRate: 2e-3, schedule: "linear", averageShare: 0, ...fit });
    const one = (p) => net.evaluateOneShot(held, { ways: 3, shots: 5, draws: 20, prototypes: p }).accuracy;
    const t = one(true); each.push(t.toFixed(3)); p1 += t / sets.length; p0 += one(false) / sets.length;
  }
  console.log(name, "prototypes", p1.toFixed(4), "nearest", p0.toFixed(4), each.join(" "));
}
