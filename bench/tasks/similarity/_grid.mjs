import { initSync, manualSeed, randn, scope } from "hiddenstate";
import { SiameseNetwork, series } from "hiddenstate/models";
import { readSpeakers } from "./data.mjs";
initSync({ build: "auto" });
const { train, valid } = readSpeakers("/work/shared/data");
const all = [...train, ...valid];
const sets = ["123", "145", "246", "356"].map((s) => [...s]);
const std = all[0].input[0].map((_, i) => { const v = all.flatMap(({ input }) => input.map((s) => s[i])); const m = v.reduce((a, b) => a + b) / v.length; return Math.sqrt(v.reduce((a, b) => a + (b - m) ** 2, 0) / v.length); });
const pseudo = (examples, k, size) => { manualSeed(99); const shifts = Array.from({ length: k }, () => scope(() => [...randn([12]).data()])); 
  return examples.flatMap(({ input, label }, n) => shifts.map((g, j) => ({ label: `${label}-${j}`, input: j === 0 ? input : input.map((s) => s.map((x, i) => x + size * std[i] * g[i])) })).filter((_, j) => j === 0 || (n % 3) === (j % 3))); };
const gru = { encoder: "recurrent", cell: "gru", hiddenSize: 64, pooling: "mean", dropout: 0.3, inputDropout: 0.2, outputSize: 0 };
const mean = { encoder: "mean", hiddenSize: 128, dropout: 0.3, outputSize: 0 };
const conv = { encoder: "convolutional", filters: 64, kernelSizes: [1, 3, 5], outputSize: 0 };
const grid = [
  ["conv ps1", conv, { epochs: 6 }, 8, 1],
  ["conv128 ps1", { ...conv, filters: 128 }, { epochs: 6, batchSize: 64 }, 16, 1],
  ["conv k1,2,3 ps1", { ...conv, kernelSizes: [1, 2, 3], dropout: 0.1 }, { epochs: 6 }, 8, 1],
  ["conv ps1 scale10", conv, { epochs: 6, scale: 10 }, 8, 1],
];
for (const [name, model, fit, k, size] of grid) {
    const sums = [0, 0, 0]; const each = [];
    for (const set of sets) {
      const learn = all.filter(({ label }) => set.includes(label));
      const held = all.filter(({ label }) => !set.includes(label));
      const examples = k ? pseudo(learn, k, size) : learn;
      manualSeed(1);
      const net = SiameseNetwork.build(learn, { input: series(), ...model });
      const one = (p) => net.evaluateOneShot(held, { ways: 3, shots: 5, draws: 10, prototypes: p }).accuracy;
      sums[0] += one(true) / sets.length;
      await net.fit(examples, { batchSize: 32, loss: "ranking", learningRate: 2e-3, schedule: "linear", averageShare: 0, ...fit });
      const t = one(true); each.push(t.toFixed(3));
      sums[1] += t / sets.length;
      sums[2] += one(false) / sets.length;
    }
    console.log(name, "untrained", sums.map((x) => x.toFixed(4)).join(" "), each.join(" "));
  }
