// The examples of the user's files: held where they are few, else read again whenever they are needed.
import { OptionError } from "../../core/errors.js";
import type { OpenStream } from "../../data/stream-batches.js";
import type { Examples } from "../../models/examples.js";
import { readExamples, type DataOptions } from "./dataset.js";
import type { Task, TaskModel } from "./task.js";

/** Opens the files of a task. */
export function openExamples<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
  files: string,
  options: DataOptions,
): OpenStream<Example> {
  return async function* () {
    for await (const values of readExamples(files, options, task.data)) yield task.example(values);
  };
}

/**
 * The examples themselves where there are no more than `most`, else the stream of them.
 *
 * @throws OptionError where there is none
 */
export async function heldIfFew<Example>(
  open: OpenStream<Example>,
  most: number,
  { op, flag, files }: { op: string; flag: string; files: string },
): Promise<readonly Example[] | OpenStream<Example>> {
  const held: Example[] = [];
  for await (const example of open()) {
    if (held.length === most) return open;
    held.push(example);
  }
  if (held.length > 0) return held;
  throw new OptionError({ op, expected: `examples in ${flag}`, got: `none in ${files}` });
}

/** Shows each example. */
export async function eachExample<Example>(
  examples: Examples<Example>,
  see: (example: Example) => void,
): Promise<void> {
  const opened = typeof examples === "function" ? examples() : examples;
  for await (const example of opened) see(example);
}
