// What a classifier learns from, and what it answers.
import { OptionError } from "../../core/errors.js";

/** An input and what it is. */
export interface Example<Input = string, Label extends string = string> {
  readonly input: Input;
  readonly label: Label;
}

/** @throws OptionError for what is no label, such as an empty field of a table */
export function checkLabel<Label extends string>(op: string, label: Label): Label {
  if (typeof label === "string" && label !== "") return label;
  throw new OptionError({
    op,
    expected: "a label that is a text, not an empty one",
    got: typeof label === "string" ? "an empty one" : String(label),
  });
}

/** A classifier's answer for an input. */
export interface Prediction<Label extends string = string> {
  /** The most probable label. */
  readonly label: Label;
  readonly probability: number;
  /** The probability of every label. */
  readonly probabilities: Readonly<Record<Label, number>>;
}

/** How good a classifier is, in numbers. */
export type ClassifierScores = {
  /** Share of the inputs whose label is right. */
  readonly accuracy: number;
  /** The mean of the labels' F1. */
  readonly macroF1: number;
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
};
