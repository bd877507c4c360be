import { accuracy, majorityClass, NaiveBayes } from "hiddenstate/metrics";
import { wordNgrams } from "hiddenstate/text";

const percent = (share) => `${(100 * share).toFixed(2)} %`;

/**
 * Prints how good a classifier is on a part of the data, beside the most frequent label and, for texts, naive Bayes over
 * words and pairs of words.
 */
export async function report(name, classifier, examples, train) {
  const labels = examples.map(({ label }) => label);
  const most = majorityClass(train.map(({ label }) => label));
  const guessed = labels.map(() => most);
  console.log(`most frequent label: ${percent(accuracy(guessed, labels))}`);
  if (typeof train[0].input === "string") {
    const features = (text) => wordNgrams(text.toLowerCase().split(" "), 2);
    const bayes = new NaiveBayes(
      train.map(({ input, label }) => ({ features: features(input), label })),
    );
    const predicted = examples.map(({ input }) => bayes.predict(features(input)));
    console.log(`naive Bayes: ${percent(accuracy(predicted, labels))}`);
  }
  if (!classifier) return;
  const { scores, details } = await classifier.evaluate(examples);
  console.log(`${name}: accuracy ${percent(scores.accuracy)}, macro F1 ${percent(scores.macroF1)}`);
  console.log(`loss ${scores.loss.toFixed(4)}\n${details.confusion}`);
}
