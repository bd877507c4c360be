// Scores of a trained model on a part of its data.
//   node bench/tasks/sound/score.mjs --task strings --data DIR --model DIR/model.safetensors --part test
//   node bench/tasks/sound/score.mjs --task dates --data DIR --model DIR/model.safetensors   (a model of strings)
import { SequenceClassifier, SpeechRecognizer, readModelInfo } from "hiddenstate/models";
import { scoreRecipe } from "../recipe-run.mjs";
import { RECIPES } from "./recipes.mjs";

const load = (bytes) =>
  (readModelInfo(bytes).kind === "speech-recognizer" ? SpeechRecognizer : SequenceClassifier).load(
    bytes,
  );

await scoreRecipe(RECIPES, load);
