// An LSTM with as many parameters as the recipes' Transformers, on the same text, by LanguageModel's own training.
//   node bench/tasks/transformer/lstm.mjs --data DIR [--seed 1] [--steps 2000]
import { program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { LanguageModel } from "hiddenstate/models";
import { cpuSeconds } from "../../measure.mjs";
import { readShakespeare } from "./data.mjs";

const options = program
  .requiredOption("--data <folder>", "holds input.txt.gz")
  .option(
    "--steps <n>",
    "of 16 rows of 48 characters, as many as those of the recipes",
    Number,
    2000,
  )
  .option("--seed <n>", "of the first weights", Number, 1)
  .parse()
  .opts();

initSync({ build: "plain" });
manualSeed(options.seed);
const { text } = readShakespeare(options.data);
const end = Math.floor(text.length * 0.9);
const model = LanguageModel.build(text, { embeddingSize: 64, hiddenSize: 408, dropout: 0 });
const parameters = model.parameters().reduce((sum, each) => sum + each.size, 0);
const log = (line) => console.log(JSON.stringify(line));
log({ seed: options.seed, parameters, kernels: backend().build });
const began = cpuSeconds();
const minutes = () => Number(((cpuSeconds() - began) / 60).toFixed(4));
let sum = 0;
await model.fit(text.slice(0, end), {
  ...{ steps: options.steps, batchSize: 16, sequenceLength: 48 },
  ...{ learningRate: 4e-3, weightDecay: 0, schedule: "cosine", warmup: 0.05 },
  onStep({ step, loss }) {
    sum += loss;
    if (step % 250 !== 0) return;
    log({ step, loss: Number((sum / 250).toFixed(4)), cpuMinutes: minutes() });
    sum = 0;
  },
});
const cpuMinutes = minutes();
const { scores } = await model.evaluate(text.slice(end));
log({ validLoss: Number(scores.loss.toFixed(4)), cpuMinutes });
