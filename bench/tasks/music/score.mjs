// The score of a trained model of music on a part of its data set.
//   node bench/tasks/music/score.mjs --task joint --data DIR --model DIR/model.safetensors --part test
import { MusicModel } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

await scoreRecipe(RECIPES, MusicModel.load);
