// The memory that a training step takes beside what it cannot do without.
// node bench/memory.mjs [C6 …] [plain | relaxed]   (after a build; one workload a process)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initSync, memoryUsage } from "hiddenstate";
import { contest } from "./contest.mjs";
import { readWorkload } from "./measure.mjs";
import { writeData } from "./workloads/data.mjs";
import { gatesOf, workloads } from "./workloads/definitions.mjs";

const args = process.argv.slice(2);
const build = args.find((name) => name === "plain" || name === "relaxed") ?? "plain";
const id = args.find((name) => /^C/.test(name)) ?? "C6";
const workload = workloads.find((each) => each.id === id);

/** Floats that any implementation has to keep: see the table that is printed. */
function needed(workload) {
  const { cell, hidden, input, layers, batch, time, vocabulary, classes, optimizer } = workload;
  const gates = gatesOf[cell];
  let parameters = vocabulary * input + (hidden + 1) * classes;
  // From embedding to head: what the backward reads of each layer, and the probabilities.
  let activations = batch * (vocabulary > 0 ? time : 1) * classes;
  for (let layer = 0; layer < layers; layer++) {
    const size = layer === 0 ? input : hidden;
    parameters += gates * hidden * (size + hidden + 2);
    // Its input, gates and states: h, and c of an LSTM or the candidate's product of a GRU.
    activations += batch * time * (size + gates * hidden) + 2 * batch * (time + 1) * hidden;
  }
  activations += batch * time * hidden;
  const state = optimizer === "adam" ? 2 * parameters : 0;
  return { parameters, gradients: parameters, "optimizer state": state, activations };
}

initSync({ build });
const folder = mkdtempSync(join(tmpdir(), "hiddenstate-memory-"));
const { call } = contest(readWorkload(writeData(workload, join(folder, id))));
rmSync(folder, { recursive: true });
const MB = 2 ** 20;
const settled = [];
for (let step = 0; step < 4; step++) {
  call();
  settled.push(memoryUsage());
}
const parts = needed(workload);
const floor = (4 * Object.values(parts).reduce((sum, floats) => sum + floats, 0)) / MB;
for (const [name, floats] of Object.entries(parts))
  console.log(`${name.padEnd(24)}${((4 * floats) / MB).toFixed(1).padStart(8)} MB`);
const { peakBytes, heapBytes, arenaBytes, wasmBytes } = settled.at(-1);
console.log(`${"together".padEnd(24)}${floor.toFixed(1).padStart(8)} MB`);
console.log(
  `${"peak".padEnd(24)}${(peakBytes / MB).toFixed(1).padStart(8)} MB: ${(peakBytes / MB / floor).toFixed(2)} times; ` +
    `after a step heap ${(heapBytes / MB).toFixed(1)}, scope's arena ${(arenaBytes / MB).toFixed(1)}; whole memory ${(wasmBytes / MB).toFixed(1)} (${(wasmBytes / MB / floor).toFixed(2)} times)`,
);
