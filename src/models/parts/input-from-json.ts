import { described } from "../../core/described.js";
import { definedOnly } from "../../core/check.js";
import { FormatError } from "../../core/errors.js";
import { tokenizerFromJSON } from "../../text/tokenizer.js";
import type { InputLayer } from "./input.js";
import { SeriesInput, type Series } from "./series-input.js";
import { TextInput } from "./text-input.js";

/**
 * An input layer from what its `toJSON` gave, parsed again; its weights are still to be put in.
 *
 * @throws FormatError for anything else
 */
export function inputFromJSON(data: unknown): InputLayer<string> | InputLayer<Series> {
  const known = Object(data) as Partial<ReturnType<(TextInput | SeriesInput)["toJSON"]>>;
  if (known.type === "text") {
    const { tokenizer, embeddingSize, wordDropout, freezeVectors } = known;
    return new TextInput(
      tokenizerFromJSON(tokenizer),
      definedOnly({ embeddingSize, wordDropout, freezeVectors }),
    );
  }
  if (known.type === "series") {
    const features = known.features!;
    // Checks the number first.
    const plain = new SeriesInput(features);
    if (!known.normalized) return plain;
    return new SeriesInput(features, {
      mean: new Float32Array(features),
      std: new Float32Array(features),
    });
  }
  throw new FormatError({
    op: "load",
    expected: 'an input of type "text" or "series"',
    got: described(known.type),
    cure: "Was it saved by a later version?",
  });
}
