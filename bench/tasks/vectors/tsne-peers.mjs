// t-SNE of MNIST's first digits beside other libraries for JavaScript: preparation and iterations, in processor time.
//   npm install --prefix DIR tsne-js @saehrimnir/druidjs
//   node bench/tasks/vectors/tsne-peers.mjs --vectors digits.f32 --peers DIR [--points 2000] [--iterations 60]
// digits.f32 is what tsne.mjs writes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { init } from "hiddenstate";
import { TSNE } from "hiddenstate/vectors";

const DIMENSION = 50;
const PERPLEXITY = 30;

const { values } = parseArgs({
  options: {
    vectors: { type: "string" },
    peers: { type: "string" },
    points: { type: "string", default: "2000" },
    iterations: { type: "string", default: "60" },
  },
});
const [points, iterations] = [Number(values.points), Number(values.iterations)];
const floats = new Float32Array(Uint8Array.from(readFileSync(values.vectors)).buffer);
const rows = Array.from({ length: points }, (_, i) =>
  Array.from(floats.subarray(i * DIMENSION, (i + 1) * DIMENSION)),
);
const require = createRequire(pathToFileURL(join(values.peers, "index.js")));
const milliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

await init({ build: "plain" });
const contestants = {
  async hiddenstate() {
    const map = await TSNE.build(rows, { perplexity: PERPLEXITY });
    return () => map.step();
  },
  async "hiddenstate, exact"() {
    const map = await TSNE.build(rows, { perplexity: PERPLEXITY, theta: 0 });
    return () => map.step();
  },
  async "@saehrimnir/druidjs"() {
    const { TSNE: Druid } = await import(pathToFileURL(require.resolve("@saehrimnir/druidjs")));
    const map = new Druid(rows, { perplexity: PERPLEXITY }).generator(iterations);
    map.next();
    return () => void map.next();
  },
  async "tsne-js"() {
    const { default: Model } = await import(pathToFileURL(require.resolve("tsne-js")));
    const Class = Model.default ?? Model;
    // It prints each of its iterations, and has no single one: its own are run by two lengths of a run.
    const run = (nIter) => {
      const model = new Class({ dim: 2, perplexity: PERPLEXITY, nIter });
      model.init({ data: rows, type: "dense" });
      model.run();
    };
    run(1);
    return (count) => run(count);
  },
};

for (const [name, prepare] of Object.entries(contestants)) {
  const { log } = console;
  console.log = () => {};
  let before = milliseconds();
  const step = await prepare();
  const prepared = milliseconds() - before;
  before = milliseconds();
  let an;
  if (step.length === 1) {
    step(iterations);
    an = (milliseconds() - before - prepared) / (iterations - 1);
  } else {
    for (let i = 0; i < iterations; i++) step();
    an = (milliseconds() - before) / iterations;
  }
  console.log = log;
  const all = (prepared + 750 * an) / 1000;
  console.log(
    `${name}: ready after ${prepared.toFixed(0)} ms, an iteration ${an.toFixed(2)} ms; 750 of them ${all.toFixed(1)} s`,
  );
}
