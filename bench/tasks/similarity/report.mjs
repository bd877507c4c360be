import {
  averagePrecision,
  bestThreshold,
  equalErrorRate,
  TfIdf,
  thresholdScores,
} from "hiddenstate/metrics";
import { wordTokenize } from "hiddenstate/text";

const percent = (share) => `${(100 * share).toFixed(2)} %`;

/**
 * Prints how often new labels are told from a few examples of each, the mean of 100 draws, beside the same by the cosine
 * of what the network reads.
 */
export function reportOneShot(name, model, examples, { plain, ...options }) {
  const [what, vectorOf] = plain;
  const { ways, shots } = options;
  // A network that leaves what it reads as it is.
  const vectors = examples.map(({ input, label }) => ({ label, vector: unit(vectorOf(input)) }));
  console.log(`${ways} ways, ${shots} shots, ${examples.length} examples`);
  console.log(`cosine of the ${what}: ${percent(nearest(vectors, options))}`);
  if (!model) return;
  const { accuracy, deviation, draws } = model.evaluateOneShot(examples, options);
  console.log(
    `${name}: accuracy ${percent(accuracy)}, deviation of ${draws} draws ${percent(deviation)}`,
  );
}

function unit(vector) {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(vector, (value) => value / length);
}

/** The mean accuracy of 100 draws by the nearest example. */
function nearest(examples, { ways, shots }) {
  let state = 1;
  const below = (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
  const shuffled = (list) => {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  };
  const labels = [...new Set(examples.map(({ label }) => label))];
  let sum = 0;
  for (let draw = 0; draw < 100; draw++) {
    const drawn = shuffled(labels)
      .slice(0, ways)
      .map((label) => shuffled(examples.filter((one) => one.label === label)));
    const known = drawn.flatMap((own) => own.slice(0, shots));
    const queries = drawn.flatMap((own) => own.slice(shots));
    const right = queries.filter(({ label, vector }) => {
      let [best, most] = [undefined, -Infinity];
      for (const one of known) {
        let cosine = 0;
        for (let i = 0; i < vector.length; i++) cosine += vector[i] * one.vector[i];
        if (cosine > most) [best, most] = [one.label, cosine];
      }
      return best === label;
    });
    sum += right.length / queries.length;
  }
  return sum / 100;
}

/** Prints how well a network tells pairs, beside TF-IDF's cosine, whose threshold is the best of the training pairs. */
export async function reportPairs(name, model, pairs, train) {
  const words = (text) => wordTokenize(text, { lowercase: true });
  const weights = new TfIdf(train.flatMap(({ a, b }) => [words(a), words(b)]));
  const cosines = (some) => some.map(({ a, b }) => weights.similarity(words(a), words(b)));
  const sameOf = (some) => some.map(({ same }) => same);
  const { threshold } = bestThreshold(cosines(train), sameOf(train));
  const own = cosines(pairs);
  const { accuracy, f1 } = thresholdScores(own, sameOf(pairs), threshold);
  console.log(
    `TF-IDF: accuracy ${percent(accuracy)}, F1 ${percent(f1)}, average precision ` +
      `${percent(averagePrecision(own, sameOf(pairs)))}, equal error rate ${percent(equalErrorRate(own, sameOf(pairs)))}`,
  );
  if (!model) return;
  const { scores, details } = await model.evaluate(pairs);
  console.log(
    `${name}: accuracy ${percent(scores.accuracy)}, F1 ${percent(scores.f1)}, average precision ` +
      `${percent(scores.averagePrecision)}, equal error rate ${percent(scores.equalErrorRate)}`,
  );
  console.log(
    `threshold ${details.decisions.threshold.toFixed(3)}; at the best for these pairs, ` +
      `${details.best.accuracy.threshold.toFixed(3)}: ${percent(details.best.accuracy.accuracy)}`,
  );
}
