// Kills a training of several workers at random moments, resumes it by another number of workers, and compares the model with that
// of a run that nobody killed. Half of the kills take the whole program, half one of its workers.
//   node bench/parallel/kills.mjs [--kills 100]
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "commander";

const { kills } = program.option("--kills <n>", "how many kills", Number, 100).parse().opts();

const run = fileURLToPath(new URL("killed-run.mjs", import.meta.url));
const below = (limit) => Math.floor(Math.random() * limit);
const WORKERS = [1, 2, 3, 5];
/** Steps of a run. */
const STEPS = 48;

/** Runs until it ends, or is killed after so many milliseconds. */
function start(folder, { workers, end, killAfter }) {
  const args = [run, folder, String(workers), ...(end === undefined ? [] : [String(end)])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  const timer = killAfter && setTimeout(() => child.kill("SIGKILL"), killAfter);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}

const folder = () => mkdtempSync(join(tmpdir(), "hiddenstate-kills-"));
const modelIn = (place) => readFileSync(join(place, "model.safetensors"));

const whole = folder();
const before = performance.now();
await start(whole, { workers: 2 });
const took = performance.now() - before;
const expected = modelIn(whole);

let [done, runs, different] = [0, 0, 0];
const kinds = { program: 0, worker: 0, tooLate: 0 };
while (done < kills) {
  const place = folder();
  while (!existsSync(join(place, "model.safetensors"))) {
    const workers = WORKERS[below(WORKERS.length)];
    if (done >= kills) {
      await start(place, { workers });
      continue;
    }
    const ofWorker = Math.random() < 0.5;
    const { code, signal } = ofWorker
      ? await start(place, { workers: Math.max(2, workers), end: 1 + below(STEPS) })
      : await start(place, { workers, killAfter: took * Math.random() });
    if (code === 1) throw new Error("the run failed");
    if (signal === "SIGKILL") kinds.program++;
    else if (code === 3) kinds.worker++;
    else kinds.tooLate++;
    if (signal === "SIGKILL" || code === 3) done++;
  }
  runs++;
  if (!modelIn(place).equals(expected)) different++;
  rmSync(place, { recursive: true });
}
rmSync(whole, { recursive: true });
console.log(
  `${done} kills (${kinds.program} of the program, ${kinds.worker} of a worker) in ${runs} runs: ` +
    (different === 0 ? "the same bits each time" : `${different} runs ended with other bits`),
);
if (different > 0) process.exitCode = 1;
