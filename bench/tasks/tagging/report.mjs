import { entityReport, entityScores } from "hiddenstate/metrics";
import { keyTermScores } from "./key-terms.mjs";

/** Prints how good a tagger is on a part of the data. */
export function report(name, tagger, sentences) {
  const said = tagger.predictBatch(sentences.map(({ words }) => words));
  const terms = sentences[0].terms && keyTermScores(said, sentences);
  console.log(name, JSON.stringify({ ...tagger.evaluate(sentences), ...terms }));
  const tags = (some) => some.map((one) => one.tags);
  console.log(entityReport(entityScores(tags(said), tags(sentences))));
}
