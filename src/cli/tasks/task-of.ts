// Which task a model's file is of.
import { FormatError } from "../../core/errors.js";
import { readModelInfo } from "../../models/model-file.js";

/** By what the files say. */
const TASKS = {
  "sequence-tagger": "tagger",
  "sequence-classifier": "classifier",
  "language-model": "language-model",
} as const;

/** A model's file with its task, for `readModel`. */
export function withTask(bytes: Uint8Array) {
  return { task: taskOf(bytes), bytes };
}

/** The task of a model's file. */
export function taskOf(bytes: Uint8Array): (typeof TASKS)[keyof typeof TASKS] {
  const { kind } = readModelInfo(bytes);
  if (Object.hasOwn(TASKS, kind)) return TASKS[kind as keyof typeof TASKS];
  throw new FormatError({
    op: "read",
    expected: "a language model, a tagger or a classifier",
    got: kind,
    cure: "Was it saved by a later version?",
  });
}
