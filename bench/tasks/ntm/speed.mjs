// A training step of the copy task beside the same machine in plain PyTorch (peer.py), one thread each: milliseconds of
// processor time, the fewest of all steps.
//   node bench/tasks/ntm/speed.mjs
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { Option, program } from "commander";
import {
  backend,
  binaryCrossEntropyWithLogits,
  initSync,
  manualSeed,
  rand,
  scope,
  tensor,
} from "hiddenstate";
import { clipGradValue } from "hiddenstate/optim";
import { NTM } from "hiddenstate/nn";
import { relaxed } from "../../contestants.mjs";
import { cpuSeconds } from "../../measure.mjs";
import { fastestCore, python } from "../../peers/openblas.mjs";
import { optimizerOf } from "./networks.mjs";

const options = program
  .option("-r, --rounds <n>", "how often each runs, in turns", Number, 3)
  .option("--steps <n>", "training steps of a run", Number, 60)
  .option("--length <n>", "of one size only: rows to copy", Number)
  .option("--batch <n>", "of one size only: sequences in a step", Number, 1)
  .addOption(
    new Option("--build <kernels>", "run this program alone").choices(["plain", "relaxed"]),
  )
  .parse()
  .opts();

const SIZES = [
  { length: 10, batch: 1 },
  { length: 20, batch: 1 },
  { length: 10, batch: 16 },
];

if (options.build) console.log(JSON.stringify(own()));
else compare();

/** The fewest milliseconds of a training step here. */
function own() {
  const { length, batch, build, steps } = options;
  initSync({ build });
  manualSeed(1);
  const model = new NTM(9, 8);
  const optimizer = optimizerOf(model, 1e-4);
  const time = 2 * length + 1;
  let best = Infinity;
  for (let step = 0; step < steps; step++)
    scope(() => {
      const bits = rand([batch, length, 8])
        .data()
        .map((u) => +(u < 0.5));
      const x = new Float32Array(batch * time * 9);
      for (let b = 0; b < batch; b++) {
        x[(b * time + length) * 9 + 8] = 1;
        for (let i = 0; i < length * 8; i++)
          x[(b * time + (i >> 3)) * 9 + (i & 7)] = bits[b * length * 8 + i];
      }
      const input = tensor(x, { shape: [batch, time, 9] });
      const target = tensor(bits, { shape: [batch, length, 8] });
      const began = cpuSeconds();
      const answer = model.forward(input).output.slice(1, -length);
      const loss = binaryCrossEntropyWithLogits(answer, target);
      optimizer.zeroGrad();
      loss.backward();
      clipGradValue(model.parameters(), 10);
      optimizer.step();
      best = Math.min(best, cpuSeconds() - began);
    });
  return { ...backend(), length, batch, milliseconds: 1000 * best };
}

function compare() {
  const { env, line } = fastestCore();
  const run = (contestant, { length, batch }) => {
    const sizes = ["--length", length, "--batch", batch, "--steps", options.steps].map(String);
    const here = ["speed.mjs", ...sizes, "--build", contestant];
    const [command, ...args] =
      contestant === "pytorch"
        ? [python, "peer.py", ...sizes]
        : [process.execPath, ...(contestant === "relaxed" ? relaxed : []), ...here];
    const { stdout, stderr, status } = spawnSync(command, args, {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    if (status !== 0) throw new Error(`${contestant}: ${stderr}`);
    return JSON.parse(stdout.split("\n").findLast((text) => text.startsWith("{"))).milliseconds;
  };
  console.log(`${cpus()[0].model}, Node ${process.versions.node}, one thread each`);
  console.log(`${line}\n`);
  console.log("| copy | plain | relaxed | PyTorch | PyTorch to plain | PyTorch to relaxed |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  const sizes = options.length ? [{ length: options.length, batch: options.batch }] : SIZES;
  for (const size of sizes) {
    const best = { plain: Infinity, relaxed: Infinity, pytorch: Infinity };
    // In turns, so that what disturbs the machine for a while disturbs all of them.
    for (let round = 0; round < options.rounds; round++)
      for (const contestant of Object.keys(best))
        best[contestant] = Math.min(best[contestant], run(contestant, size));
    const { plain, relaxed: fused, pytorch } = best;
    const ratios = [plain, fused].map((each) => (pytorch / each).toFixed(1));
    const figures = [plain, fused, pytorch].map((each) => `${each.toFixed(2)} ms`);
    console.log(
      `| ${[`${size.length} rows × ${size.batch}`, ...figures, ...ratios].join(" | ")} |`,
    );
  }
}
