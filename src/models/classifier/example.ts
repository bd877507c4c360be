// What a classifier learns from, and what it says.

/** An input and what it is. */
export interface Example<Input = string, Label extends string = string> {
  readonly input: Input;
  readonly label: Label;
}

/** What a model says of an input. */
export interface Prediction<Label extends string = string> {
  /** The most probable label. */
  readonly label: Label;
  readonly probability: number;
  /** Of every label. */
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
