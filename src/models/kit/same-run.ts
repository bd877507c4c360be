// A resumed run is the run that was cut off: its checkpoint says by which settings and data that was.
import { FormatError, OptionError } from "../../core/errors.js";
import { parseSafetensors } from "../../io/safetensors-header.js";
import { KIND_KEY } from "./model-file.js";

/** What decides the outcome of a run, as plain data. */
export interface RunDescription {
  /** Options that the data decided. */
  readonly chosen: Readonly<Record<string, unknown>>;
  /** Every option of the training. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What tells the training data from others, and the validation data; null without. */
  readonly data: { readonly training: string; readonly validation: string | null };
}

const RUN_NOTE = "hiddenstate.fit";

/** The note of a checkpoint. */
export function runNote(run: RunDescription): Record<string, string> {
  return { [RUN_NOTE]: JSON.stringify(run) };
}

/**
 * The run that a checkpoint is of; undefined where it says nothing of it.
 *
 * @throws FormatError for a finished model
 */
export function runIn(op: string, checkpoint: Uint8Array): RunDescription | undefined {
  const { metadata } = parseSafetensors(checkpoint);
  if (metadata.has(KIND_KEY))
    throw new FormatError({
      op,
      expected: "a checkpoint to resume from, as checkpoint.save was given it",
      got: "a finished model: what save() gives",
      cure: "To train a model further, load it, and call fit without resume.",
    });
  const note = metadata.get(RUN_NOTE);
  return note === undefined ? undefined : (JSON.parse(note) as RunDescription);
}

/**
 * Refuses to go on with other settings or data than the run had.
 *
 * @throws OptionError that names the option, or the data
 */
export function checkSameRun(op: string, before: RunDescription, now: RunDescription): void {
  const cure = "Give what the run began with, or train anew, without resume.";
  const plain = JSON.parse(JSON.stringify(now)) as RunDescription;
  const names = new Set([...Object.keys(before.settings), ...Object.keys(plain.settings)]);
  for (const name of names) {
    const [old, own] = [before.settings[name], plain.settings[name]].map((value) =>
      value === undefined ? "none" : JSON.stringify(value),
    );
    if (old !== own)
      throw new OptionError({
        op,
        expected: `${name} ${old}, as the checkpoint's run has it`,
        got: own!,
        cure,
      });
  }
  for (const part of ["training", "validation"] as const)
    if (before.data[part] !== plain.data[part])
      throw new OptionError({
        op,
        expected: `the ${part} data that the checkpoint's run has (${before.data[part] ?? "none"})`,
        got: `others (${plain.data[part] ?? "none"})`,
        cure,
      });
}
