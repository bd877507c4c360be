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
  /** The mean of the F1 of the labels that inputs have or are given. */
  readonly macroF1: number;
  /** Mean cross-entropy of the inputs whose label the model has learnt, in nats. */
  readonly loss: number;
};

/** An input and all that it is: no label, one or several. */
export interface MultiLabelExample<Input = string, Label extends string = string> {
  readonly input: Input;
  readonly labels: readonly Label[];
}

/** What a classifier of several labels answers for an input. */
export interface MultiLabelPrediction<Label extends string = string> {
  /** Those whose probability reaches the model's threshold, the most probable first. */
  readonly labels: readonly Label[];
  /** The probability of every label, each for itself. */
  readonly probabilities: Readonly<Record<Label, number>>;
}

/** How good a classifier of several labels is, in numbers. */
export type MultiLabelScores = {
  /** F1 of all decisions together, whatever the label: frequent labels count more. */
  readonly microF1: number;
  /** The mean of the F1 of the labels that inputs have or are given. */
  readonly macroF1: number;
  /** Share of the inputs whose labels are all right, and none of them missing. */
  readonly sampleAccuracy: number;
  /** Mean binary cross-entropy of a label that the model has learnt, in nats. */
  readonly loss: number;
};
