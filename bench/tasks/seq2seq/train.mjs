// Trains a model on a data set with published results. score.mjs then scores it on the test part, once.
//   node bench/tasks/seq2seq/train.mjs --task de-en --data DIR --out DIR --seed 1
// Kill it when you like: the same command with --resume goes on to the same bits.
import { trainRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";
import { report } from "./report.mjs";

await trainRecipe(RECIPES, report);
