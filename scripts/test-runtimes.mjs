// Installs the packed package in a fresh folder and runs test/runtimes/program.mjs there in every
// runtime: the plain kernels must end with the same bits everywhere, the relaxed ones near them.
//   node scripts/test-runtimes.mjs [--all] [--write-docs] [NAME …]   (after a build)
// --all adds what takes minutes, bundlers among it; names choose by parts of theirs. What comes from
// Debian instead of npm, browsers above all, is named where it is missing.
import { Application } from "./runtimes/application.mjs";
import { bundlers } from "./runtimes/bundlers.mjs";
import { commandLines } from "./runtimes/command-line.mjs";
import { durableObject } from "./runtimes/durable-object.mjs";
import { edgeRuntime } from "./runtimes/edge-runtime.mjs";
import { examples } from "./runtimes/examples.mjs";
import { jest } from "./runtimes/jest.mjs";
import { maps } from "./runtimes/maps.mjs";
import { microphone } from "./runtimes/microphone.mjs";
import { microphonePage } from "./runtimes/microphone-page.mjs";
import { onnx } from "./runtimes/onnx.mjs";
import { onnxPage } from "./runtimes/onnx-page.mjs";
import { installRuntimes } from "./runtimes/packages.mjs";
import { pages } from "./runtimes/pages.mjs";
import { judge } from "./runtimes/rows.mjs";
import { printHead, printRow, writeTable } from "./runtimes/table.mjs";
import { threads } from "./runtimes/threads.mjs";
import { training } from "./runtimes/training.mjs";
import { miniflare, workerd } from "./runtimes/workerd.mjs";

const everything = [
  ...commandLines,
  workerd,
  onnx,
  durableObject,
  miniflare,
  edgeRuntime,
  ...pages,
  ...bundlers,
  training,
  ...threads,
  maps,
  onnxPage,
  examples,
  microphone,
  microphonePage,
  jest,
];

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const all = process.argv.includes("--all");
const chosen = everything.filter(({ name, extra }) =>
  names.length > 0 ? names.some((part) => isIn(part, name)) : all || !extra,
);
// Its bits are the ones all others are compared with.
const [first] = everything;
if (!chosen.includes(first)) chosen.unshift(first);

installRuntimes(chosen.some(({ extra }) => extra));
const application = new Application();
const rows = [];
const missing = new Set();
try {
  printHead();
  for (const runtime of chosen) {
    const packages = runtime.missing?.() ?? [];
    packages.forEach((name) => missing.add(name));
    if (packages.length > 0) add({ name: runtime.name, missing: true, faults: [] });
    else for await (const row of runtime.rows(application)) add(row);
  }
} finally {
  application.remove();
}

if (missing.size > 0) {
  console.log("\nNot everything ran. On Debian, as root:");
  console.log(`  apt-get install -y --no-install-recommends ${[...missing].join(" ")}`);
}
const failed = rows.some(({ faults }) => faults.length > 0);
// The full run is a claim about everything in it.
if (failed || (all && missing.size > 0)) process.exitCode = 1;
else if (process.argv.includes("--write-docs")) await writeTable(rows);

function add(row) {
  judge(row, rows[0] ?? row);
  rows.push(row);
  printRow(row);
}

function isIn(part, name) {
  return name.toLowerCase().includes(part.toLowerCase());
}
