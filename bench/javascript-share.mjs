// JavaScript's own share of a small training step: self time of all frames that are not WebAssembly, by --cpu-prof.
// node bench/javascript-share.mjs [plain | relaxed] [--steps 2000] [--functions]   (after a build)
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { initSync } from "hiddenstate";
import { contest } from "./contest.mjs";
import { readWorkload } from "./measure.mjs";
import { writeData } from "./workloads/data.mjs";
import { workloads } from "./workloads/definitions.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "2000" },
    functions: { type: "boolean", default: false },
    workload: { type: "string" },
  },
});
const [build = "plain"] = positionals;
if (values.workload) takeSteps(readWorkload(values.workload), Number(values.steps));
else profile();

function takeSteps(workload, count) {
  initSync({ build });
  const { call } = contest(workload);
  // Functions of their own, which the profile can tell apart.
  (function warmUp() {
    for (let step = 0; step < count / 2; step++) call();
  })();
  (function measured() {
    for (let step = 0; step < count; step++) call();
  })();
}

function profile() {
  const folder = mkdtempSync(join(tmpdir(), "hiddenstate-profile-"));
  const workload = workloads.find(({ id }) => id === "C5");
  const file = writeData(workload, join(folder, "C5"));
  const own = [fileURLToPath(import.meta.url), build, "--workload", file, "--steps", values.steps];
  const flags = ["--cpu-prof", "--cpu-prof-interval", "100", "--cpu-prof-dir", folder];
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...flags, ...own], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
  const name = readdirSync(folder).find((each) => each.endsWith(".cpuprofile"));
  const { nodes } = JSON.parse(readFileSync(join(folder, name), "utf8"));
  rmSync(folder, { recursive: true });

  // Samples, not the time between them: that counts other programs' turns as well.
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const counts = { warmUp: { wasm: 0, other: 0 }, measured: { wasm: 0, other: 0 } };
  const functions = new Map();
  const walk = ({ callFrame, hitCount, children = [] }, phase) => {
    const { functionName, url, lineNumber } = callFrame;
    // Garbage collection hangs under no function: all of it counts. Waiting is no frame.
    const collects = functionName === "(garbage collector)";
    const here = functionName in counts ? functionName : collects ? "measured" : phase;
    if (here && !/^\((idle|program)\)$/.test(functionName)) {
      const kind = url.startsWith("wasm:") ? "wasm" : "other";
      counts[here][kind] += hitCount;
      const name = `${functionName || "(anonymous)"} ${url.split("/").at(-1)}:${lineNumber + 1}`;
      if (here === "measured" && kind === "other")
        functions.set(name, (functions.get(name) ?? 0) + hitCount);
    }
    for (const child of children) walk(byId.get(child), here);
  };
  walk(nodes[0], undefined);
  const percent = (count, { wasm, other }) => `${((100 * count) / (wasm + other)).toFixed(1)} %`;
  const { warmUp, measured } = counts;
  console.log(
    `C5 ${build}, Node ${process.versions.node}: JavaScript is ${percent(measured.other, measured)} of ${values.steps} steps; ` +
      `${percent(warmUp.other, warmUp)} of the ${Number(values.steps) / 2} before them, in which the engine compiles`,
  );
  if (values.functions)
    for (const [name, count] of [...functions].sort((a, b) => b[1] - a[1]).slice(0, 25))
      console.log(`  ${percent(count, measured).padStart(7)}  ${name}`);
}
