// How good a captioner is on scenes and strips, said in what they are made of.
import { scoresText } from "../recipe-run.mjs";
import { CELL, KINDS, readScene, SCENE } from "./data.mjs";

const percent = (right, of) => `${((100 * right) / of).toFixed(2)} %`;

/** What the model writes, in pieces that fit into memory. */
function* written(model, examples, options) {
  for (let from = 0; from < examples.length; from += 256) {
    const some = examples.slice(from, from + 256);
    const found = model.predictBatch(
      some.map(({ image }) => image),
      options,
    );
    yield* found.map((prediction, i) => [prediction, some[i]]);
  }
}

export async function reportStrips(part, model, examples) {
  if (!model) return;
  const { scores } = await model.evaluate(examples, { beams: 3 });
  console.log(`${part}: ${examples.length} strips, beams 3: ${scoresText(scores)}`);
  console.log(`  exact ${percent(scores.exactMatch, 1)}`);
}

/** Nouns at their places; places and numbers; and whether the model looks at the picture that a noun is of. */
export async function reportScenes(part, model, examples) {
  if (!model) return;
  const { scores } = await model.evaluate(examples, { beams: 3 });
  console.log(`${part}: ${examples.length} scenes, beams 3: ${scoresText(scores)}`);
  const count = { nouns: 0, named: 0, places: 0, both: 0, numbers: 0, looked: 0, words: 0 };
  for (const [{ text, attention }, { things }] of written(model, examples, {
    beams: 3,
    attention: true,
  })) {
    const said = readScene(text);
    count.numbers += Number(said.number === things.length);
    for (const { place, kind } of things) {
      count.nouns++;
      count.named += Number(said.kinds.get(place) === kind);
    }
    const real = new Set(things.map(({ place }) => place));
    const all = new Set([...real, ...said.kinds.keys()]);
    count.places += all.size;
    count.both += [...all].filter((place) => real.has(place) && said.kinds.has(place)).length;
    for (const [word, kinds] of nounsIn(attention.tokens)) {
      const meant = [...said.kinds].filter(([, kind]) => kinds === kind).map(([place]) => place);
      count.words++;
      count.looked += Number(meant.includes(lookedAt(attention, word)));
    }
  }
  console.log(
    `  exact ${percent(scores.exactMatch, 1)}; nouns ${percent(count.named, count.nouns)}`,
  );
  console.log(
    `  places ${percent(count.both, count.places)}; numbers ${percent(count.numbers, examples.length)}`,
  );
  console.log(
    `  attention on a picture that the noun is of: ${percent(count.looked, count.words)}`,
  );
}

/** Where nouns stand among the tokens, and their kinds. */
function nounsIn(tokens) {
  return [...tokens.entries()].flatMap(([i, token]) => {
    const kind = KINDS.find((one) => token === one || token === `${one}s` || token === `${one}es`);
    return kind ? [[i, kind]] : [];
  });
}

/** The place of a scene that has most of what a token looked at. */
function lookedAt({ rows, columns, weights }, token) {
  const sums = [0, 0, 0, 0];
  const half = SCENE / CELL;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const place = half * Math.floor((half * row) / rows) + Math.floor((half * column) / columns);
      sums[place] += weights[token * rows * columns + row * columns + column];
    }
  return sums.indexOf(Math.max(...sums));
}
