// Perplexity of saved weights (best.safetensors, or the model in a checkpoint) on one part of the treebank.
//   node bench/tasks/ptb/score.mjs --model emb100 --data DIR --weights FILE --part test
import { readFileSync } from "node:fs";
import { Option, program } from "commander";
import { loadSafetensors } from "hiddenstate";
import { perplexity } from "hiddenstate/metrics";
import { readTreebank } from "./data.mjs";
import { WordModel } from "./model.mjs";
import { RECIPES } from "./recipes.mjs";

const { model, data, weights, part } = program
  .addOption(
    new Option("--model <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds ptb.train.txt, ptb.valid.txt, ptb.test.txt (or .gz)")
  .requiredOption("--weights <file>", "what train.mjs saved")
  .addOption(new Option("--part <name>").choices(["train", "valid", "test"]).default("valid"))
  .parse()
  .opts();

const treebank = readTreebank(data);
const scored = new WordModel(treebank.vocabulary.size, RECIPES[model].sizes);
const tensors = [...loadSafetensors(readFileSync(weights))];
const ofCheckpoint = tensors.filter(([name]) => name.startsWith("model."));
scored.loadStateDict(
  ofCheckpoint.length === 0
    ? new Map(tensors)
    : new Map(ofCheckpoint.map(([name, each]) => [name.slice("model.".length), each])),
);
console.log(`${part} perplexity ${perplexity(scored.meanLoss(treebank[part], 1)).toFixed(3)}`);
