// Scores what train.mjs saved: node bench/tasks/captions/score.mjs --task strips --data DIR --model FILE
import { Captioner } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await scoreRecipe(RECIPES, (bytes) => Captioner.load(bytes));
