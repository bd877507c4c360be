// Trains a classifier on a data set with published results. score.mjs then scores it on the test part, once.
//   node bench/tasks/classification/train.mjs --task trec --data DIR --out DIR --seed 1
// Kill it when you like: the same command with --resume goes on to the same bits.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { writeBytes } from "hiddenstate/node";
import { RECIPES } from "./recipes.mjs";

const options = program
  .addOption(
    new Option("--task <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .requiredOption("--out <folder>", "for the checkpoint and the model")
  .option("--seed <n>", "of the first weights, the order and dropout", Number, 1)
  .option("--all", "train on the validation part too, to the recipe's last epoch", false)
  .option("--model <json>", "changes to the recipe's model, to try them", JSON.parse, {})
  .option("--fit <json>", "changes to its training", JSON.parse, {})
  .option("--resume", "go on from the checkpoint in --out, if there is one", false)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
manualSeed(options.seed);
const recipe = RECIPES[options.task];
const parts = recipe.read(options.data);
const train = options.all ? [...parts.train, ...parts.valid] : parts.train;
const validation = options.all ? undefined : parts.valid;
const model = recipe.build(train, options.model);
const fit = { ...recipe.fit, ...options.fit };

mkdirSync(options.out, { recursive: true });
const file = (name) => join(options.out, name);
const checkpoint = file("checkpoint.safetensors");
const resume = options.resume && existsSync(checkpoint) ? readFileSync(checkpoint) : undefined;

console.log(JSON.stringify({ task: options.task, seed: options.seed, ...backend(), ...fit }));
console.log(`${train.length} examples, ${validation?.length ?? 0} for validation`);
console.log(String(model));

const steps = train.reduce(
  (sum, { input }) => sum + model.input.timeOf(model.input.encode("train", input)),
  0,
);
const used = () => process.cpuUsage().user / 1e6;
const began = used();
let last = began;
const { metric, ...others } = fit;
const { best } = await model.fit(train, {
  ...others,
  ...(validation && { validation, ...(metric && { metric }) }),
  onEpoch({ epoch, trainLoss, validation: scores, improved }) {
    const seconds = used() - last;
    last = used();
    const shown = Object.entries(scores ?? {}).map(([name, x]) => `${name} ${x.toFixed(4)}`);
    console.log(
      `epoch ${epoch + 1}  loss ${trainLoss.toFixed(4)}  ${shown.join("  ")}  ` +
        `${seconds.toFixed(1)} s, ${Math.round(steps / seconds)} steps/s${improved ? "  *" : ""}`,
    );
  },
  checkpoint: { save: (bytes) => writeBytes(checkpoint, bytes), ...(resume && { resume }) },
});
await writeBytes(file("model.safetensors"), model.save());
console.log(`best epoch ${best.epoch + 1}; ${((used() - began) / 60).toFixed(1)} CPU minutes`);
