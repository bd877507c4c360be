// The model that a run begins with: a finished one, trained further on other data.
import { Fingerprint } from "../../core/fingerprint.js";
import { UsageError } from "../usage.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";
import { readTask } from "../read-task.js";
import type { Given, Parts, Task } from "../task.js";

export interface BaseModel {
  readonly file: string;
  /** How its data were read, where the run's own are not said to be otherwise. */
  readonly reading: Given;
  /** Tells it from other models: a run is resumed with the one that it began with. */
  readonly fingerprint: string;
  /** The model, each time as it is in the file. */
  load(): ReadyModel<unknown>;
  /** The data without what it cannot learn. */
  learnable<Source>(parts: Parts<Source>): Parts<Source>;
  /** What it does not know of them. */
  notesOn(model: ReadyModel<unknown>, parts: Parts<unknown>): Promise<string[]>;
}

/** The model of `--from`. */
export async function readBase(task: Task, given: Given): Promise<BaseModel> {
  const file = given.from as string;
  const { task: own, bytes } = await readTask(file);
  if (own !== task)
    throw new UsageError({
      op: "train",
      expected: `--task ${own.name}, as ${file} is of it`,
      got: `--task ${task.name}`,
    });
  const print = new Fingerprint();
  print.addData(bytes);
  const model = task.load(bytes);
  const left: string[] = [];
  return {
    file,
    reading: readingOf(task, model, given),
    fingerprint: String(print),
    load: () => task.load(bytes),
    learnable(parts) {
      const found = task.learnable?.(model, parts.train);
      if (!found) return parts;
      left.push(...found.notes);
      return { ...parts, train: found.part as typeof parts.train };
    },
    async notesOn(trained, { train }) {
      const share = await trained.unknownShare(train.source);
      const percent = share === undefined ? 0 : 100 * share;
      return percent === 0
        ? left
        : [
            ...left,
            `${percent.toFixed(1)} % of the ${task.lengthUnit?.(trained) ?? "word"}s of ${train.name} are not in the vocabulary of ${file}: the model reads them as unknown.`,
          ];
    },
  };
}

/** Columns and such are of a format: data in another are read by their own. */
function readingOf(task: Task, model: ReadyModel<unknown>, given: Given): Given {
  const before = model.notes.data ?? {};
  const same = before.format === undefined || task.readAs?.(given).format === before.format;
  const { encoding } = before;
  return {
    ...(same ? before : encoding !== undefined && { encoding }),
    ...task.tokensOf?.(model),
  };
}
