// Pairs, graded pairs and labelled texts in the columns of files.
import { FormatError } from "../../core/errors.js";
import type { SiameseExample } from "../../models/siamese/example.js";
import { counted } from "../counted.js";
import type { Column } from "../data/columns.js";
import type { Survey } from "../data/example-files.js";
import type { Values } from "../data/fields.js";

export const PAIR_COLUMNS: readonly Column[] = [
  { name: "a", kind: "text", optional: true },
  { name: "b", kind: "text", optional: true },
  { name: "label", kind: "text", label: true, optional: true },
  { name: "score", kind: "numbers", optional: true },
  { name: "text", kind: "text", optional: true },
];

/** What says that two texts belong together, and what that they do not. */
const SAYS = new Map([
  ...["1", "true", "yes", "same"].map((text) => [text, true] as const),
  ...["0", "false", "no", "different"].map((text) => [text, false] as const),
]);

/** @throws FormatError for columns that are no example, with its place */
export function pairFrom({ a, b, label, score, text }: Values, place: string): SiameseExample {
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw new FormatError({ op: "read", expected, got: `${got} (${place})`, cure });
  };
  if (text !== undefined && label !== undefined && a === undefined && b === undefined)
    return { input: text as string, label: label as string };
  if (a === undefined || b === undefined || text !== undefined) {
    const found = Object.entries({ a, b, label, score, text }).filter(
      ([, value]) => value !== undefined,
    );
    refuse(
      "columns a and b, or text and label",
      found.map(([name]) => name).join(", ") || "none of them",
      "Name the file's columns: --columns a=question1,b=question2,label=is_duplicate.",
    );
  }
  const pair = { a: a as string, b: b as string };
  if (label !== undefined && score !== undefined) refuse("label or score", "both");
  if (score !== undefined) {
    const [value, ...more] = score as readonly number[];
    if (value === undefined || more.length > 0 || !Number.isFinite(value))
      refuse("one number as score", JSON.stringify(score));
    return { ...pair, score: value! };
  }
  if (label === undefined) return pair;
  const same = SAYS.get((label as string).toLowerCase());
  if (same === undefined)
    refuse(
      "1 or 0, true or false, yes or no, same or different as label",
      JSON.stringify(label),
      "A number that says how alike the two are is a score: --columns a,b,score.",
    );
  return { ...pair, same: same! };
}

/** What there is to learn from. */
export class PairSurvey implements Survey<SiameseExample> {
  readonly #labels = new Set<string>();
  #examples = 0;
  #together = 0;
  #graded = 0;

  see(example: SiameseExample): void {
    this.#examples++;
    if ("input" in example) this.#labels.add(example.label);
    else if ("score" in example) this.#graded++;
    else if (example.same ?? true) this.#together++;
  }

  describe(): string {
    if (this.#labels.size > 0)
      return `${counted(this.#examples, "text")} to learn from; ${counted(this.#labels.size, "label")}`;
    const all = `${counted(this.#examples, "pair")} to learn from`;
    if (this.#graded > 0) return `${all}, with scores`;
    return this.#together === this.#examples
      ? `${all}, all of what belongs together`
      : `${all}; ${this.#together} of them the same`;
  }
}
