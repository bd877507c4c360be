// What the queue costs: the same file scored by a PredictionPool of this process and by the fleet, in turns; and how many jobs a second
// one Redis carries.
//   node bench.mjs --rounds 5 --chunk 128k
import { spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { copyFile, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Queue, Worker } from "bullmq";
import { Command } from "commander";
import { PredictionPool } from "hiddenstate/parallel";
import { connectionOf, startRedis } from "./lib/redis.mjs";
import { withFleet } from "./lib/local.mjs";
import { reviews } from "./lib/made.mjs";
import { loadModel } from "./lib/model.mjs";
import { score } from "./lib/score.mjs";

const MARK = "FLEET_BENCH_RUN";

const program = new Command("bench")
  .option("--rounds <n>", "of each", Number, 5)
  .option("--chunk <bytes>", "of a part", Number, 1 << 17)
  .option("--lines <n>", "in the file", Number, 30_000)
  .option("--workers <n>", "of each", Number, 2)
  .option("--jobs <n>", "without work, to count jobs a second", Number, 20_000);
const { rounds, chunk, lines, workers, jobs } = program.parse().opts();

const folder = await mkdtemp(join(tmpdir(), "fleet-bench-"));
process.chdir(folder);
process.env[MARK] = folder;
try {
  await writeFile("reviews.tsv", reviews({ count: 600, labelled: true, seed: 1 }));
  await writeFile("lines.txt", reviews({ count: lines, seed: 2 }));
  train();
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${workers} workers`);
  await carried();
  await compared();
} finally {
  process.chdir(tmpdir());
  await rm(folder, { recursive: true });
}

/** A model of a size at which a part takes about a second. */
function train() {
  const manifest = createRequire(import.meta.url).resolve("hiddenstate/package.json");
  const command = join(dirname(manifest), createRequire(import.meta.url)(manifest).bin.hiddenstate);
  const args = ["--task", "classifier", "--train", "reviews.tsv", "--encoder", "recurrent"];
  const size = [
    "--hidden-size",
    "192",
    "--embedding-size",
    "96",
    "--steps",
    "2",
    "--evaluate-every",
    "2",
  ];
  const { status, stderr } = spawnSync(
    process.execPath,
    [command, "train", ...args, ...size, "--out", "model.safetensors"],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
}

/** Jobs that do nothing, added and done: what Redis and BullMQ take for each. */
async function carried() {
  for (const appendfsync of ["everysec", "always"]) {
    const redis = await startRedis({ dir: join(folder, appendfsync), appendfsync });
    const connection = connectionOf(redis.url);
    const queue = new Queue("empty", { connection });
    const began = performance.now();
    const list = Array.from({ length: jobs }, (_, part) => ({
      name: "chunk",
      data: { part },
      opts: { jobId: `empty-${part}`, removeOnComplete: true },
    }));
    for (let i = 0; i < jobs; i += 500) await queue.addBulk(list.slice(i, i + 500));
    const added = performance.now();
    const worker = new Worker("empty", async () => {}, { connection, concurrency: 50 });
    await new Promise((resolve) => {
      let done = 0;
      worker.on("completed", () => {
        if (++done === jobs) resolve();
      });
    });
    const ended = performance.now();
    const rate = (from, to) => Math.round((1000 * jobs) / (to - from));
    console.log(
      `appendfsync ${appendfsync}: ${rate(began, added)} jobs added a second, ${rate(added, ended)} done a second`,
    );
    await worker.close();
    await queue.close();
    await redis.close();
  }
}

async function compared() {
  const model = loadModel(await readFile("model.safetensors"));
  const pool = new PredictionPool(model, { workers });
  const say = () => {};
  const options = { store: ".", workers, lock: 30, window: 200, say };
  await withFleet(options, async ({ store, delivery }) => {
    const fleet = async (round) => {
      // A file of its own: the same one has been scored.
      const data = `lines-${round}.txt`;
      await copyFile("lines.txt", data);
      const out = `fleet-${round}.jsonl`;
      return timed(() =>
        score({
          model: "model.safetensors",
          data,
          out,
          bytes: chunk,
          format: "text",
          store,
          delivery,
          say,
        }),
      );
    };
    const alone = (round) => timed(() => pooled(pool, `pool-${round}.jsonl`));
    // Both start their workers, and load the model.
    await alone("first");
    await fleet("first");
    const same = (await readFile("pool-first.jsonl")).equals(await readFile("fleet-first.jsonl"));
    const ratios = { seconds: [], cpu: [] };
    for (let round = 0; round < rounds; round++) {
      const [one, other] = [await alone(round), await fleet(round)];
      for (const what of ["seconds", "cpu"]) ratios[what].push(other[what] / one[what]);
      console.log(`round ${round + 1}: pool ${text(one)}; fleet ${text(other)}`);
    }
    console.log(`The same answers: ${same}`);
    console.log(
      `Fleet beside pool, median of ${rounds}: time ${percent(ratios.seconds)}, processor time ${percent(ratios.cpu)}`,
    );
  });
  await pool.close();
}

/** The same work without a queue. */
async function pooled(pool, out) {
  const answers = createWriteStream(out);
  // Opened when it is read: lines that come before somebody listens are lost.
  const lines = async function* () {
    yield* (await open("lines.txt")).readLines();
  };
  for await (const answer of pool.predictions(lines()))
    if (!answers.write(`${JSON.stringify(answer)}\n`)) await once(answers, "drain");
  answers.end();
  await once(answers, "finish");
}

async function timed(run) {
  const cpu = await cpuSeconds();
  const began = performance.now();
  await run();
  return { seconds: (performance.now() - began) / 1000, cpu: (await cpuSeconds()) - cpu };
}

/** Of this process and all that it has started, in seconds, as Linux counts them. */
async function cpuSeconds() {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  let ticks = 0;
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (pid !== String(process.pid) && !environment.includes(`${MARK}=${folder}`)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / 100;
}

function text({ seconds, cpu }) {
  return `${seconds.toFixed(1)} s (${cpu.toFixed(1)} s of processors)`;
}

function percent(ratios) {
  const middle = [...ratios].sort((one, other) => one - other)[Math.floor(ratios.length / 2)];
  return `${middle >= 1 ? "+" : ""}${(100 * (middle - 1)).toFixed(1)} %`;
}
