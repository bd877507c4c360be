// Scores a tagger that train.mjs has made.
//   node bench/tasks/tagging/score.mjs --task atis --data DIR --model DIR/model.safetensors --part test
import { SequenceTagger } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";
import { report } from "./report.mjs";

await scoreRecipe(RECIPES, SequenceTagger.load, report);
