// Accuracy of a trained classifier on a part of its data set, beside what takes no network: the most frequent
// label, and for texts naive Bayes over words and pairs of words.
//   node bench/tasks/classification/score.mjs --task trec --data DIR --model DIR/model.safetensors --part test
import { readFileSync } from "node:fs";
import { Option, program } from "commander";
import { accuracy, majorityClass, NaiveBayes } from "hiddenstate/metrics";
import { SequenceClassifier } from "hiddenstate/models";
import { wordNgrams } from "hiddenstate/text";
import { RECIPES } from "./recipes.mjs";

const { task, data, model, part } = program
  .addOption(
    new Option("--task <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds the data sets, a folder each")
  .option("--model <file>", "what train.mjs saved; without it, the baselines alone")
  .addOption(new Option("--part <name>").choices(["valid", "test"]).default("valid"))
  .parse()
  .opts();

const parts = RECIPES[task].read(data);
const { train, [part]: scored } = parts;
const labels = scored.map(({ label }) => label);
const percent = (share) => `${(100 * share).toFixed(2)} %`;

const most = majorityClass(train.map(({ label }) => label));
console.log(
  `most frequent label: ${percent(
    accuracy(
      labels.map(() => most),
      labels,
    ),
  )}`,
);
if (typeof train[0].input === "string") {
  const features = (text) => wordNgrams(text.toLowerCase().split(" "), 2);
  const bayes = new NaiveBayes(
    train.map(({ input, label }) => ({ features: features(input), label })),
  );
  const said = scored.map(({ input }) => bayes.predict(features(input)));
  console.log(`naive Bayes: ${percent(accuracy(said, labels))}`);
}
if (model) {
  const classifier = SequenceClassifier.load(readFileSync(model));
  const scores = classifier.evaluate(scored);
  console.log(`${part}: accuracy ${percent(scores.accuracy)}, macro F1 ${percent(scores.macroF1)}`);
  console.log(`loss ${scores.loss.toFixed(4)}\n${scores.confusion}`);
}
