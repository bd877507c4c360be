// Characters of a text that a model of characters has not learnt: said with their places, scored all the same.
import { OptionError } from "../../core/errors.js";
import { UNKNOWN_PROBABILITY } from "../../models/language-model/known-text.js";
import type {
  LanguageModel,
  LanguageModelText,
} from "../../models/language-model/language-model.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { Part } from "../task.js";

interface Unknown {
  readonly count: number;
  /** The first of each, with its place: `"§" (line 2, column 6)`. */
  readonly examples: readonly string[];
}

const SHOWN = 5;

/**
 * What a user should know of a text that is scored.
 *
 * @throws OptionError for a text with nothing to predict
 */
export function notesOn(model: LanguageModel, { source, name }: Part<LanguageModelText>): string[] {
  const text = String(source);
  const known = model.tokenizer.encode(knownTextOf(model.tokenizer, text));
  if (known.length < 2)
    throw new OptionError({
      op: "read",
      expected: "at least two tokens that the model knows",
      got: `${known.length} in ${name}`,
    });
  const { count, examples } = unknownIn(model.tokenizer, text);
  if (count === 0) return [];
  return [
    `${count} characters of ${name} are none that the model has learnt, ${shown(examples)}; ` +
      `each counts as unknown, with a probability of ${UNKNOWN_PROBABILITY}.`,
  ];
}

/** A text to learn from without the characters that the model cannot learn. */
export function learntPart(
  { tokenizer }: LanguageModel,
  part: Part<LanguageModelText>,
): { part: Part<LanguageModelText>; notes: string[] } {
  const text = String(part.source);
  const { count, examples } = unknownIn(tokenizer, text);
  if (count === 0) return { part, notes: [] };
  const note = `${count} characters of ${part.name} are not in the model's vocabulary and are left out, ${shown(examples)}.`;
  return { part: { ...part, source: knownTextOf(tokenizer, text) }, notes: [note] };
}

/** A text without what the model cannot read. */
export function knownTextOf(tokenizer: Tokenizer, text: string): string {
  if (!lacks(tokenizer)) return text;
  return [...text].filter((character) => tokenizer.vocabulary.has(character)).join("");
}

/** Whether there are characters that a tokenizer has no id for. */
function lacks(tokenizer: Tokenizer): boolean {
  return tokenizer instanceof CharTokenizer && tokenizer.vocabulary.unknown === undefined;
}

function unknownIn(tokenizer: Tokenizer, text: string): Unknown {
  const places = new Map<string, string>();
  if (!lacks(tokenizer)) return { count: 0, examples: [] };
  let [count, line, column] = [0, 1, 1];
  for (const character of text) {
    if (!tokenizer.vocabulary.has(character)) {
      count++;
      if (!places.has(character)) places.set(character, `line ${line}, column ${column}`);
    }
    [line, column] = character === "\n" ? [line + 1, 1] : [line, column + character.length];
  }
  return {
    count,
    examples: [...places].map(([character, place]) => `${JSON.stringify(character)} (${place})`),
  };
}

function shown(examples: readonly string[]): string {
  const more = examples.length - SHOWN;
  const first = examples.slice(0, SHOWN).join(", ");
  return `such as ${first}${more > 0 ? ` and ${more} others` : ""}`;
}
