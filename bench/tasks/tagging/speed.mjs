// How fast a recipe's tagger trains, on made sentences of one length; peer.py does the same in PyTorch.
//   node bench/tasks/tagging/speed.mjs --task conll2003
import { Option, program } from "commander";
import { AdamW, backend, clipGradNorm, initSync, manualSeed, scope } from "hiddenstate";
import { cpuSeconds } from "../../measure.mjs";
import { RECIPES } from "./recipes.mjs";

const options = program
  .addOption(
    new Option("--task <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .option("--steps <n>", "steps to take the best of", Number, 60)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

/** Distinct words, types of spans and words in a sentence, as in the data. */
const DATA = {
  atis: { words: 730, types: 60, time: 12 },
  gmb_ner: { words: 28000, types: 8, time: 22 },
  conll2003: { words: 17500, types: 4, time: 15 },
  keyphrase: { words: 9000, types: 1, time: 130 },
};
const LETTERS = 7;

initSync({ build: options.build });
manualSeed(1);
const { words, types, time } = DATA[options.task];
const { build, fit } = RECIPES[options.task];
const vocabulary = Array.from({ length: words }, (_, i) =>
  String(i)
    .padStart(LETTERS, "0")
    .replace(/\d/g, (digit) => "etaoinshrd"[digit]),
);
let next = 0;
const sentence = () => ({
  words: Array.from({ length: time }, () => vocabulary[(next = (next + 7919) % words)]),
  tags: Array.from({ length: time }, (_, t) =>
    t % 3 === 0 ? "O" : `${t % 3 === 1 ? "B" : "I"}-${Math.floor(next + t / 3) % types}`,
  ),
  ...(options.task === "atis" && { intent: String(next % 20) }),
});
const all = Array.from({ length: Math.ceil(words / time) }, sentence);
const tagger = build(all, { scheme: "IOB2" });
const parameters = tagger.parameters();
const optimizer = new AdamW(parameters, { lr: 1e-3, weightDecay: 0 });
let best = Infinity;
for (let step = 0; step < options.steps; step++) {
  const batch = Array.from({ length: fit.batchSize }, sentence);
  const began = cpuSeconds();
  scope(() => {
    const loss = tagger.loss(batch);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(parameters, 5);
    optimizer.step();
  });
  best = Math.min(best, cpuSeconds() - began);
}
const labels = tagger.head.weight.shape[0];
const tokensPerSecondOfBestStep = Math.round((fit.batchSize * time) / best);
console.log(
  JSON.stringify({ task: options.task, ...backend(), labels, tokensPerSecondOfBestStep }),
);
