// Random kills: a sweep and a scoring run side by side, and now and then one of their processes is ended by SIGKILL (a worker, a scheduler,
// Redis) and started again. In the end there must be the table, the model and the answers of a run that nobody disturbed, byte by
// byte, and no process may be left.
//   node chaos.mjs --kills 100 --per-run 2
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { generator, reviews } from "./lib/made.mjs";
import { freePort } from "./lib/redis.mjs";

const FLEET = fileURLToPath(new URL("./fleet.mjs", import.meta.url));

const SWEEP = `task: classifier
data: { train: reviews.tsv }
options: { embedding-size: 8, batch-size: 16, encoder: mean }
search:
  learning-rate: { from: 0.003, to: 0.1, scale: log }
  seed: [1, 2]
trials: 4
eta: 2
rungs: [20, 60]
`;
const OUTPUTS = ["table.json", "best.safetensors", "answers.jsonl", "answers.jsonl.refused"];
/** In all of a run's processes, so that those that are left can be found. */
const MARK = "FLEET_CHAOS_RUN";

const program = new Command("chaos")
  .option("--kills <n>", "in all", Number, 100)
  .option("--per-run <n>", "in a run, at the most", Number, 2)
  .option("--seed <n>", "of the times and the victims", Number, 1);
const { kills, perRun, seed } = program.parse().opts();

const root = await mkdtemp(join(tmpdir(), "fleet-chaos-"));
const below = generator(seed);
try {
  process.exitCode = await main();
} finally {
  await rm(root, { recursive: true, force: true });
}

async function main() {
  await writeFile(join(root, "reviews.tsv"), reviews({ count: 300, labelled: true, seed: 1 }));
  await writeFile(join(root, "sweep.yaml"), SWEEP);
  const lines = reviews({ count: 3000, seed: 2 }).split("\n");
  // Some lines are refused, and must be named.
  const records = lines.map((text, i) => (i % 400 === 7 ? text : JSON.stringify(text)));
  await writeFile(join(root, "lines.jsonl"), records.join("\n"));
  // What is scored is the sweep's model: it is made once.
  const first = await run({ times: [], model: undefined });
  await copyFile(join(first.folder, "out/best.safetensors"), join(root, "model.safetensors"));
  const whole = await run({ times: [] });
  console.log(`Undisturbed: ${whole.seconds.toFixed(1)} s, ${whole.print}`);

  let done = 0;
  let same = 0;
  const victims = {};
  for (let number = 1; done < kills; number++) {
    const times = Array.from(
      { length: Math.min(perRun, kills - done) },
      () => 0.2 + (below(1000) / 1000) * whole.seconds,
    ).sort((one, other) => one - other);
    const result = await run({ times });
    const good = result.print === whole.print && result.left.length === 0;
    done += result.killed.length;
    if (good) same += result.killed.length;
    for (const name of result.killed) victims[name] = (victims[name] ?? 0) + 1;
    console.log(
      `run ${number}: ${result.killed.join(", ") || "nothing"} killed, ${result.seconds.toFixed(1)} s: ` +
        `${good ? "the same" : `OTHERS: ${result.print}, left: ${result.left.join(" ")}`} (${same} of ${done})`,
    );
    if (!good) console.log(result.said);
    else await rm(result.folder, { recursive: true });
  }
  const list = Object.entries(victims).map(([name, count]) => `${name} ${count}`);
  console.log(
    `${same} of ${done} kills ended in the same table and the same bytes (${list.join(", ")}).`,
  );
  return same === done ? 0 : 1;
}

/** One sweep and one scoring, with kills at such seconds behind the start. */
async function run({ times, model = "model.safetensors" }) {
  const folder = await mkdtemp(join(root, "run-"));
  const store = join(folder, "store");
  await mkdir(store);
  await mkdir(join(folder, "out"));
  const scores = times.length > 0 || (await readdir(root)).includes(model);
  const inputs = ["reviews.tsv", "lines.jsonl", ...(scores ? [model] : [])];
  for (const file of inputs) await copyFile(join(root, file), join(store, file));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const shared = ["--redis", url, "--store", store];
  let said = "";

  const start = (command, args) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, [MARK]: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-20_000)));
    return { child, gone: once(child, "exit") };
  };
  const fleet = (...args) => start(process.execPath, [FLEET, ...args]);
  const programs = {
    redis: () =>
      start("redis-server", [
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"],
      ]),
    "worker 1": () => fleet("worker", ...shared, "--lock", "2"),
    "worker 2": () => fleet("worker", ...shared, "--lock", "2"),
    sweep: () => fleet("sweep", join(root, "sweep.yaml"), ...shared, "--out", "out"),
    ...(scores && {
      score: () =>
        fleet(
          ...["score", ...shared, "--model", model, "--data", "lines.jsonl", "--format", "jsonl"],
          ...["--chunk", "8k", "--out", "out/answers.jsonl"],
        ),
    }),
  };
  const schedulers = Object.keys(programs).filter((name) => /sweep|score/.test(name));
  const running = Object.fromEntries(
    Object.entries(programs).map(([name, begin]) => [name, begin()]),
  );
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;

  const killed = [];
  const going = () => schedulers.filter((name) => running[name].child.exitCode === null);
  for (const time of times) {
    await setTimeout(Math.max(0, (time - seconds()) * 1000));
    if (going().length === 0) break;
    const names = Object.keys(running).filter(
      (name) => !schedulers.includes(name) || going().includes(name),
    );
    const name = names[below(names.length)];
    running[name].child.kill("SIGKILL");
    await running[name].gone;
    killed.push(name);
    await setTimeout(below(300));
    running[name] = programs[name]();
  }
  const codes = await Promise.all(schedulers.map(async (name) => (await running[name].gone)[0]));
  const took = seconds();
  for (const name of ["worker 1", "worker 2"]) running[name].child.kill("SIGTERM");
  await Promise.all(["worker 1", "worker 2"].map((name) => running[name].gone));
  running.redis.child.kill("SIGTERM");
  await running.redis.gone;
  const prints = await Promise.all(OUTPUTS.map((file) => printOf(join(folder, "out", file))));
  const print = codes.every((code) => code === 0)
    ? prints.join(" ")
    : `exit codes ${codes.join(", ")}`;
  return { folder, killed, seconds: took, print, left: await leftOf(folder), said };
}

async function printOf(file) {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes ? createHash("sha256").update(bytes).digest("hex").slice(0, 8) : "none";
}

/** The processes of a run that are still there after a second. Linux lists them; elsewhere nothing is found. */
async function leftOf(folder) {
  const find = async () => {
    const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
    const environments = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")),
    );
    return pids.filter((_, i) => environments[i].includes(`${MARK}=${folder}`));
  };
  for (let tries = 0; tries < 10; tries++) {
    const left = await find();
    if (left.length === 0) return [];
    await setTimeout(200);
  }
  return find();
}
