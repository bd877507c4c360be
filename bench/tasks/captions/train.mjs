// Trains a captioner of pictures that are made of Fashion-MNIST and MNIST. score.mjs then scores it on the test part, once.
//   node bench/tasks/captions/train.mjs --task strips --data DIR --out DIR --seed 1
//   FASHION_MNIST=DIR node bench/tasks/captions/train.mjs --task scenes --data DIR --out DIR --seed 1
// Kill it when you like: the same command with --resume goes on to the same bits.
import { trainRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await trainRecipe(RECIPES);
