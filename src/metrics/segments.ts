// Texts and lists of tokens, as the scores of what a model writes take them.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";

/** A text, or the tokens of one: words, or ids. */
export type Segment = string | ArrayLike<string | number>;

// What Python's str.split() cuts at, since the programs that others report with are Python's: JavaScript's \s has U+FEFF
// too, and lacks U+001C to U+001F and U+0085.
const SPACES =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORDS = /* @__PURE__ */ new RegExp(`[^${SPACES}]+`, "g");
const OUTER_SPACES = /* @__PURE__ */ new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "g");
const ANY_SPACES = /* @__PURE__ */ new RegExp(`[${SPACES}]+`, "g");

/** What stands between white space. */
export function wordsOf(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/** A text without white space before and behind it. */
export function trimmed(text: string): string {
  return text.replace(OUTER_SPACES, "");
}

/** A text without any white space. */
export function closedUp(text: string): string {
  return text.replace(ANY_SPACES, "");
}

/** The words of a text; tokens as they are. */
export function tokensOf(op: string, segment: Segment): ArrayLike<string | number> {
  checkCall(op, [segment], "segment:string|list");
  return typeof segment === "string" ? wordsOf(segment) : segment;
}

/** Refuses what is not as many predictions as targets. */
export function requirePairs(op: string, predicted: number, target: number): void {
  if (predicted === target) return;
  throw new ShapeError({
    op,
    expected: `${target} predictions, one for each target`,
    got: described(predicted),
  });
}

/**
 * The references of a hypothesis: one, where a text stands alone.
 *
 * @throws OptionError where there is none, or what is no list of them
 */
export function referencesOf<S extends Segment>(
  op: string,
  given: string | readonly S[],
): readonly (S | string)[] {
  if (typeof given === "string") return [given];
  checkCall(op, [given], "references:string|list");
  if (given.length > 0) return given;
  throw new OptionError({ op, expected: "at least one reference", got: "none" });
}
