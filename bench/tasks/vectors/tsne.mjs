// Maps of MNIST's digits (the test images, less their mean along 50 principal components) by t-SNE, beside scikit-learn's. Each
// program is a process of its own; a line of JSON for each run.
//   node bench/tasks/vectors/tsne.mjs --data DIR --write digits.f32
//   node bench/tasks/vectors/tsne.mjs --vectors digits.f32 --out ours.f32
//   OPENBLAS_NUM_THREADS=1 /usr/bin/python3 bench/tasks/vectors/tsne.py digits.f32 theirs.f32
//   node bench/tasks/vectors/tsne.mjs --vectors digits.f32 --score theirs.f32
// What is scored: KL of the layout with exact forces, and how many of a digit's 10 nearest neighbours are among its 10 nearest in
// the plane, both by this program for both.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";
import { init } from "hiddenstate";
import { pca, TSNE, tsne } from "hiddenstate/vectors";

const PIXELS = 784;
const DIMENSION = 50;
/** As scikit-learn's 750 iterations and its learning rate in both phases, which it counts for the whole gradient. */
const EXAGGERATION = 12;

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    write: { type: "string" },
    vectors: { type: "string" },
    points: { type: "string", default: "10000" },
    rate: { type: "string", default: "peer" },
    out: { type: "string" },
    score: { type: "string" },
    build: { type: "string", default: "plain" },
  },
});
await init({ build: values.build });

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const floats = (path) => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);

if (values.write) {
  const file = join(values.data, "mnist", "t10k-images-idx3-ubyte.gz");
  const images = gunzipSync(readFileSync(file)).subarray(16);
  const pixels = Float32Array.from(
    images.subarray(0, Number(values.points) * PIXELS),
    (value) => value / 255,
  );
  const before = seconds();
  const { transformed } = await pca(
    { values: pixels, dimension: PIXELS },
    { components: DIMENSION },
  );
  writeFileSync(values.write, bytesOf(Float32Array.from(transformed.values)));
  console.log(JSON.stringify({ pca: seconds() - before }));
} else {
  const points = { values: floats(values.vectors), dimension: DIMENSION };
  const count = points.values.length / DIMENSION;
  if (values.score) await score("theirs", floats(values.score), undefined);
  else {
    const learningRate = values.rate === "peer" ? count / EXAGGERATION : undefined;
    const before = seconds();
    const { layout } = await tsne(points, { learningRate });
    const took = seconds() - before;
    if (values.out) writeFileSync(values.out, bytesOf(layout));
    await score("ours", layout, took);
  }

  async function score(name, layout, took) {
    const initialization = { values: layout, dimension: 2 };
    const map = await TSNE.build(points, { initialization, theta: 0 });
    const klDivergence = map.klDivergence();
    map.dispose();
    const kept = neighboursKept(points, initialization, count);
    console.log(JSON.stringify({ name, points: count, seconds: took, klDivergence, kept }));
  }
}

/** Of 1,000 points spread over all. */
function neighboursKept(points, plane, count) {
  const every = Math.max(1, Math.floor(count / 1000));
  let [kept, asked] = [0, 0];
  for (let i = 0; i < count; i += every) {
    const near = nearest(points, i, count);
    kept += nearest(plane, i, count).filter((j) => near.includes(j)).length;
    asked += near.length;
  }
  return kept / asked;
}

function nearest({ values, dimension }, i, count) {
  const distances = new Float64Array(count);
  for (let j = 0; j < count; j++)
    for (let d = 0; d < dimension; d++)
      distances[j] += (values[i * dimension + d] - values[j * dimension + d]) ** 2;
  distances[i] = Infinity;
  return Array.from(distances.keys())
    .sort((a, b) => distances[a] - distances[b])
    .slice(0, 10);
}
