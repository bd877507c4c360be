// What greedy search, sampling and beam search have in common, read from their options.
import { described } from "../core/described.js";
import { checkCount } from "../core/check.js";
import { IndexError, OptionError, ShapeError } from "../core/errors.js";
import type { Decoder } from "./decoder.js";

/** What all searches take. A row is a row of the decoder when the search begins. */
export interface DecodeOptions {
  /**
   * What each row reads before it writes: one id for all rows (a start token), or one id or more for each. No part of
   * the result, its length or its probability.
   */
  prompt: number | readonly ArrayLike<number>[];
  /**
   * How the text of each row begins, forced: part of the result, its length and its probability; the other constraints
   * do not hold for it. Default: nothing.
   */
  prefix?: readonly ArrayLike<number>[] | undefined;
  /** Ids at the most, the end token included: for all rows, or for each. Default 200. */
  maxLength?: number | ArrayLike<number> | undefined;
  /** Ids at the least before an end token. Default 0. */
  minLength?: number | undefined;
  /** What ends a text: one id or several. Default: nothing, so that each text has `maxLength` ids. */
  endToken?: number | ArrayLike<number> | undefined;
  /** Ids that are never produced, such as the one for unknown words. Default: none. */
  excluded?: ArrayLike<number> | undefined;
  /**
   * No sequence of this many ids comes twice in a text (`no_repeat_ngram_size` of fairseq and Hugging Face; the prompt
   * does not count). Default: any may.
   */
  noRepeatNgramSize?: number | undefined;
}

/** For `checkKeys`. */
export const DECODE_KEYS =
  "prompt!:number|list prefix:list maxLength:number|list minLength:number endToken:number|list excluded:list noRepeatNgramSize:number";

/** A row when the search begins. */
export interface Source {
  readonly row: number;
  readonly prompt: ArrayLike<number>;
  readonly prefix: ArrayLike<number>;
  readonly maxLength: number;
}

/** {@link DecodeOptions}, checked, with the defaults filled in. */
export interface DecodeSettings {
  readonly sources: readonly Source[];
  readonly minLength: number;
  readonly endTokens: ReadonlySet<number>;
  readonly excluded: readonly number[];
  readonly noRepeatNgramSize: number | undefined;
}

/** @param width rows of the decoder that a search needs for each row at the beginning */
export function readDecodeOptions(
  op: string,
  decoder: Decoder,
  options: DecodeOptions,
  width: number,
): DecodeSettings {
  const { minLength = 0, endToken = [], excluded = [], noRepeatNgramSize } = options;
  const { rows, capacity, classes } = decoder;
  if (capacity < rows * width)
    throw new OptionError({
      op,
      expected: `a decoder with room for ${rows} · ${width} rows`,
      got: `one with a capacity of ${capacity}`,
      cure: `Make it with { capacity: ${rows * width} }.`,
    });
  checkCount(op, "minLength", minLength, 0);
  if (noRepeatNgramSize !== undefined) checkCount(op, "noRepeatNgramSize", noRepeatNgramSize);
  const settings = {
    minLength,
    endTokens: new Set(typeof endToken === "number" ? [endToken] : Array.from(endToken)),
    excluded: Array.from(excluded),
    noRepeatNgramSize,
  };
  checkIds(op, "endToken", [...settings.endTokens], classes);
  checkIds(op, "excluded", settings.excluded, classes);
  if (minLength > 0 && settings.endTokens.size === 0)
    throw new OptionError({ op, expected: "an endToken where there is a minLength", got: "none" });
  const sources = sourcesOf(op, rows, options);
  for (const source of sources) checkSource(op, source, settings, classes);
  return { sources, ...settings };
}

function sourcesOf(
  op: string,
  rows: number,
  { prompt, prefix, maxLength = 200 }: DecodeOptions,
): Source[] {
  if (typeof prompt !== "number") checkLists(op, "prompt", prompt, rows);
  if (prefix !== undefined) checkLists(op, "prefix", prefix, rows);
  if (typeof maxLength !== "number") checkRows(op, "maxLength", maxLength, rows);
  return Array.from({ length: rows }, (_, row) => ({
    row,
    prompt: typeof prompt === "number" ? [prompt] : prompt[row]!,
    prefix: prefix?.[row] ?? [],
    maxLength: typeof maxLength === "number" ? maxLength : maxLength[row]!,
  }));
}

function checkSource(
  op: string,
  { row, prompt, prefix, maxLength }: Source,
  { minLength, endTokens }: Pick<DecodeSettings, "minLength" | "endTokens">,
  classes: number,
): void {
  // What can be read is the decoder's to say.
  checkIds(op, "prompt", prompt, Infinity);
  checkIds(op, "prefix", prefix, classes);
  checkCount(op, "maxLength", maxLength);
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got: `${got} for row ${row}` });
  };
  if (prompt.length === 0) refuse("a prompt of at least one id", "none");
  if (minLength > maxLength) refuse(`minLength at most maxLength, ${maxLength}`, String(minLength));
  if (prefix.length > maxLength)
    refuse(`a prefix of at most maxLength = ${maxLength} ids`, String(prefix.length));
  const end = Array.from(prefix).find((id) => endTokens.has(id));
  if (end !== undefined) refuse("a prefix without an end token", `the end token ${end}`);
}

function checkRows(
  op: string,
  name: string,
  given: ArrayLike<unknown> | undefined,
  rows: number,
): void {
  if (given?.length !== rows)
    throw new ShapeError({
      op,
      expected: `${name} for each of the decoder's ${rows} rows`,
      got: given ? String(given.length) : "none",
    });
}

/** As {@link checkRows}, for what is a list of ids in each row. */
function checkLists(
  op: string,
  name: string,
  given: ArrayLike<unknown> | undefined,
  rows: number,
): void {
  checkRows(op, name, given, rows);
  const row = Array.from(given!).findIndex((ids) => !isList(ids));
  if (row >= 0)
    throw new OptionError({
      op,
      expected: `${name} as a list of ids for each row, such as [[1, 2]]`,
      got: `${String(given![row])} for row ${row}`,
    });
}

function isList(value: unknown): boolean {
  return typeof value === "object" && value !== null && "length" in value;
}

function checkIds(op: string, name: string, ids: ArrayLike<number>, below: number): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!Number.isInteger(id) || id < 0 || id >= below)
      throw new IndexError({
        op,
        expected: `ids of ${name} from 0${below < Infinity ? ` to ${below - 1}` : ""}`,
        got: described(id),
      });
  }
}
