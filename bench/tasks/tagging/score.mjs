// Scores a tagger that train.mjs has made.
//   node bench/tasks/tagging/score.mjs --task atis --data DIR --model FILE --part test
import { readFileSync } from "node:fs";
import { Option, program } from "commander";
import { initSync } from "hiddenstate";
import { SequenceTagger } from "hiddenstate/models";
import { RECIPES } from "./recipes.mjs";
import { report } from "./report.mjs";

const options = program
  .addOption(
    new Option("--task <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .requiredOption("--model <file>", "the tagger")
  .addOption(new Option("--part <name>").choices(["train", "valid", "test"]).default("test"))
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
const tagger = SequenceTagger.load(readFileSync(options.model));
report(options.part, tagger, RECIPES[options.task].read(options.data)[options.part]);
