import { initSync, manualSeed } from "hiddenstate";
import { SiameseNetwork, series } from "hiddenstate/models";
import { readSpeakers } from "./data.mjs";
initSync({ build: "auto" });
const { train, valid } = readSpeakers("/work/shared/data");
const all = [...train, ...valid];
const sets = ["123", "145", "246", "356", "156", "234"].map((s) => [...s]);
const gru = { encoder: "recurrent", cell: "gru", hiddenSize: 64, pooling: "mean", dropout: 0.3, inputDropout: 0.2, outputSize: 0 };
const models = {
  gru, gruNoDrop: { ...gru, dropout: 0, inputDropout: 0 }, gruMax: { ...gru, pooling: "max" },
  gruHead: { ...gru, outputSize: 128 },
  mean: { encoder: "mean", hiddenSize: 128, dropout: 0.3, outputSize: 0 },
  conv: { encoder: "convolutional", filters: 64, kernelSizes: [1, 3, 5], outputSize: 0 },
};
const fits = {
  rank10: { loss: "ranking", epochs: 10 },
  rank40: { loss: "ranking", epochs: 40 },
  rank40s5: { loss: "ranking", epochs: 40, scale: 5 },
  hard10: { loss: "batchHard", epochs: 10, margin: 0.2 },
};
for (const [m, model] of Object.entries(models))
  for (const [f, fit] of Object.entries(fits)) {
    const sums = [0, 0, 0];
    for (const set of sets) {
      const learn = all.filter(({ label }) => set.includes(label));
      const held = all.filter(({ label }) => !set.includes(label));
      manualSeed(1);
      const net = SiameseNetwork.build(learn, { input: series(), ...model });
      const one = (p) => net.evaluateOneShot(held, { ways: 3, shots: 5, draws: 20, prototypes: p }).accuracy;
      sums[0] += one(true) / sets.length;
      await net.fit(learn, { batchSize: 24, learningRate: 2e-3, schedule: "linear", averageShare: 0, ...fit });
      sums[1] += one(true) / sets.length;
      sums[2] += one(false) / sets.length;
    }
    console.log(m, f, "untrained", sums.map((x) => x.toFixed(4)).join(" "));
  }
