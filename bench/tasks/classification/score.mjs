// Accuracy of a trained classifier on a part of its data set, beside what takes no network.
//   node bench/tasks/classification/score.mjs --task trec --data DIR --model DIR/model.safetensors --part test
import { SequenceClassifier } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";
import { report } from "./report.mjs";

await scoreRecipe(RECIPES, SequenceClassifier.load, report);
