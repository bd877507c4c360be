// A query against many references, beside how fast the same run reads memory.
//   node bench/tasks/vectors/match.mjs
import { init, manualSeed, randn, saveSafetensors, scope, sum, tensor } from "hiddenstate";
import { SiameseNetwork, text } from "hiddenstate/models";

const [COUNT, SIZE, ROUNDS] = [100_000, 128, 40];
const BYTES = 4 * COUNT * SIZE;

await init({ build: "plain" });
manualSeed(1);
const model = SiameseNetwork.build([{ a: "a query", b: "another" }], {
  input: text({ minCount: 1, embeddingSize: 16 }),
  ...{ encoder: "mean", outputSize: SIZE },
});

const vectors = scope(() => randn([COUNT, SIZE]).data());
for (let row = 0; row < COUNT; row++) {
  const own = vectors.subarray(row * SIZE, (row + 1) * SIZE);
  const length = Math.sqrt(own.reduce((all, value) => all + value * value, 0));
  own.forEach((value, i) => (own[i] = value / length));
}
const labels = Array.from({ length: COUNT }, (_, i) => String(i));
const references = model.references({
  bytes: scope(() =>
    saveSafetensors(
      { vectors: tensor(vectors, { shape: [COUNT, SIZE] }) },
      { metadata: { "hiddenstate.labels": JSON.stringify(labels) } },
    ),
  ),
});
const read = tensor(vectors);
const [left, right] = [Buffer.from(vectors.buffer), Buffer.from(vectors.slice().buffer)];
const queries = Array.from({ length: 512 }, () => "a query");

/** What is done, the bytes that it reads, and the least seconds so far. */
const works = {
  "sum, in a kernel": { run: () => scope(() => sum(read).item()), bytes: BYTES },
  "compare, native": { run: () => Buffer.compare(left, right), bytes: 2 * BYTES },
  match: { run: () => references.match("a query", { count: 10 }), bytes: BYTES },
};
const least = Object.fromEntries(Object.keys(works).map((name) => [name, Infinity]));
// In turns: other work on the machine meets all of them.
for (let round = 0; round < ROUNDS; round++)
  for (const [name, { run }] of Object.entries(works)) {
    const before = process.hrtime.bigint();
    run();
    least[name] = Math.min(least[name], Number(process.hrtime.bigint() - before) / 1e9);
  }
const speeds = Object.entries(works).map(([name, { bytes }]) => [name, bytes / least[name] / 1e9]);
for (const [name, speed] of speeds)
  console.log(`${name}: ${(1000 * least[name]).toFixed(2)} ms, ${speed.toFixed(1)} GB/s`);
const [sums, compares, matches] = speeds.map(([, speed]) => speed);
const share = matches / Math.max(sums, compares);
console.log(`${COUNT} references of ${SIZE}: ${(100 * share).toFixed(0)} % of the read bandwidth`);

const before = process.cpuUsage();
references.matchBatch(queries, { count: 10 });
const { user, system } = process.cpuUsage(before);
const each = (user + system) / 1000 / queries.length;
console.log(`${queries.length} queries together: ${each.toFixed(2)} ms of processor time each`);
