// Where the time of a training step goes, by a sampling profiler.
// node bench/kernels/step.mjs [plain | relaxed] [C1 …]   (after a build; one build a process)
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initSync } from "hiddenstate";
import { contest } from "../contest.mjs";
import { readWorkload } from "../measure.mjs";
import { sampled } from "../profile.mjs";
import { writeData } from "../workloads/data.mjs";
import { flopOf, workloads } from "../workloads/definitions.mjs";
import { builds, ceiling, namedKernels } from "./lib.mjs";

/** What a function is counted as, by where it stands in assembly/: the first that fits. */
const PARTS = [
  ["packing", /^assembly\/gemm\/pack\//],
  ["products", /^assembly\/gemm\//],
  ["cells", /^assembly\/(rnn|ops\/activate)\//],
  ["optimizer", /^assembly\/optim\/|reduce\/sumSquares$/],
  ["loss", /^assembly\/(loss|ops\/(softmax|reduce\/(expSum|max)))/],
  ["other kernels", /^assembly\//],
  ["idle", /^\((idle|program)\)$/],
  ["JavaScript", /./],
];

const [build] = builds();
const asked = process.argv.slice(2).filter((name) => /^[A-C]/.test(name));
const verbose = process.argv.includes("--functions");
const chosen = workloads.filter(
  ({ id, kind }) =>
    kind === "training" && (asked.length === 0 || asked.some((start) => id.startsWith(start))),
);
// One process a workload: memory that one has grown would slow the next.
if (chosen.length > 1) {
  for (const { id } of chosen)
    spawnSync(process.execPath, [...process.execArgv, process.argv[1], build, id], {
      stdio: "inherit",
    });
} else profile(chosen[0]);

function profile(workload) {
  initSync({ wasm: namedKernels(build) });
  const folder = mkdtempSync(join(tmpdir(), "hiddenstate-step-"));
  const file = writeData(workload, join(folder, "workload"));
  const { call } = contest(readWorkload(file));
  rmSync(folder, { recursive: true });
  // Processor time: on a busy machine no long step runs undisturbed.
  const clock = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b) * 1e3;
  const until = (seconds) => {
    let best = Infinity;
    for (const end = performance.now() + seconds * 1e3; performance.now() < end;) {
      const before = clock();
      call();
      best = Math.min(best, clock() - before);
    }
    return best;
  };
  const top = ceiling(build);
  until(1);
  const nodes = sampled(() => until(4), 250);
  const fewest = until(3);
  const hits = new Map();
  for (const { callFrame, hitCount } of nodes) {
    const name = callFrame.functionName || "(anonymous)";
    hits.set(name, (hits.get(name) ?? 0) + hitCount);
  }
  const shares = new Map(PARTS.map(([part]) => [part, 0]));
  for (const [name, count] of hits) {
    const [part] = PARTS.find(([, pattern]) => pattern.test(name));
    shares.set(part, shares.get(part) + count);
  }
  shares.delete("idle");
  const all = [...shares.values()].reduce((a, b) => a + b);
  const rate = flopOf(workload) / fewest;
  console.log(
    `${workload.id} ${build}: ${(fewest / 1e6).toFixed(2)} ms, ${rate.toFixed(1)} GFLOP/s, ${((100 * rate) / top).toFixed(0)} % of ${top.toFixed(1)};  ` +
      [...shares].map(([part, count]) => `${part} ${((100 * count) / all).toFixed(1)}`).join(", "),
  );
  if (verbose)
    for (const [name, count] of [...hits].sort((a, b) => b[1] - a[1]).slice(0, 24))
      console.log(`   ${((100 * count) / all).toFixed(1).padStart(5)}  ${name}`);
}
