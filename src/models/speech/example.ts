// What a recognizer learns from, and what it answers.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { Sound } from "../../audio/wav.js";
import type { SampledSound } from "../parts/recording.js";

/** A recording, `{ samples, sampleRate }` or what `readWav` gives, and what is said in it. */
export type SpeechExample = (SampledSound | Sound) & {
  readonly text: string;
  /** What it is called in errors: its file. Default: its place. */
  readonly name?: string | undefined;
};

/** A word and when it was said, in seconds. */
export interface TimedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** A text that was found, and the logarithm of its probability, with what a language model and `beta` add. */
export interface SpeechAlternative {
  readonly text: string;
  readonly score: number;
}

/** What is heard in a recording. */
export interface Transcript extends SpeechAlternative {
  readonly words: readonly TimedWord[];
  /** The best texts, itself the first. */
  readonly alternatives: readonly SpeechAlternative[];
}

/** What is heard so far. */
export interface PartialTranscript {
  /** The best text so far. */
  readonly text: string;
  /** The words of it, from the first, that will not change any more. */
  readonly final: string;
  /** Seconds since the last label was heard, or since the begin where there was none. */
  readonly silence: number;
}

/** @throws OptionError for what is no text */
export function checkText(op: string, text: unknown): string {
  if (typeof text === "string") return text;
  throw new OptionError({ op, expected: "a text that is said", got: described(text) });
}
