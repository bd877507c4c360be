// What decides the outcome of a training run: it stands in the checkpoint, so that a run can only be
// resumed as what it was.
import type { Command } from "commander";
import { FormatError, OptionError } from "../core/errors.js";
import { parseSafetensors } from "../io/safetensors-header.js";
import { readModel } from "./read-model.js";

const SETTINGS_NOTE = "hiddenstate.train";
const DATA_NOTE = "hiddenstate.train.text";
const TASK_NOTE = "hiddenstate.train.task";

/** Settings by the names of the options. */
export type Settings = Readonly<Record<string, unknown>>;

/** What the checkpoint says of the run, beside what `fit` needs. */
export function notesOf(task: string, settings: Settings, data: string): Record<string, string> {
  return {
    [TASK_NOTE]: task,
    [SETTINGS_NOTE]: JSON.stringify(settings),
    [DATA_NOTE]: data,
  };
}

/** A checkpoint's bytes; refuses a file that cannot be one. */
export function readCheckpoint(path: string): Promise<Uint8Array> {
  return readModel(path, (bytes) => {
    parseSafetensors(bytes);
    return bytes;
  });
}

/** The settings of a checkpoint; refuses any that the command line gives otherwise. */
export function resumedSettings<S extends Settings>(
  task: string,
  command: Command,
  checkpoint: Uint8Array,
  asked: S,
): S {
  const json = noteIn(checkpoint, SETTINGS_NOTE);
  const began = noteIn(checkpoint, TASK_NOTE);
  if (began !== task)
    throw new OptionError({
      op: "train",
      expected: `--task ${began}, as the checkpoint has it`,
      got: `--task ${task}`,
    });
  const keys = Object.keys(asked);
  const saved = readSettings<S>(json, keys);
  for (const key of keys)
    if (command.getOptionValueSource(key) === "cli" && asked[key] !== saved[key])
      throw new OptionError({
        op: "train",
        expected: `${flagOf(command, key)} ${saved[key] ?? "left out"}, as the checkpoint has it`,
        got: String(asked[key]),
        cure: "Leave the option out, or train anew without --resume.",
      });
  return saved;
}

/** Refuses data that are not those the run began with. */
export function checkSameData(
  checkpoint: Uint8Array,
  now: string,
  { what, name }: { what: string; name: string },
): void {
  const began = noteIn(checkpoint, DATA_NOTE);
  if (began === now) return;
  throw new OptionError({
    op: "train",
    expected: `the ${what} the run began with (${began})`,
    got: `${name} of other contents (${now})`,
    cure: `Restore the ${what}, or train anew without --resume.`,
  });
}

/** Length and FNV-1a of the UTF-16 units of texts, one after another: tells data apart, no more. */
export class Fingerprint {
  #hash = 0x811c9dc5;
  #length = 0;

  add(text: string): void {
    this.#length += text.length;
    for (let i = 0; i < text.length; i++)
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 0x01000193);
  }

  toString(): string {
    return `${this.#length} characters, ${(this.#hash >>> 0).toString(16).padStart(8, "0")}`;
  }
}

function noteIn(checkpoint: Uint8Array, note: string): string {
  const value = parseSafetensors(checkpoint).metadata.get(note);
  if (value !== undefined) return value;
  throw new FormatError({
    op: "train",
    expected: "a checkpoint of hiddenstate train",
    got: "another safetensors file",
    cure: "A finished model cannot be trained on: only its checkpoint holds the optimizer's state.",
  });
}

function readSettings<S extends Settings>(json: string, keys: readonly string[]): S {
  const settings = Object(parse(json)) as S;
  const missing = keys.filter((key) => !Object.hasOwn(settings, key));
  if (missing.length === 0) return settings;
  throw new FormatError({
    op: "train",
    expected: "a checkpoint of this version of hiddenstate train",
    got: `one without ${missing.join(", ")}`,
  });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new FormatError(
      { op: "train", expected: "settings as JSON in the checkpoint", got: json.slice(0, 80) },
      { cause },
    );
  }
}

function flagOf(command: Command, key: string): string {
  return command.options.find((option) => option.attributeName() === key)!.long!;
}
