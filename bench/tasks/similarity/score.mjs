// Scores of a trained Siamese network on a part of its data set, beside what takes no network.
//   node bench/tasks/similarity/score.mjs --task quora --data DIR --model DIR/model.safetensors --part test
import { SiameseNetwork } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await scoreRecipe(RECIPES, SiameseNetwork.load);
