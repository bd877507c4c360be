// Where a training run keeps its model and its checkpoint.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../usage.js";

export interface RunFiles {
  readonly model: string;
  /** What the run saves, and removes when it is done: beside the model. */
  readonly checkpoint: string;
  /** The checkpoint that it goes on from: another one, a copy say, is left as it is. */
  readonly resumed: string;
}

const SUFFIX = ".checkpoint";

/** Where the checkpoint of another run is kept: the first of `.1`, `.2`, … that is free. */
export function keptBeside(checkpoint: string): string {
  let number = 1;
  while (existsSync(`${checkpoint}.${number}`)) number++;
  return `${checkpoint}.${number}`;
}

/** From `--out` and `--resume`, or else a title: `notes.safetensors`, and `notes.safetensors.checkpoint`. */
export function runFiles(
  { out, resume }: { out?: string | undefined; resume?: string | true | undefined },
  title: string,
): RunFiles {
  const named = typeof resume === "string" ? resume : undefined;
  const fromCheckpoint = named && /^(.+)\.checkpoint(\.\d+)?$/.exec(named)?.[1];
  const model = out ?? fromCheckpoint ?? `${title}.safetensors`;
  const checkpoint = model + SUFFIX;
  return { model, checkpoint, resumed: named ?? checkpoint };
}

/** Refuses to write over what is read. */
export function checkApart(files: RunFiles, read: readonly string[]): void {
  const inputs = read.map((path) => resolve(path));
  for (const written of [files.model, files.checkpoint])
    if (inputs.includes(resolve(written)))
      throw new UsageError({
        op: "train",
        expected: "--out to be a file of its own",
        got: `${written}, which is read from`,
        cure: "Nothing was written. Name another file.",
      });
}
