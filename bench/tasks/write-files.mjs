// Writes a data set of tagging/ or classification/ as JSON lines, for the command: NAME.train.jsonl, .valid, .test.
//   node bench/tasks/write-files.mjs --task atis --data DIR --out DIR --first 0.1
//   hiddenstate train --task tagger --train DIR/atis.train.jsonl --valid DIR/atis.valid.jsonl
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import { initSync } from "hiddenstate";
import { RECIPES as CLASSIFICATION } from "./classification/recipes.mjs";
import { RECIPES as TAGGING } from "./tagging/recipes.mjs";

const RECIPES = { ...TAGGING, sst2: CLASSIFICATION.sst2, trec: CLASSIFICATION.trec };

const { task, data, out, first } = program
  .addOption(new Option("--task <name>").choices(Object.keys(RECIPES)).makeOptionMandatory())
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .requiredOption("--out <folder>", "for the files")
  .option("--first <share>", "of the training examples only the first", Number, 1)
  .parse()
  .opts();

initSync({ build: "plain" });
const { train, ...others } = RECIPES[task].read(data);
const parts = { train: train.slice(0, Math.round(first * train.length)), ...others };
mkdirSync(out, { recursive: true });
for (const [part, examples] of Object.entries(parts)) {
  const lines = examples.map(({ input, label, words, tags, intent }) =>
    JSON.stringify(words ? { words, tags, intent } : { text: input, label }),
  );
  writeFileSync(join(out, `${task}.${part}.jsonl`), `${lines.join("\n")}\n`);
}
