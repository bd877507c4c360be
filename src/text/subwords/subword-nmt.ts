// Files of subword-nmt (Sennrich et al. 2016): merges, and how often the subwords of a language come.
import { byCodePoint, quoted } from "../../core/code-points.js";
import { checkCall, definedOnly } from "../../core/check.js";
import { FormatError } from "../../core/errors.js";
import { Vocabulary } from "../vocabulary.js";
import { BYTE_TOKENS } from "./bytes.js";
import { END_OF_WORD } from "./end-of-word-scheme.js";
import { SubwordTokenizer } from "./subword-tokenizer.js";

export interface SubwordNmtOptions {
  /** Tokens that stand for no text, such as `"<eos>"`; they have the first ids. Default: none. */
  specials?: readonly string[] | undefined;
  /** The token that fills rows up to one length, such as `"<pad>"`: the first of all. Default: none. */
  padding?: string | undefined;
  /**
   * How often each subword comes: see `subwordNmtCounts`. Characters among them that no merge has, such as a comma that
   * always stands alone, are tokens too. Default: none, and such characters are spelled in bytes.
   */
  counts?: ReadonlyMap<string, number> | undefined;
  /** What errors call the text: its file. Default `"the text"`. */
  name?: string | undefined;
}

const VERSION = "#version: 0.2";
/** Stands behind each subword but a word's last. */
const CONTINUED = "@@";

/**
 * A tokenizer of the merges that subword-nmt's `learn-bpe` wrote: it cuts texts as `apply-bpe` does. Characters that no merge
 * has, nor the counts, are spelled in bytes; ids are those of the special tokens, the bytes, `</w>`, the characters by code
 * point, and what the merges make, in their order.
 *
 * @throws FormatError for a line that is no merge, or another version of the format
 * @example
 * ```ts
 * const tokenizer = tokenizerFromSubwordNmt("#version: 0.2\nl o\nlo w</w>\nlo w\n");
 * Array.from(tokenizer.encode("low lowlow"), (id) => tokenizer.vocabulary.token(id)); // ["low</w>", "low", "low</w>"]
 * ```
 */
export function tokenizerFromSubwordNmt(
  merges: string,
  options: SubwordNmtOptions = {},
): SubwordTokenizer {
  const op = "tokenizerFromSubwordNmt";
  checkCall(op, arguments, "merges:string {specials:list padding:string counts:Map name:string}");
  const { padding, name = "the text", counts = new Map(), specials: others = [] } = options;
  const [version, ...lines] = linesOf(merges);
  if (version !== VERSION)
    throw new FormatError({
      op,
      expected: quoted(VERSION),
      got: `${quoted(version!)} (${name}, line 1)`,
      cure: "Merges without a version are of subword-nmt before 0.2, whose ends of words are symbols of their own: learn them anew.",
    });
  const specials = [...new Set(padding === undefined ? others : [padding, ...others])];
  const reserved = new Set([...specials, ...BYTE_TOKENS]);
  const pairs = lines.map((line, i): [string, string] => {
    const parts = line.split(" ");
    const [left, right] = parts;
    const whole = parts.length === 2 && left !== "" && right !== "";
    if (whole && !reserved.has(left! + right!)) return [left!, right!];
    throw new FormatError({
      op,
      expected: whole
        ? "no merge that makes a byte or a special token"
        : "two subwords with a blank between them",
      got: `${quoted(line)} (${name}, line ${i + 2})`,
    });
  });
  const made = new Set(pairs.map(([left, right]) => left + right));
  const characters = new Set(pairs.flat().filter((symbol) => !made.has(symbol)));
  for (const token of counts.keys()) if (isCharacter(token)) characters.add(token);
  const tokens = new Set([
    ...[...specials, ...BYTE_TOKENS, END_OF_WORD],
    ...[...characters].sort(byCodePoint),
    ...made,
  ]);
  return new SubwordTokenizer(new Vocabulary([...tokens], definedOnly({ padding })), pairs, {
    split: "whitespace",
    specials,
  });
}

/**
 * How often each subword comes, from what subword-nmt's `get-vocab` counted (`low@@ 12`, a line each): for
 * `SubwordTokenizer.restrictedTo`, which does what `apply-bpe` does with a vocabulary and a threshold.
 *
 * @throws FormatError for a line that is no subword and a number
 * @example
 * ```ts
 * subwordNmtCounts("low@@ 12\nest 7\n"); // Map { "low" → 12, "est</w>" → 7 }
 * ```
 */
export function subwordNmtCounts(
  vocabulary: string,
  options: { name?: string | undefined } = {},
): Map<string, number> {
  const op = "subwordNmtCounts";
  checkCall(op, arguments, "vocabulary:string {name:string}");
  return new Map(
    linesOf(vocabulary).map((line, i) => {
      const [, subword, count] = /^([^ ]+) (\d+)$/.exec(line) ?? [];
      if (subword === undefined)
        throw new FormatError({
          op,
          expected: "a subword, a blank, and how often it comes",
          got: `${quoted(line)} (${options.name ?? "the text"}, line ${i + 1})`,
        });
      const token = subword.endsWith(CONTINUED)
        ? subword.slice(0, -CONTINUED.length)
        : subword + END_OF_WORD;
      return [token, Number(count)];
    }),
  );
}

/** Whether a token is one character, at a word's end or not. */
function isCharacter(token: string): boolean {
  const own = token.endsWith(END_OF_WORD) ? token.slice(0, -END_OF_WORD.length) : token;
  return [...own].length === 1;
}

/** Without empty lines at the end, and without what subword-nmt strips of each. */
function linesOf(text: string): string[] {
  return text
    .replace(/[\r\n]+$/, "")
    .split("\n")
    .map((line) => line.replace(/^[\r ]+|[\r ]+$/g, ""));
}
