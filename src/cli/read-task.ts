// A model from its file, with its task.
import { FormatError } from "../core/errors.js";
import { readModelInfo } from "../models/kit/model-file.js";
import { readModel } from "./read-model.js";
import { isCheckpoint } from "./run/run-notes.js";
import type { Task } from "./task.js";
import { TASKS } from "./tasks/index.js";

/** A model's file, and the task it is of. */
export function readTask(path: string): Promise<{ task: Task; bytes: Uint8Array }> {
  return readModel(path, (bytes) => {
    if (isCheckpoint(bytes))
      throw new FormatError({
        op: "read",
        expected: "a model",
        got: "the checkpoint of a run that has not ended",
        cure: `Finish it: hiddenstate train --resume ${path}`,
      });
    const { kind, input } = readModelInfo(bytes);
    const ofKind = TASKS.filter((one) => one.kind === kind);
    const task = ofKind.find((one) => one.input === input) ?? ofKind[0];
    if (task) return { task, bytes };
    throw new FormatError({
      op: "read",
      expected: `a model of ${TASKS.map(({ name }) => name).join(", ")}`,
      got: kind,
      cure: "Was it saved by a later version?",
    });
  });
}
