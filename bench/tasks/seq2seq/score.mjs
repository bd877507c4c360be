// Scores a model that train.mjs has made.
//   node bench/tasks/seq2seq/score.mjs --task de-en --data DIR --model DIR/model.safetensors --part test
import { Seq2Seq } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";
import { report } from "./report.mjs";

await scoreRecipe(RECIPES, Seq2Seq.load, report);
