// The settings of a language model's training.
import type { Command } from "commander";
import { OptionError } from "../core/errors.js";

/** What the model reads and writes: characters, words and marks, or what stands between blanks. */
export type TokenKind = "chars" | "words" | "blanks";

/** The options that decide the bits of the model. */
export type TrainSettings = {
  /** A path, or null for the book. */
  readonly text: string | null;
  /** A path, or null: the end of the text. */
  readonly valid: string | null;
  /** A path, or null: none. */
  readonly test: string | null;
  /** The encoding of the texts. */
  readonly charset: string;
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
};

const KEYS = [
  "text",
  "valid",
  "test",
  "charset",
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
