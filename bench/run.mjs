// The library beside its peers: node bench/run.mjs --help
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { contestants } from "./contestants.mjs";
import { ceiling } from "./kernels/lib.mjs";
import { workloads } from "./workloads/definitions.mjs";
import { writeData } from "./workloads/data.mjs";
import { table } from "./report.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const options = new Command("bench")
  .description(
    "Times the library beside its peers on the workloads of bench/workloads/definitions.mjs, one thread each.",
  )
  .option(
    "-w, --workloads <names...>",
    'which: beginnings of their names, such as "A lstm" or C1',
    ["A", "B", "C"],
  )
  .addOption(
    new Option("-p, --peers <names...>", "which contestants")
      .choices(Object.keys(contestants))
      .default(["plain", "relaxed", "pytorch"]),
  )
  .option("-r, --rounds <number>", "how often each one runs; the fastest counts", Number, 3)
  .option("--core <number>", "pin every contestant to this core (where taskset is there)", Number)
  .option("-o, --out <file>", "append a JSON line for each run")
  .option("--install", "install the peers that are npm packages in bench/peers/ first")
  .parse()
  .opts();

if (options.install)
  spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: join(folder, "peers"), stdio: "inherit" });
const chosen = workloads.filter(({ id }) =>
  options.workloads.some((start) => id.startsWith(start)),
);
const peers = options.peers.filter((name) => {
  const missing = contestants[name].missing(folder);
  if (missing) console.error(`${name} is left out: ${missing}`);
  return !missing;
});
if (chosen.length === 0 || peers.length === 0) {
  console.error(`Nothing to run. Workloads: ${workloads.map(({ id }) => id).join("; ")}.`);
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), "hiddenstate-bench-"));
const pinned = options.core === undefined ? [] : ["taskset", "-c", String(options.core)];
/** What each contestant chooses once for all its runs: variables of the environment, a line for the heading. */
const prepared = Object.fromEntries(peers.map((name) => [name, contestants[name].prepare?.()]));

/** Runs one contestant in a process of its own; its line of JSON, or why there is none. */
function contest(name, file) {
  const [command, ...args] = [
    ...pinned,
    ...contestants[name].command,
    file,
    ...(contestants[name].args ?? []),
  ];
  const { stdout, stderr, status } = spawnSync(command, args, {
    cwd: join(folder, ".."),
    encoding: "utf8",
    env: { ...process.env, ...prepared[name]?.env },
    maxBuffer: 1 << 26,
  });
  const line = stdout?.trim().split("\n").at(-1);
  if (status === 0 && line?.startsWith("{")) return JSON.parse(line);
  return {
    failed:
      stderr
        ?.trim()
        .split("\n")
        .findLast((text) => /error/i.test(text)) ?? `exit code ${status}`,
  };
}

/** The largest difference between what two contestants computed, relative to the largest number. */
function difference(a, b) {
  const scale = Math.max(...b.map(Math.abs));
  return a.length === b.length
    ? Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / scale
    : Infinity;
}

const top = () => ceiling("plain");
const ceilings = [top()];
const results = [];
try {
  for (const workload of chosen) {
    const file = writeData(workload, join(scratch, workload.id.replace(/\W+/g, "-")));
    const rows = peers
      .filter((name) => !contestants[name].cannot?.(workload))
      .map((name) => ({ name, runs: [] }));
    // In turns, so that what disturbs the machine for a while disturbs all of them.
    for (let round = 0; round < options.rounds; round++)
      for (const row of rows) {
        if (row.failed) continue;
        process.stderr.write(
          `\r\x1b[K${workload.id}  ${row.name}  round ${round + 1} of ${options.rounds}`,
        );
        const run = contest(row.name, file);
        if (run.failed) row.failed = run.failed;
        else row.runs.push(run);
        if (options.out)
          appendFileSync(
            options.out,
            `${JSON.stringify({ workload: workload.id, contestant: row.name, round, load: loadavg()[0], ...run })}\n`,
          );
      }
    const reference = rows.find(({ runs }) => runs.length > 0)?.runs[0].check;
    for (const row of rows)
      if (row.runs.length > 0) row.difference = difference(row.runs[0].check, reference);
    results.push({ workload, rows });
    ceilings.push(top());
  }
} finally {
  rmSync(scratch, { recursive: true });
  process.stderr.write("\r\x1b[K");
}

console.log(
  `${cpus()[0].model}, Node ${process.versions.node}, one thread each, fastest of ${options.rounds} rounds`,
);
const [least, most] = [Math.min(...ceilings), Math.max(...ceilings)];
console.log(
  `ceiling of SIMD128: ${most.toFixed(1)} GFLOP/s${least < 0.9 * most ? `, at times ${least.toFixed(1)}: the machine was not quiet, distrust this run` : ""}`,
);
for (const { line } of Object.values(prepared).filter(Boolean)) console.log(line);
console.log(table(results, most));
if (results.some(({ rows }) => rows.some((row) => row.failed || row.difference > 1e-3)))
  process.exitCode = 1;
