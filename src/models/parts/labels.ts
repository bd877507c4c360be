import { FormatError } from "../../core/errors.js";
import { Vocabulary } from "../../text/vocabulary.js";

/**
 * The labels in a model's file.
 *
 * @param wanted those that the program counts on, in whatever order. Default: any
 * @throws FormatError where the file has others
 */
export function readLabels<Label extends string>(
  op: string,
  json: unknown,
  wanted: readonly Label[] | undefined,
): Vocabulary<Label> {
  const labels = Vocabulary.fromJSON(json) as Vocabulary<Label>;
  if (!wanted || (wanted.length === labels.size && wanted.every((label) => labels.has(label))))
    return labels;
  throw new FormatError({
    op,
    expected: `the labels ${wanted.join(", ")}`,
    got: labels.tokens.join(", "),
  });
}
