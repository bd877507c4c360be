// Word vectors of the first 6.9 MB of text8, scored; a line of JSON for each run.
//   node bench/tasks/vectors/train.mjs --recipe cbow --data DIR --seed 1 [--build auto] [--out cbow-1.bin]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { init, manualSeed } from "hiddenstate";
import { readText, writeBytes } from "hiddenstate/node";
import { Word2Vec } from "hiddenstate/vectors";
import { RECIPES } from "./recipes.mjs";
import { scoresOf } from "./score.mjs";

const { values } = parseArgs({
  options: {
    recipe: { type: "string" },
    data: { type: "string" },
    seed: { type: "string", default: "1" },
    build: { type: "string", default: "plain" },
    out: { type: "string" },
  },
});
const { recipe, data, seed, build, out } = values;
await init({ build });
const corpus = () => readText(join(data, "text8.prefix.gz"));
manualSeed(Number(seed));
const model = await Word2Vec.build(corpus, RECIPES[recipe].model);
// Processor time, as word2vec.c counts it: reading and splitting the text are in it.
const before = process.cpuUsage();
const { words } = await model.fit(corpus, RECIPES[recipe].fit);
const { user, system } = process.cpuUsage(before);
const wordsASecond = Math.round((1e6 * words) / (user + system));
const vectors = model.vectors();
if (out) await writeBytes(out, Buffer.concat([...vectors.write()]));
const scores = await scoresOf(vectors, data);
console.log(JSON.stringify({ recipe, seed: Number(seed), build, ...scores, wordsASecond }));
