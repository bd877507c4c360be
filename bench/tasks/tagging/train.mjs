// Trains a tagger on a data set with published results. score.mjs then scores it on the test part, once.
//   node bench/tasks/tagging/train.mjs --task atis --data DIR --out DIR --seed 1
// Kill it when you like: the same command with --resume goes on to the same bits.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { SequenceTagger } from "hiddenstate/models";
import { writeBytes } from "hiddenstate/node";
import { RECIPES } from "./recipes.mjs";
import { report } from "./report.mjs";

const options = program
  .addOption(
    new Option("--task <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .requiredOption("--out <folder>", "for the log, the checkpoint and the tagger")
  .option("--seed <n>", "of the first weights, the order and dropout", Number, 1)
  .option("--tagger <json>", "changes to the recipe's tagger, to try them", JSON.parse, {})
  .option("--fit <json>", "changes to its training", JSON.parse, {})
  .option("--resume", "go on from the checkpoint in --out, if there is one", false)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
manualSeed(options.seed);
const recipe = RECIPES[options.task];
const { train, valid } = recipe.read(options.data);
const tagger = SequenceTagger.forSentences(train, { ...recipe.tagger, ...options.tagger });
const fit = { ...recipe.fit, ...options.fit };

mkdirSync(options.out, { recursive: true });
const file = (name) => join(options.out, name);
const checkpoint = file("checkpoint.safetensors");
const resume = options.resume && existsSync(checkpoint) ? readFileSync(checkpoint) : undefined;

const words = train.reduce((total, sentence) => total + sentence.words.length, 0);
console.log(JSON.stringify({ task: options.task, seed: options.seed, ...backend(), ...fit }));
console.log(
  `${train.length} and ${valid.length} sentences, ${words} words to learn from, ` +
    `${tagger.vocabularies.words.size} distinct, ${tagger.vocabularies.labels.size} labels`,
);

const used = () => process.cpuUsage().user / 1e6;
const began = used();
let last = began;
const { best } = await tagger.fit(train, {
  ...fit,
  validation: valid,
  onEpoch({ epoch, trainLoss, validation, improved }) {
    const seconds = used() - last;
    last = used();
    const scores = Object.entries(validation).map(([name, score]) => `${name} ${score.toFixed(4)}`);
    console.log(
      `epoch ${epoch + 1}  loss ${trainLoss.toFixed(4)}  ${scores.join("  ")}  ` +
        `${seconds.toFixed(0)} s${improved ? "  *" : ""}`,
    );
  },
  checkpoint: { save: (bytes) => writeBytes(checkpoint, bytes), ...(resume && { resume }) },
});
await writeBytes(file("tagger.safetensors"), tagger.save());
report("validation", tagger, valid);
console.log(`best epoch ${best.epoch + 1}; ${((used() - began) / 60).toFixed(1)} CPU minutes`);
