import { entityReport, MostFrequentTags } from "hiddenstate/metrics";
import { keyTermScores } from "./key-terms.mjs";

/** Prints how good a tagger is on a part of the data, beside each word's most frequent tag. */
export async function report(name, tagger, sentences, train) {
  const counted = new MostFrequentTags(train);
  const right = sentences.flatMap(({ words, tags }) =>
    counted.predict(words).map((tag, i) => tag === tags[i]),
  );
  const share = right.filter((one) => one).length / right.length;
  console.log(`each word's most frequent tag: accuracy ${share.toFixed(4)}`);
  if (!tagger) return;
  const { scores, details } = await tagger.evaluate(sentences);
  const terms =
    sentences[0].terms &&
    keyTermScores(tagger.predictBatch(sentences.map(({ words }) => words)), sentences);
  console.log(name, JSON.stringify({ ...scores, ...terms }));
  if (details.entities) console.log(entityReport(details.entities));
}
