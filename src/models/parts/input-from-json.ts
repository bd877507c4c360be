import { described } from "../../core/described.js";
import { definedOnly } from "../../core/check.js";
import { FormatError } from "../../core/errors.js";
import { tokenizerFromJSON } from "../../text/tokenizer.js";
import type { InputLayer } from "./input.js";
import type { Recording } from "./recording.js";
import { SeriesInput, type Series } from "./series-input.js";
import { SoundInput } from "./sound-input.js";
import { TextInput } from "./text-input.js";

/**
 * An input layer from what its `toJSON` gave, parsed again; its weights are still to be put in.
 *
 * @throws FormatError for anything else
 */
export function inputFromJSON(
  data: unknown,
): InputLayer<string> | InputLayer<Series> | InputLayer<Recording> {
  type Known = ReturnType<(TextInput | SeriesInput | SoundInput)["toJSON"]>;
  const known = Object(data) as Partial<Known>;
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
  if (known.type === "sound") return SoundInput.fromJSON(known as ReturnType<SoundInput["toJSON"]>);
  throw new FormatError({
    op: "load",
    expected: 'an input of type "text", "series" or "sound"',
    got: described(known.type),
    cure: "Was it saved by a later version?",
  });
}
