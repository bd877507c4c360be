// Trains a model of music on a data set with a reference. score.mjs then scores it on the test part, once.
//   node bench/tasks/music/train.mjs --task joint --data DIR --out DIR --seed 1
// Kill it when you like: the same command with --resume goes on to the same bits.
import { trainRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await trainRecipe(RECIPES);
