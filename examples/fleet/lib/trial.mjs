// A part of a trial: `hiddenstate train` from a checkpoint to the step of a rung, in a process of its own. What it saves goes to
// the store as it is saved, so that any worker on any machine goes on with it.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FleetError, HandedBack } from "./errors.mjs";
import { localFile, readBytes, readJson, writeJson } from "./store.mjs";

const PACKAGE = createRequire(import.meta.url).resolve("hiddenstate/package.json");
const { bin } = createRequire(import.meta.url)(PACKAGE);
const COMMAND = join(dirname(PACKAGE), bin.hiddenstate);
const WITH_PARENT = new URL("./with-parent.mjs", import.meta.url).href;

/** How often a training's log is looked at. */
const LOOK = 300;

const MODEL = "model.safetensors";
const CHECKPOINT = `${MODEL}.checkpoint`;
const LOG = "log.jsonl";

/**
 * @param {{ trial: number, folder: string, result: string, steps: number, final: boolean, args: string[], files: string[] }} data
 *   `steps`: the rung's; `final`: it is the end of the training
 * @param {{ store: import("./store.mjs").Store, cache: string, signal: AbortSignal, progress: (value: any) => Promise<void>,
 *   handBack: () => Promise<void> }} context
 */
export async function trial(data, context) {
  const { store, signal } = context;
  const done = await readJson(store, data.result);
  if (done) return outline(done);
  const folder = await mkdtemp(join(tmpdir(), "fleet-trial-"));
  try {
    const ended = await trained(data, context, folder);
    if (ended.code === 130 && signal.aborted) {
      await context.handBack();
      throw new HandedBack("The worker leaves; the training is saved.");
    }
    const result = await resultOf(data, store, folder, ended);
    await writeJson(store, data.result, result);
    return outline(result);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the queue is told. */
const outline = ({ trial, state, score }) => ({ trial, state, score });

/** Trains in a folder, and gives how that ended. Of a training that ended before the rung, nothing is left to be done. */
async function trained(data, { store, cache, signal, progress }, folder) {
  const resumed = await fetched(data, store, cache, folder);
  if (await store.stat(`${data.folder}/${MODEL}`)) return { code: 0, report: {}, error: "" };
  const args = [
    "train",
    ...(resumed ? ["--resume", CHECKPOINT] : data.args),
    ...["--out", MODEL, "--log-file", LOG],
    ...(data.final ? [] : ["--pause-at", String(data.steps)]),
  ];
  const child = fork(COMMAND, args, {
    cwd: folder,
    execArgv: ["--import", WITH_PARENT],
    // A Ctrl-C in a terminal is for the worker; this process is told by it, once.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const leave = () => child.kill("SIGTERM");
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  let out = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out = (out + text).slice(-100_000)));
  child.stderr.setEncoding("utf8").on("data", (text) => (error = (error + text).slice(-10_000)));
  const gone = once(child, "close");
  const saved = keptUp(data, store, folder, progress);
  const looking = setInterval(() => saved.look(), LOOK);
  const [code, killed] = await gone;
  clearInterval(looking);
  signal.removeEventListener("abort", leave);
  await saved.look();
  if (!signal.aborted && (killed || code === 130))
    throw new Error(
      `The training's process was ended from outside (${killed ?? "interrupted"}): out of memory?`,
    );
  const last = out.trimEnd().split("\n").at(-1);
  return { code: killed ? 130 : code, report: code === 0 ? JSON.parse(last) : {}, error };
}

/** Puts what the training needs into its folder: data by their keys, and where it goes on from. */
async function fetched({ files, folder: from }, store, cache, folder) {
  for (const key of files) {
    const path = join(folder, key);
    await mkdir(dirname(path), { recursive: true });
    await symlink(await localFile(store, key, cache), path);
  }
  for (const name of [LOG, CHECKPOINT]) {
    if (!(await store.stat(`${from}/${name}`))) return false;
    await writeFile(join(folder, name), await readBytes(store, `${from}/${name}`));
  }
  return true;
}

/** What brings the log and the checkpoint to the store while a training goes on: the log first, which may say more. */
function keptUp({ trial, folder: to }, store, folder, progress) {
  let version = 0;
  let length = 0;
  let busy = Promise.resolve();
  const look = async () => {
    const { mtimeMs = 0 } = (await stat(join(folder, CHECKPOINT)).catch(() => undefined)) ?? {};
    const changed = mtimeMs > version;
    const checkpoint = changed
      ? await readFile(join(folder, CHECKPOINT)).catch(() => undefined)
      : undefined;
    const log = await readFile(join(folder, LOG)).catch(() => undefined);
    if (log && log.length > length) {
      length = log.length;
      await progress({ trial, curve: curveOf(log.toString("utf8")) });
    }
    if (!checkpoint || !log) return;
    version = mtimeMs;
    await store.put(`${to}/${LOG}`, log);
    await store.put(`${to}/${CHECKPOINT}`, checkpoint);
  };
  return { look: () => (busy = busy.then(look)) };
}

/**
 * What a log says, a point for each evaluation. A step that was done twice, after a crash, is there once.
 *
 * @param {string} log
 * @returns {{ step: number, trainLoss: number, score: number, better: "higher" | "lower", metric: string }[]}
 */
export function curveOf(log) {
  const points = new Map();
  for (const line of log.split("\n")) {
    // The last line may be half written.
    if (!line.endsWith("}")) continue;
    const { step, trainLoss, validation, metric, better } = JSON.parse(line);
    points.set(step, { step, trainLoss, score: validation?.[metric] ?? null, better, metric });
  }
  return [...points.values()].sort((one, other) => one.step - other.step);
}

async function resultOf(data, store, folder, { code, report, error }) {
  const { trial, steps } = data;
  const log = await readFile(join(folder, LOG)).catch(() => Buffer.alloc(0));
  const curve = curveOf(log.toString("utf8")).filter(({ step }) => step <= steps);
  if (code !== 0) {
    const reason = /^\w*Error: .*/m.exec(error)?.[0];
    // A loss that is not finite is how some trials end; anything else is wrong with all of them.
    if (reason?.startsWith("NumericError"))
      return { trial, state: "diverged", step: 0, score: null, curve, reason };
    throw new FleetError({
      op: `trial ${trial}`,
      expected: "hiddenstate train to end well",
      got: `exit code ${code}: ${reason ?? error.slice(-500)}`,
      cure: `The command was: hiddenstate train ${data.args.join(" ")}`,
    });
  }
  const best = bestOf(curve);
  if (!best)
    throw new FleetError({
      op: `trial ${trial}`,
      expected: "scores on validation data, which decide who goes on",
      got: "none",
      cure: "Name a file as valid under data, or leave held-out above 0.",
    });
  if (report.modelFile) {
    // The log first: where the model is, nothing is trained again.
    await store.put(`${data.folder}/${LOG}`, log);
    await store.put(`${data.folder}/${MODEL}`, await readFile(join(folder, MODEL)));
  }
  // Also one whose model came to the store before: at an earlier rung, or in an attempt that was cut off behind that.
  const state = report.checkpoint === undefined ? "finished" : "paused";
  return { trial, state, step: best.step, score: best.score, reached: curve.at(-1).step, curve };
}

/** The best point of a curve: of equal ones the later, whose weights are kept. */
export function bestOf(curve) {
  const scored = curve.filter(({ score }) => score !== null);
  return scored.reduce((best, point) => {
    const sign = point.better === "lower" ? 1 : -1;
    return best === undefined || sign * point.score <= sign * best.score ? point : best;
  }, undefined);
}
