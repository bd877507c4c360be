// What a classifier learns from, and what it answers.

/** An input and what it is. */
export interface Example<Input = string, Label extends string = string> {
  readonly input: Input;
  readonly label: Label;
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
