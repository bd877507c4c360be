// What a training of a language model refuses before its first step.
import { OptionError } from "../../core/errors.js";
import type { LanguageModelSettings } from "./options.js";

/** Refuses windows that are longer than a Transformer's context. */
export function checkSequenceLength(
  op: string,
  sequenceLength: number,
  options: LanguageModelSettings,
): void {
  if (sequenceLength <= options.contextLength!) return;
  throw new OptionError({
    op,
    expected: `a sequenceLength of at most contextLength (${options.contextLength})`,
    got: String(sequenceLength),
  });
}

/** Refuses a text of which the rows of a batch would have less than two tokens each. */
export function checkRows(op: string, length: number, batchSize: number): void {
  if (length < 2 * batchSize)
    throw new OptionError({
      op,
      expected: `at least ${2 * batchSize} tokens for a batchSize of ${batchSize}`,
      got: String(length),
      cure: "Give more text, or a smaller batchSize.",
    });
}

/** Refuses to draw more tokens than there are. */
export function checkSampled(op: string, samples: number | undefined, tokens: number): void {
  if (samples === undefined || samples < tokens) return;
  throw new OptionError({
    op,
    expected: `sampledTokens below ${tokens}, the tokens of the vocabulary`,
    got: String(samples),
    cure: "Leave it out: then all tokens are compared.",
  });
}
