// Where a training run keeps its model and its checkpoint.
import { basename, extname } from "node:path";

export interface RunFiles {
  readonly model: string;
  readonly checkpoint: string;
}

const SUFFIX = ".checkpoint";

/** From `--out`, `--resume` and `--text`: `notes.safetensors`, and beside it `notes.safetensors.checkpoint`. */
export function runFiles({
  text,
  out,
  resume,
}: {
  text?: string;
  out?: string;
  resume?: string | true;
}): RunFiles {
  const named = typeof resume === "string" ? resume : undefined;
  const fromCheckpoint = named?.endsWith(SUFFIX) ? named.slice(0, -SUFFIX.length) : undefined;
  const model = out ?? fromCheckpoint ?? `${titleOf(text)}.safetensors`;
  return { model, checkpoint: named ?? model + SUFFIX };
}

function titleOf(text: string | undefined): string {
  return text === undefined ? "moby-dick" : basename(text, extname(text));
}
