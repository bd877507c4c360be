import { bracketReport, bracketScores } from "hiddenstate/metrics";
import { delinearizeTree } from "hiddenstate/text";

/** Prints how good a model is on a part of the data, and its first answers. */
export async function report(name, model, pairs) {
  if (!model) return;
  const { scores, details } = await model.evaluate(pairs, { beams: 5 });
  console.log(name, JSON.stringify({ ...scores, ...details }));
  if (pairs[0].tree) parses(model, pairs);
  const some = pairs.slice(0, 5);
  const found = model.predictBatch(some.map(({ source }) => source));
  some.forEach(({ source, target }, i) =>
    console.log(`${source}\n  = ${target}\n  > ${found[i].text}`),
  );
}

/** The longest sentences of each class of lengths. */
const LENGTHS = [10, 20, 30, 40, Infinity];

/** Brackets as EVALB counts them, of all sentences and by their lengths; and how many answers were no trees. */
function parses(model, pairs) {
  const answers = model.predictBatch(pairs.map(({ source }) => source));
  const parsed = answers.map(({ text }, i) =>
    delinearizeTree(text.split(" "), pairs[i].source.split(" "), pairs[i].tags),
  );
  const repaired = parsed.filter(({ repairs }) =>
    Object.values(repairs).some((count) => count > 0),
  );
  console.log(`no trees before they were repaired: ${repaired.length} of ${pairs.length}`);
  const trees = parsed.map(({ tree }) => tree);
  const gold = pairs.map(({ tree }) => tree);
  console.log(bracketReport(bracketScores(trees, gold)));
  let least = 0;
  for (const most of LENGTHS) {
    const places = [...pairs.keys()].filter((i) => {
      const { length } = pairs[i].tags;
      return length > least && length <= most;
    });
    const { f1 } = bracketScores(
      places.map((i) => trees[i]),
      places.map((i) => gold[i]),
    );
    console.log(`${least + 1} to ${most} words, ${places.length} sentences: F1 ${f1.toFixed(4)}`);
    least = most;
  }
}
