// Trains a Siamese network on a data set with a reference. score.mjs then scores it on the test part, once.
//   node bench/tasks/similarity/train.mjs --task quora --data DIR --out DIR --seed 1
//   node bench/tasks/similarity/train.mjs --task speakers --data DIR --out DIR --seed 1 --all
// Kill it when you like: the same command with --resume goes on to the same bits.
import { trainRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await trainRecipe(RECIPES);
