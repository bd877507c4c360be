// Letting a language model write: the flags, and the text as it comes.
import { quoted } from "../../core/code-points.js";
import { choice, number, text, whole } from "../../core/options.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { flagOf } from "../flags.js";
import { longestPrompt } from "../../models/language-model/generate.js";
import type { LanguageModel } from "../../models/language-model/language-model.js";
import type { Given } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";
import { readsParts } from "./token-unit.js";

/** One flag of two tasks: its help speaks of both. */
export const PROMPT = text(
  undefined,
  'what it continues (default: "The ", or the first token it knows); of music a MIDI file (default: none)',
);

export const SAMPLING = {
  temperature: number(
    { least: 0, below: Infinity },
    0.7,
    "below 1 more likely tokens, above 1 more surprising ones, 0 always the likeliest",
  ),
  topK: whole(1, undefined, "choose among the n likeliest tokens only"),
  topP: number(
    { above: 0, most: 1 },
    0.95,
    "choose among the likeliest that together have this probability",
  ),
};

export const WRITING = {
  length: whole(1, 600, "tokens to write, at the most"),
  seed: whole(0, 1, "the same seed gives the same text"),
  ...SAMPLING,
  beams: whole(1, undefined, "beam search with this many open texts, instead of sampling"),
  lengthPenalty: choice(
    ["none", "average", "wu"],
    "none",
    "with --beams: what makes up for the lower probability of longer texts",
  ),
  alpha: number({ least: 0, below: Infinity }, 1, "with --beams: exponent of the length penalty"),
  end: text(undefined, 'token that ends the text, such as "." (default: none)'),
  minLength: whole(0, 0, "tokens before --end, at the least"),
  noRepeatNgramSize: whole(1, undefined, "no sequence of this many tokens comes twice"),
};

/** A text to go on from: a subword brings the blank before it. */
export function promptOf(tokenizer: Tokenizer, text: string): string {
  return readsParts(tokenizer) ? text.trimEnd() : text;
}

export function defaultPrompt(model: LanguageModel): string {
  const { tokenizer } = model;
  const { vocabulary } = tokenizer;
  const isKnown =
    vocabulary.unknown !== undefined ||
    readsParts(tokenizer) ||
    [..."The "].every((each) => vocabulary.has(each));
  const prompt = promptOf(tokenizer, "The ");
  return isKnown && reaches(model, prompt) ? prompt : vocabulary.tokens[0]!;
}

/** Whether a model has positions for a prompt. */
export function reaches({ tokenizer, options }: LanguageModel, prompt: string): boolean {
  return tokenizer.encode(prompt).length <= longestPrompt(options);
}

/** Refuses a prompt that the model cannot read. */
export function checkPrompt(op: string, model: LanguageModel, prompt: string): void {
  const { tokenizer } = model;
  const { vocabulary } = tokenizer;
  const strange =
    tokenizer instanceof CharTokenizer && vocabulary.unknown === undefined
      ? [...prompt].find((character) => !vocabulary.has(character))
      : undefined;
  if (strange !== undefined)
    throw new UsageError({
      op,
      expected: "--prompt of characters that the model has learnt",
      got: quoted(strange),
      cure: `It has learnt ${vocabulary.size} of them: hiddenstate inspect shows which.`,
    });
  if (tokenizer.encode(prompt).length === 0)
    throw new UsageError({ op, expected: "--prompt of at least one token", got: "none" });
  if (!reaches(model, prompt))
    throw new UsageError({
      op,
      expected: `--prompt of at most ${longestPrompt(model.options)} tokens, as many as the model has learned positions`,
      got: quoted(prompt),
    });
}

/** Options that a beam search, which draws nothing, does not read; and those that nothing else reads. */
const OF_SAMPLING = ["temperature", "topK", "topP", "seed"] as const;
const OF_BEAMS = ["lengthPenalty", "alpha"] as const;

/** Refuses options that would change nothing. */
function checkWriting(given: Given): void {
  const beams = given.beams !== undefined;
  const unread = (beams ? OF_SAMPLING : OF_BEAMS).find((name) => given[name] !== undefined);
  if (unread !== undefined)
    throw new UsageError({
      op: "generate",
      expected: beams
        ? `no ${flagOf(unread)} beside --beams, which draws nothing`
        : `--beams beside ${flagOf(unread)}`,
      got: beams ? "both" : "none",
    });
  if (given.minLength !== undefined && given.end === undefined)
    throw new UsageError({
      op: "generate",
      expected: "--end beside --min-length",
      got: "none",
      cure: "Without it every text has --length tokens.",
    });
}

/** Prints a prompt and what the model makes of it, as it comes; gives what it made. */
export function writeText(model: LanguageModel, prompt: string, given: Given): string {
  const { prompt: _, end, ...options } = given;
  const sampling = { seed: 1, temperature: 0.7, topP: 0.95 };
  const { vocabulary } = model.tokenizer;
  checkWriting(given);
  checkPrompt("generate", model, prompt);
  if (end !== undefined && !vocabulary.has(end as string))
    throw new UsageError({
      op: "generate",
      expected: "--end to be a token of the model",
      got: quoted(end as string),
    });
  const endToken = end === undefined ? {} : { endToken: vocabulary.id(end as string) };
  const pieces = model.generate(prompt, {
    length: 600,
    ...(given.beams === undefined && sampling),
    ...options,
    ...endToken,
  });
  // Options that do not go together are refused before anything is printed.
  const first = checkUsage(() => pieces.next());
  process.stdout.write(prompt);
  let sample = "";
  for (let next = first; !next.done; next = pieces.next()) {
    process.stdout.write(next.value);
    sample += next.value;
  }
  process.stdout.write("\n");
  return sample;
}
