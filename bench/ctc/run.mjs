// CTC's loss and gradient beside PyTorch's, one thread each: node bench/ctc/run.mjs --help
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "commander";
import { relaxed } from "../contestants.mjs";
import { fastestCore, python } from "../peers/openblas.mjs";

const whole = (text) => Number.parseInt(text, 10);
const options = program
  .name("run")
  .description(
    "Milliseconds of processor time for ctcLoss and its gradient with respect to the logits, the fastest of many calls; " +
      "PyTorch's log_softmax and ctc_loss do the same.",
  )
  .option("--batch <number>", "sequences", whole, 16)
  .option("--time <number>", "steps of each", whole, 500)
  .option("--classes <number>", "classes, the blank included", whole, 30)
  .option("--length <number>", "labels of each target", whole, 60)
  .option(
    "-r, --rounds <number>",
    "how often each contestant runs, in turns; the fastest call counts",
    whole,
    5,
  )
  .parse()
  .opts();

const scratch = mkdtempSync(join(tmpdir(), "hiddenstate-ctc-"));
const workload = join(scratch, "workload.json");

/** Logits as noise round 0 gives them, and targets of any labels. */
function writeWorkload({ batch, time, classes, length }) {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const logits = Float32Array.from(
    { length: batch * time * classes },
    () => 2 * (uniform() + uniform() + uniform() + uniform() - 2),
  );
  const targets = Int32Array.from({ length: batch * length }, () =>
    Math.floor(1 + uniform() * (classes - 1)),
  );
  const data = join(scratch, "workload.bin");
  writeFileSync(data, Buffer.concat([logits, targets].map(({ buffer }) => Buffer.from(buffer))));
  writeFileSync(workload, JSON.stringify({ batch, time, classes, length, data }));
}

const { env, line } = fastestCore();
const here = fileURLToPath(new URL(".", import.meta.url));
const CONTESTANTS = {
  plain: [process.execPath, "hiddenstate.mjs", workload, "plain"],
  relaxed: [process.execPath, ...relaxed, "hiddenstate.mjs", workload, "relaxed"],
  PyTorch: [python, "pytorch.py", workload],
};

function run(name) {
  const [command, ...args] = CONTESTANTS[name];
  const ran = spawnSync(command, args, {
    cwd: here,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (ran.status !== 0) throw new Error(`${name}: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

try {
  writeWorkload(options);
  const best = { plain: Infinity, relaxed: Infinity, PyTorch: Infinity };
  const losses = [];
  // In turns, so that what disturbs the machine for a while disturbs all of them.
  for (let round = 0; round < options.rounds; round++)
    for (const name of Object.keys(CONTESTANTS)) {
      const { milliseconds, loss, gradient } = run(name);
      best[name] = Math.min(best[name], milliseconds);
      losses.push([loss, gradient]);
    }
  const [[loss, gradient]] = losses;
  if (losses.some(([l, g]) => Math.abs(l / loss - 1) > 1e-5 || Math.abs(g / gradient - 1) > 1e-2))
    throw new Error(`they do not agree: ${JSON.stringify(losses)}`);
  const { batch, time, classes, length } = options;
  console.log(`${cpus()[0].model}, Node ${process.versions.node}, one thread each\n${line}\n`);
  console.log(
    "| T, B, classes, labels | plain | relaxed | PyTorch | plain to PyTorch | relaxed to PyTorch |",
  );
  console.log("| --- | --- | --- | --- | --- | --- |");
  const times = Object.values(best).map((ms) => `${ms.toFixed(2)} ms`);
  const ratios = [best.plain, best.relaxed].map((own) => (best.PyTorch / own).toFixed(1));
  console.log(
    `| ${[[time, batch, classes, length].join(", "), ...times, ...ratios].join(" | ")} |`,
  );
} finally {
  rmSync(scratch, { recursive: true });
}
