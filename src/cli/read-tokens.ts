// A text as ids: what a run learns from, and what it keeps for the score.
import { OptionError } from "../core/errors.js";
import { formatFault } from "../data/fault.js";
import { splitHeldOut, type Split } from "../data/split.js";
import { CharTokenizer } from "../text/char-tokenizer.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { WordTokenizer } from "../text/word-tokenizer.js";
import { readWholeText } from "./read-text.js";
import type { TrainSettings } from "./train-settings.js";

export interface TokenStreams extends Split<Int32Array> {
  readonly tokenizer: Tokenizer;
  /** The text of `heldOut`. */
  readonly kept: string;
}

/** Cuts, numbers and splits a text as the settings say; with a text for the score, nothing is split off. */
export function readTokens(
  text: string,
  valid: string | undefined,
  settings: TrainSettings,
): TokenStreams {
  const { tokens, minCount, heldOut: share } = settings;
  if (tokens === "chars") {
    const tokenizer = CharTokenizer.build(text + (valid ?? ""));
    const ids = tokenizer.encode(text);
    const split =
      valid === undefined
        ? splitHeldOut(ids, share)
        : { train: ids, heldOut: tokenizer.encode(valid) };
    return { tokenizer, ...split, kept: tokenizer.decode(split.heldOut) };
  }
  // Split first: a word that only the kept share has must be unknown to the model.
  const [learnt, kept] = valid === undefined ? splitWords(text, share) : [text, valid];
  const tokenizer = WordTokenizer.build(learnt, { cut: tokens, minCount: minCount! });
  return { tokenizer, train: tokenizer.encode(learnt), heldOut: tokenizer.encode(kept), kept };
}

function splitWords(text: string, share: number): [learnt: string, kept: string] {
  const words = splitHeldOut(text.match(/\s*\S+(?:\s+$)?/gu) ?? [], share);
  return [words.train.join(""), words.heldOut.join("")];
}

/** What one token is called. */
export function unitOf({ tokens }: TrainSettings): string {
  return tokens === "chars" ? "character" : "word";
}

/** A text for the score at the end, which decides nothing: a character that the model lacks is refused now, with its place. */
export async function readTest(
  path: string,
  charset: string,
  tokenizer: Tokenizer,
): Promise<Int32Array> {
  const text = await readWholeText(path, charset);
  const { vocabulary } = tokenizer;
  if (vocabulary.unknown === undefined)
    for (const [i, line] of text.split(/(?<=\n)/).entries()) {
      const characters = [...line];
      const strange = characters.findIndex((character) => !vocabulary.has(character));
      if (strange >= 0)
        throw formatFault(
          "train",
          "characters that --train or --valid have",
          JSON.stringify(characters[strange]),
          { name: path, line: i + 1, column: characters.slice(0, strange).join("").length + 1 },
          "Leave it out, or train with --tokens words, which may be unknown.",
        );
    }
  const ids = tokenizer.encode(text);
  if (ids.length >= 2) return ids;
  throw new OptionError({
    op: "train",
    expected: "at least two tokens in --test",
    got: `${ids.length} in ${path}`,
  });
}
