// The recipes' training steps beside PyTorch's: node bench/tasks/speed.mjs --help
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Option, program } from "commander";
import { relaxed } from "../contestants.mjs";
import { fastestCore, python } from "../peers/openblas.mjs";

const folders = {
  classification: ["sst2", "trec", "mnist"],
  tagging: ["conll2003", "atis", "gmb_ner", "keyphrase"],
  ptb: ["emb100", "zaremba200", "medium650"],
};
const folderOf = (task) => Object.keys(folders).find((folder) => folders[folder].includes(task));

const options = program
  .name("speed")
  .description(
    "Times a training step of the recipes in bench/tasks beside the same model in PyTorch, one thread each: " +
      "tokens a second of processor time, by the fastest step.",
  )
  .addOption(
    new Option("-t, --tasks <names...>", "which recipes")
      .choices(Object.values(folders).flat())
      .default([...folders.classification, ...folders.tagging]),
  )
  .option("-r, --rounds <number>", "how often each one runs; the fastest counts", Number, 3)
  .option("--steps <number>", "training steps of a run", Number, 60)
  .option("--ptb <folder>", "of the Penn Treebank, which its recipes need")
  .option("--core <number>", "pin every program to this core (where taskset is there)", Number)
  .parse()
  .opts();
const missing = options.tasks.find((task) => folderOf(task) === "ptb" && !options.ptb);
if (missing) program.error(`${missing} needs --ptb`);

const scratch = mkdtempSync(join(tmpdir(), "hiddenstate-speed-"));
const { env, line } = fastestCore();

function commandOf(contestant, task) {
  const folder = folderOf(task);
  const data = folder === "ptb" ? ["--model", task, "--data", options.ptb] : ["--task", task];
  const args = [...data, "--steps", String(options.steps)];
  if (contestant === "pytorch") return [python, `${folder}/peer.py`, ...args];
  const own = folder === "ptb" ? ["ptb/train.mjs", "--out", scratch] : [`${folder}/speed.mjs`];
  const flags = contestant === "relaxed" ? relaxed : [];
  return [process.execPath, ...flags, ...own, ...args, "--build", contestant];
}

/** Tokens a second: each program's last line of JSON has them. */
function run(contestant, task) {
  const pinned = options.core === undefined ? [] : ["taskset", "-c", String(options.core)];
  const [command, ...args] = [...pinned, ...commandOf(contestant, task)];
  const { stdout, stderr, status } = spawnSync(command, args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${contestant} on ${task}: ${stderr}`);
  const last = stdout.split("\n").findLast((text) => text.startsWith("{"));
  return JSON.parse(last).tokensPerSecondOfBestStep;
}

console.log(`${cpus()[0].model}, Node ${process.versions.node}, one thread each`);
console.log(`${line}\n`);
console.log("| recipe | plain | relaxed | PyTorch | plain to PyTorch | relaxed to PyTorch |");
console.log("| --- | --- | --- | --- | --- | --- |");
try {
  for (const task of options.tasks) {
    const best = { plain: 0, relaxed: 0, pytorch: 0 };
    // In turns, so that what disturbs the machine for a while disturbs all of them.
    for (let round = 0; round < options.rounds; round++)
      for (const contestant of Object.keys(best))
        best[contestant] = Math.max(best[contestant], run(contestant, task));
    const { plain, relaxed, pytorch } = best;
    const ratios = [plain, relaxed].map((own) => (own / pytorch).toFixed(2));
    console.log(`| ${[task, plain, relaxed, pytorch, ...ratios].join(" | ")} |`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
