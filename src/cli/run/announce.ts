// What a run is, before it begins.
import { existsSync } from "node:fs";
import type { FitPlan } from "../../models/kit/fit-options.js";
import { backend } from "../../wasm/backend.js";
import { counted } from "../counted.js";
import { flagOf } from "../flags.js";
import { keptBeside } from "./run-files.js";
import type { Run } from "./train-run.js";

/** Data, model, and what the data decided of it. */
export function announce({ task, parts, model, files, base, resume }: Run): void {
  const { train, summary } = parts;
  if (summary !== "") console.error(`${summary}.`);
  if (typeof train.source === "function")
    console.error("They are read from the file as they are needed, --buffer-size at a time.");
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const from = base ? `, as in ${base.file}` : "";
  console.error(
    `A ${task.noun ?? task.name} of ${parameters} parameters${from}; ${backend().build} kernels.`,
  );
  if (!base) printChosen(model.notes.chosen ?? {});
  const { checkpoint, resumed } = files;
  if ((!resume || resumed !== checkpoint) && existsSync(checkpoint))
    console.error(
      `${checkpoint} is from a run that did not end: it is kept as ${keptBeside(checkpoint)}.`,
    );
}

/** The training that is about to begin, or to go on. */
export function announcePlan(
  { steps, done, stepsPerEpoch, parallel, chosen }: FitPlan,
  { items, unit }: { items: number; unit: string },
): void {
  const losses = "the loss of a step's line is the mean of the last 50";
  console.error(`At most ${counted(steps, "step")} of ${counted(items, unit)}; ${losses}.`);
  printChosen(chosen);
  if (parallel) {
    const { workers, shards, transport, reason } = parallel;
    const by = workers === 1 ? "one worker" : `${workers} workers, through ${transport}`;
    console.error(`A batch is computed in ${counted(shards, "shard")} by ${by}: ${reason}.`);
  }
  if (done > 0)
    console.error(
      `Resumed behind step ${done} of ${steps}, in epoch ${Math.floor(done / stepsPerEpoch) + 1}.`,
    );
}

function printChosen(chosen: FitPlan["chosen"]): void {
  const options = Object.entries(chosen).map(([name, value]) => `${flagOf(name)} ${String(value)}`);
  if (options.length > 0) console.error(`Chosen for these data: ${options.join(", ")}.`);
}
