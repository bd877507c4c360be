// What decides the outcome of a training run: it stands in the checkpoint, so that a run can only be
// resumed as what it was.
import type { Command } from "commander";
import { FormatError, OptionError } from "../core/errors.js";
import { parseSafetensors } from "../io/safetensors-header.js";

/** What the model reads and writes: characters, words and marks, or what stands between blanks. */
export type TokenKind = "chars" | "words" | "blanks";

/** The options that decide the bits of the model. */
export interface TrainSettings {
  /** A path, or null for the book. */
  readonly text: string | null;
  readonly tokens: TokenKind;
  /** Of words; null for characters. */
  readonly minCount: number | null;
  readonly heldOut: number;
  readonly hidden: number;
  readonly layers: number;
  readonly embedding: number;
  readonly dropout: number;
  readonly tieWeights: boolean;
  readonly epochs: number;
  /** Null: as many as the epochs have. */
  readonly steps: number | null;
  readonly batch: number;
  readonly time: number;
  readonly learningRate: number;
  readonly clip: number;
  readonly seed: number;
  readonly build: "plain" | "auto";
}

const KEYS = [
  "text",
  "tokens",
  "minCount",
  "heldOut",
  "hidden",
  "layers",
  "embedding",
  "dropout",
  "tieWeights",
  "epochs",
  "steps",
  "batch",
  "time",
  "learningRate",
  "clip",
  "seed",
  "build",
] as const satisfies readonly (keyof TrainSettings)[];

const SETTINGS_NOTE = "hiddenstate.train";
const TEXT_NOTE = "hiddenstate.train.text";

/** The settings that the command line asks for. */
export function settingsOf(command: Command): TrainSettings {
  const options = command.opts<Record<string, unknown>>();
  const characters = options.tokens === "chars";
  if (characters && options.minCount !== undefined)
    throw new OptionError({
      op: "train",
      expected: "--min-count with --tokens words or blanks",
      got: "--tokens chars",
      cure: "Every character counts: leave --min-count out.",
    });
  const defaults: Record<string, unknown> = characters
    ? { embedding: 32 }
    : { embedding: options.hidden, minCount: 2 };
  return Object.fromEntries(
    KEYS.map((key) => [key, options[key] ?? defaults[key] ?? null]),
  ) as unknown as TrainSettings;
}

/** What the checkpoint says of the run, beside what `fit` needs. */
export function notesOf(settings: TrainSettings, text: string): Record<string, string> {
  return { [SETTINGS_NOTE]: JSON.stringify(settings), [TEXT_NOTE]: fingerprint(text) };
}

/** The settings of a checkpoint; refuses any that the command line gives otherwise. */
export function resumedSettings(command: Command, checkpoint: Uint8Array): TrainSettings {
  const saved = readSettings(noteIn(checkpoint, SETTINGS_NOTE));
  const asked = settingsOf(command);
  for (const key of KEYS)
    if (command.getOptionValueSource(key) === "cli" && asked[key] !== saved[key])
      throw new OptionError({
        op: "train",
        expected: `${flagOf(command, key)} ${saved[key] ?? "left out"}, as the checkpoint has it`,
        got: String(asked[key]),
        cure: "Leave the option out, or train anew without --resume.",
      });
  return saved;
}

/** Refuses a text that is not the one the run began with. */
export function checkSameText(checkpoint: Uint8Array, text: string, path: string | null): void {
  const [began, now] = [noteIn(checkpoint, TEXT_NOTE), fingerprint(text)];
  if (began === now) return;
  throw new OptionError({
    op: "train",
    expected: `the text the run began with (${began})`,
    got: `${path ?? "a book"} of other contents (${now})`,
    cure: "Restore the text, or train anew without --resume.",
  });
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

function readSettings(json: string): TrainSettings {
  const settings = Object(parse(json)) as TrainSettings;
  const missing = KEYS.filter((key) => !Object.hasOwn(settings, key));
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

/** Length and FNV-1a of the UTF-16 units: tells texts apart, no more. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${text.length} characters, ${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

function flagOf(command: Command, key: string): string {
  return command.options.find((option) => option.attributeName() === key)!.long!;
}
