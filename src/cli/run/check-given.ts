// Settings of a run that contradict each other are refused before any data are read.
import { checkChoice } from "../../core/check.js";
import { checkOptions, pickOptions, type OptionTable } from "../../core/options.js";
import { fitSettings, type FitOptions } from "../../models/kit/fit-options.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";
import { flagOf } from "../flags.js";
import type { Given, Task } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";

/** The flags that do not decide the model's bits. */
const FREE = [
  ...["task", "out", "resume", "checkpointEvery", "minutes", "workers"],
  ...["pauseAt", "logFile"],
];

/** The flags that decide the model's bits: those that a resumed run must have again. */
export function withoutFree(task: Task, flags: Given): Given {
  const free = [...FREE, ...Object.keys(task.other ?? {})];
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !free.includes(name)));
}

/** @throws UsageError */
export function checkGiven(task: Task, given: Given): void {
  checkUsage(() => {
    checkOptions("train", task.model, pickOptions(task.model, given), flagOf);
    const table = task.training as OptionTable<FitOptions>;
    fitSettings("train", pickOptions(table, given), {
      table,
      validated:
        given.valid !== undefined ||
        ((task.data?.heldOut ?? task.training.heldOut) !== undefined && given.heldOut !== 0),
      named: flagOf,
    });
    if (given.valid !== undefined && given.heldOut !== undefined)
      throw new UsageError({ op: "train", expected: "--valid FILE or --held-out", got: "both" });
    const ofModel = Object.keys(pickOptions(task.model, given))[0];
    if (given.from !== undefined && ofModel !== undefined)
      throw new UsageError({
        op: "train",
        expected: `no ${flagOf(ofModel)} beside --from`,
        got: JSON.stringify(given[ofModel]),
        cure: "A model that is trained further keeps its sizes and its vocabulary.",
      });
    task.check?.(given);
  });
}

/** Refuses a score that the model does not have. */
export function checkMetric(model: ReadyModel<unknown>, { metric }: Given): void {
  if (metric === undefined) return;
  checkUsage(() => checkChoice("train", flagOf("metric"), metric as string, model.metricNames));
}
