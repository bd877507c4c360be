// What a Siamese network learns from and is asked about.
import { described, isPlain } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { checkLabel, type Example } from "../classifier/example.js";
import type { Encoded } from "../parts/input.js";

/** Two inputs that belong together, or do not. */
export interface InputPair<Input = string> {
  readonly a: Input;
  readonly b: Input;
  /** Whether they belong together. Default true. */
  readonly same?: boolean | undefined;
  /**
   * What both are about, where several pairs are about it: pairs of one id are no negatives of each other. Default: pairs
   * that have a text or series in common are none.
   */
  readonly id?: string | undefined;
}

/** Two inputs, and how alike they were judged to be. */
export interface GradedPair<Input = string> {
  readonly a: Input;
  readonly b: Input;
  /** To learn from, -1 to 1, as cosines are; to be compared with, any number. */
  readonly score: number;
}

/** What a network learns from: pairs, graded pairs, or inputs with labels; all of one kind. */
export type SiameseExample<Input = string> =
  InputPair<Input> | GradedPair<Input> | Example<Input, string>;

/** What is said of a pair by a network. */
export interface PairPrediction {
  /** The cosine of the angle between the two vectors, -1 to 1. */
  readonly score: number;
  /** Whether it reaches the network's threshold. */
  readonly same: boolean;
}

/** The inputs of an example: two, or one with a label. */
export type Inputs<Input> = readonly Input[];

/** The same, encoded. */
export type EncodedInputs = readonly Encoded[];

/** Of a pair whether it belongs together, of a graded one how much, of an input its label. */
export type Target = boolean | number | string;

/** What examples are, by what is said of them. */
export type ExampleKind = "pairs" | "graded pairs" | "labelled inputs";

const FORM = "{ a, b }, { a, b, same }, { a, b, score } or { input, label }";

/** @throws OptionError for what is no example of any kind */
export function inputsOf<Input>(op: string, example: SiameseExample<Input>): Inputs<Input> {
  const { a, b, input } = example as Partial<InputPair<Input> & Example<Input, string>>;
  if (input !== undefined && a === undefined && b === undefined) return [input];
  if (a !== undefined && b !== undefined && input === undefined) return [a, b];
  throw new OptionError({ op, expected: FORM, got: partsOf(example) });
}

/** The two inputs of what is asked about. @throws OptionError for anything else */
export function pairOf<Input>(
  op: string,
  pair: Pick<InputPair<Input>, "a" | "b">,
): readonly [Input, Input] {
  const { a, b } = Object(pair) as Partial<InputPair<Input>>;
  if (a !== undefined && b !== undefined) return [a, b];
  throw new OptionError({ op, expected: "a pair { a, b }", got: partsOf(pair) });
}

/** More names would fill the message. */
const NAMED = 5;

function partsOf(value: unknown): string {
  if (!isPlain(value)) return described(value);
  return `an object with ${Object.keys(value).slice(0, NAMED).join(", ") || "nothing"}`;
}

/**
 * What is said of an example, checked.
 *
 * @param training whether it is to be learnt: then a score must be one that a cosine can have
 */
export function targetOf(op: string, example: SiameseExample<unknown>, training: boolean): Target {
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw new OptionError({ op, expected, got, cure });
  };
  if ("input" in example) return checkLabel(op, example.label);
  const { same, score } = example as Partial<InputPair & GradedPair>;
  if (score === undefined) {
    if (same !== undefined && typeof same !== "boolean")
      refuse("same to be true or false", described(same));
    return same ?? true;
  }
  if (same !== undefined) refuse("same or score", "both");
  if (typeof score !== "number" || !Number.isFinite(score))
    refuse("a score that is finite", described(score));
  if (training && Math.abs(score) > 1)
    refuse(
      "a score from -1 to 1",
      String(score),
      "It is learnt as a cosine: divide all scores by the largest there can be.",
    );
  return score;
}

export function kindOf(target: Target): ExampleKind {
  if (typeof target === "string") return "labelled inputs";
  return typeof target === "boolean" ? "pairs" : "graded pairs";
}

/** Refuses an example that is of another kind than the others. */
export function checkKind(op: string, target: Target, kind: ExampleKind): void {
  if (kindOf(target) === kind) return;
  throw new OptionError({
    op,
    expected: `${kind}, as the first example is`,
    got: kindOf(target),
    cure: "All examples are of one kind.",
  });
}
