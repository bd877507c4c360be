// Two workers beside one thread, all of it in turns, the fastest of many runs; some twelve minutes. In a quiet machine:
//   node bench/parallel/speed.mjs --data FOLDER [--only C1 tagger …] [--seconds 60] [--build auto]
import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { Option, program } from "commander";
import { backend, initSync } from "hiddenstate";
import { fastestCore, hasPytorch } from "../peers/openblas.mjs";
import { workloads } from "../workloads/definitions.mjs";
import { predictions, taggerSteps } from "./ready.mjs";
import { inPytorch, steps } from "./steps.mjs";

const IDS = ["C1", "C2", "C3", "C5", "C6"];
const { data, only, seconds, build } = program
  .option(
    "--data <folder>",
    "with conll2003/ and sst/, for the ready models; without it they are left out",
  )
  .addOption(
    new Option("--only <names...>", "which")
      .choices([...IDS, "tagger", "predict", "exchange"])
      .default([...IDS, "tagger", "predict", "exchange"]),
  )
  .option("--seconds <n>", "for each", Number, 70)
  .addOption(new Option("--build <kernels>").choices(["plain", "auto"]).default("auto"))
  .parse()
  .opts();
initSync({ build });
const began = performance.now();
console.log(`Node ${process.versions.node}, ${backend().build} kernels, load ${loadavg()[0]}`);
const pytorch = hasPytorch() ? fastestCore() : undefined;
console.log(pytorch?.line ?? "PyTorch is not there");

for (const id of IDS.filter((each) => only.includes(each))) {
  const workload = workloads.find((each) => each.id === id);
  await steps(workload, seconds);
  if (pytorch) inPytorch(workload, pytorch.env);
}
if (data && only.includes("tagger")) await taggerSteps(data, seconds);
if (data && only.includes("predict")) await predictions(data, seconds);
if (only.includes("exchange")) {
  const script = fileURLToPath(new URL("exchange.mjs", import.meta.url));
  spawnSync(process.execPath, [...process.execArgv, script], { stdio: "inherit" });
}
console.log(`${((performance.now() - began) / 60000).toFixed(1)} minutes, load ${loadavg()[0]}`);
