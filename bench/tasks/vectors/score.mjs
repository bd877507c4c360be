// The scores of word vectors: Spearman's rank correlation with three sets of judged pairs, and analogies among the first 30,000
// words. By itself it scores a file, such as word2vec.c's:
//   node bench/tasks/vectors/score.mjs --data DIR --file vectors.bin
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { readChunks, readText } from "hiddenstate/node";
import { WordVectors } from "hiddenstate/vectors";
import { ANALOGIES, PAIRS } from "./recipes.mjs";

export async function scoresOf(vectors, data) {
  const scores = {};
  for (const [name, file] of Object.entries(PAIRS)) {
    const { spearman, pairs } = await vectors.evaluatePairs(readText(join(data, file)));
    scores[name] = spearman;
    scores[`${name}Pairs`] = pairs;
  }
  const options = { restrict: 30_000 };
  const answers = await vectors.evaluateAnalogies(readText(join(data, ANALOGIES)), options);
  return { ...scores, analogies: answers.accuracy, questions: answers.total };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { data: { type: "string" }, file: { type: "string" } } });
  const vectors = await WordVectors.read(() => readChunks(values.file));
  console.log(JSON.stringify({ file: values.file, ...(await scoresOf(vectors, values.data)) }));
}
