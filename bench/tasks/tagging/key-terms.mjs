// Key terms as they are scored in the literature: distinct terms of an abstract, stemmed by Porter's algorithm, against all
// its uncontrolled terms, also those that the abstract never says; counts summed over the abstracts.
import { wordTokenize } from "hiddenstate/text";
import { stemmer } from "stemmer";

const stemmed = (words) => words.map((word) => stemmer(word.toLowerCase())).join(" ");

export function keyTermScores(said, wanted) {
  let [correct, predicted, target] = [0, 0, 0];
  wanted.forEach(({ terms }, i) => {
    const { words, spans } = said[i];
    const found = new Set(spans.map(({ start, end }) => stemmed(words.slice(start, end))));
    const given = new Set(terms.map((term) => stemmed(wordTokenize(term, { rules: 1 }))));
    predicted += found.size;
    target += given.size;
    for (const term of found) if (given.has(term)) correct++;
  });
  const precision = predicted === 0 ? 0 : correct / predicted;
  const recall = correct / target;
  return {
    keyTermPrecision: precision,
    keyTermRecall: recall,
    keyTermF1: (2 * correct) / (predicted + target),
  };
}
