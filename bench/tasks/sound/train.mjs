// Trains a classifier of spoken digits, or a recognizer of strings of them. score.mjs then scores it on the test part, once.
//   node bench/tasks/sound/train.mjs --task strings --data DIR --out DIR --seed 1
//   node bench/tasks/sound/train.mjs --task strings --data DIR --out DIR --seed 1 --all
// Kill it when you like: the same command with --resume goes on to the same bits.
import { trainRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await trainRecipe(RECIPES);
