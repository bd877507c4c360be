import { checkCall } from "../../core/check.js";
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
  for (const label of wanted ?? []) checkCall(op, [label], "label:string");
  const labels = Vocabulary.fromJSON(json) as Vocabulary<Label>;
  if (!wanted || (wanted.length === labels.size && wanted.every((label) => labels.has(label))))
    return labels;
  const missing = wanted.filter((label) => !labels.has(label));
  const more = labels.tokens.filter((label) => !wanted.includes(label));
  throw new FormatError({
    op,
    expected: `a model of the labels ${wanted.join(", ")}`,
    got:
      [
        missing.length > 0 && `none of ${missing.join(", ")}`,
        more.length > 0 && `${more.join(", ")} too`,
      ]
        .filter(Boolean)
        .join(", and ") || `${labels.size} of them, each once`,
    cure: "Name in options.labels those that the model was trained on.",
  });
}
