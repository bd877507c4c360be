// How much the labels of a training count.
import { OptionError } from "../../core/errors.js";
import { quoted } from "../../core/code-points.js";
import type { Option } from "../../core/options.js";
import type { Vocabulary } from "../../text/vocabulary.js";

/** `"balanced"`: as if there were as many examples of each label; or a weight for each, 1 for those not named. */
export type ClassWeights<Label extends string = string> =
  "balanced" | Readonly<Partial<Record<Label, number>>>;

/** The weights by the labels' ids. */
export function classWeights<Label extends string>(
  op: string,
  given: ClassWeights<Label>,
  labels: Vocabulary<Label>,
  balanced: (id: number) => number,
): Float32Array {
  if (given === "balanced") return Float32Array.from(labels.tokens, (_, id) => balanced(id));
  checkNames(op, given, labels);
  return Float32Array.from(labels.tokens, (label) => given[label] ?? 1);
}

/** @throws OptionError for the weight of a label that the model does not have */
export function checkNames(
  op: string,
  given: ClassWeights,
  labels: Vocabulary,
  name = "classWeights",
): void {
  const strange = Object.keys(given === "balanced" ? {} : given).find((one) => !labels.has(one));
  if (strange !== undefined)
    throw new OptionError({
      op,
      expected: `${name} of labels among ${labels.tokens.join(", ")}`,
      got: quoted(strange),
    });
}

/** On the command line `balanced`, or `positive=2,negative=1`. */
export const CLASS_WEIGHTS: Option<ClassWeights> = {
  kind: "value",
  default: undefined,
  help: "how much labels count: balanced, or as in positive=2,negative=1 (default: alike)",
  form: '"balanced", or weights above 0 by label',
  fits: (given) =>
    given === "balanced" ||
    (typeof given === "object" &&
      given !== null &&
      Object.keys(given).length > 0 &&
      Object.values(given).every((weight) => Number.isFinite(weight) && weight > 0)),
  parse(given) {
    if (!given.includes("=")) return given;
    const pairs = given.split(",").map((pair) => {
      const at = pair.lastIndexOf("=");
      return [pair.slice(0, Math.max(0, at)).trim(), Number(pair.slice(at + 1) || NaN)] as const;
    });
    return Object.fromEntries(pairs);
  },
};
