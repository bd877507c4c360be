// Where a training run keeps its model and its checkpoint.

export interface RunFiles {
  readonly model: string;
  readonly checkpoint: string;
}

const SUFFIX = ".checkpoint";

/** From `--out` and `--resume`, or else a title: `notes.safetensors`, and `notes.safetensors.checkpoint`. */
export function runFiles(
  { out, resume }: { out?: string; resume?: string | true },
  title: string,
): RunFiles {
  const named = typeof resume === "string" ? resume : undefined;
  const fromCheckpoint = named?.endsWith(SUFFIX) ? named.slice(0, -SUFFIX.length) : undefined;
  const model = out ?? fromCheckpoint ?? `${title}.safetensors`;
  return { model, checkpoint: named ?? model + SUFFIX };
}
