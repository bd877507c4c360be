// What decides the outcome of a training run: it stands in the checkpoint, so that a run can only be
// resumed as what it was.
import { FormatError, OptionError } from "../../core/errors.js";
import { parseSafetensors } from "../../io/safetensors-header.js";
import { flagOf } from "../flags.js";
import { readModel } from "../read-model.js";
import type { Given, Parts } from "../task.js";
import type { BaseModel } from "./base-model.js";
import type { Run } from "./train-run.js";
import { UsageError } from "../usage.js";

const SETTINGS_NOTE = "hiddenstate.train";
const DATA_NOTE = "hiddenstate.train.data";
const TASK_NOTE = "hiddenstate.train.task";
const CHOSEN_NOTE = "hiddenstate.train.chosen";

/** What the checkpoint says of the run, beside what `fit` needs. */
export function notesOf({ task, given, parts, base, model }: Run): Record<string, string> {
  return {
    [TASK_NOTE]: task.name,
    [SETTINGS_NOTE]: JSON.stringify(given),
    [DATA_NOTE]: JSON.stringify(fingerprintsOf(parts, base)),
    [CHOSEN_NOTE]: JSON.stringify(base ? {} : (model.notes.chosen ?? {})),
  };
}

/** The same for what is no task model: its settings decide all, its training checks the data itself. */
export function plainNotes(task: string, given: Given): Record<string, string> {
  return { [TASK_NOTE]: task, [SETTINGS_NOTE]: JSON.stringify(given) };
}

/** Test data decide nothing. */
function fingerprintsOf(
  { train, valid }: Parts<unknown>,
  base: BaseModel | undefined,
): Record<string, string> {
  return {
    train: train.fingerprint,
    ...(valid && { valid: valid.fingerprint }),
    ...(base && { from: base.fingerprint }),
  };
}

/** A checkpoint's bytes; refuses a file that cannot be one. */
export function readCheckpoint(path: string): Promise<Uint8Array> {
  return readModel(path, (bytes) => {
    taskIn(bytes);
    return bytes;
  });
}

/** The task of the run that a checkpoint is from. */
export function taskIn(checkpoint: Uint8Array): string {
  return noteIn(checkpoint, TASK_NOTE);
}

/** Whether a file is a checkpoint of a run of the command. */
export function isCheckpoint(bytes: Uint8Array): boolean {
  return parseSafetensors(bytes).metadata.has(TASK_NOTE);
}

/** The settings of a checkpoint; refuses any that the command line gives otherwise. */
export function resumedSettings(task: string, checkpoint: Uint8Array, asked: Given): Given {
  const began = taskIn(checkpoint);
  if (began !== task)
    throw new UsageError({
      op: "train",
      expected: `--task ${began}, as the checkpoint has it`,
      got: `--task ${task}`,
    });
  const saved = jsonIn(checkpoint, SETTINGS_NOTE);
  for (const [name, value] of Object.entries(asked))
    if (JSON.stringify(value) !== JSON.stringify(saved[name]))
      throw new UsageError({
        op: "train",
        expected: `${flagOf(name)} ${JSON.stringify(saved[name]) ?? "left out"}, as the checkpoint has it`,
        got: JSON.stringify(value),
        cure: "Leave the option out, or train anew without --resume.",
      });
  return saved;
}

/** Options that the data decided when the run began. */
export function chosenIn(checkpoint: Uint8Array): Given {
  return jsonIn(checkpoint, CHOSEN_NOTE);
}

/** Refuses data that are not those the run began with. */
export function checkSameData(
  checkpoint: Uint8Array,
  parts: Parts<unknown>,
  base: BaseModel | undefined,
): void {
  const before = jsonIn(checkpoint, DATA_NOTE);
  const files: Record<string, string | undefined> = {
    train: parts.train.name,
    valid: parts.valid?.name,
    from: base?.file,
  };
  for (const [name, print] of Object.entries(fingerprintsOf(parts, base))) {
    if (before[name] === print) continue;
    const file = files[name]!;
    throw new OptionError({
      op: "train",
      expected: `the --${name} ${name === "from" ? "model" : "data"} that the run began with (${String(before[name])})`,
      got: `${file} of other contents (${print})`,
      cure: "Restore the data, or train anew without --resume.",
    });
  }
}

function noteIn(checkpoint: Uint8Array, note: string): string {
  const value = parseSafetensors(checkpoint).metadata.get(note);
  if (value !== undefined) return value;
  throw new FormatError({
    op: "train",
    expected: "a checkpoint of hiddenstate train",
    got: "another safetensors file",
    cure: "A finished model is trained further on other data by --from.",
  });
}

function jsonIn(checkpoint: Uint8Array, note: string): Record<string, unknown> {
  const json = noteIn(checkpoint, note);
  try {
    return Object(JSON.parse(json)) as Record<string, unknown>;
  } catch (cause) {
    throw new FormatError(
      { op: "train", expected: "settings as JSON in the checkpoint", got: json.slice(0, 80) },
      { cause },
    );
  }
}
