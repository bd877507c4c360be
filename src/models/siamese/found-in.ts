// The parts of a network, found in examples.
import { definedOnly } from "../../core/check.js";
import { checkLike, checkRecord } from "../../core/check-like.js";
import { checkExample, counted, inPlace, type Examples } from "../../data/examples.js";
import { chosenNote, type ModelNotes } from "../kit/model-file.js";
import type { InputLayer } from "../parts/input.js";
import { text, TextInput } from "../parts/text-input.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { chooseModel } from "./defaults.js";
import { inputsOf, targetOf, type SiameseExample } from "./example.js";
import type { BuildSiameseOptions, SiameseOptions } from "./options.js";

export interface FoundParts<Input> {
  readonly input: InputLayer<Input>;
  readonly own: SiameseOptions;
  readonly notes: ModelNotes;
}

/** Goes through examples for the words that they have, and makes a network of those. */
export function foundIn<Input, M>(
  { op, item }: { op: string; item: string },
  examples: Examples<SiameseExample<Input>>,
  given: BuildSiameseOptions<Input>,
  make: (parts: FoundParts<Input>) => M,
): M | Promise<M> {
  checkRecord(op, "options in an object", given);
  const { input = text() as never, ...options } = given;
  checkLike(op, "text() or series() as input", "counter", input);
  const counter = input.counter(op);
  return counted(
    { op, item },
    examples,
    (example: SiameseExample<Input>, place) =>
      inPlace(item, place, () => {
        checkExample(op, item, example);
        targetOf(op, example, false);
        for (const one of inputsOf(op, example)) counter.add(one);
      }),
    () => {
      const layer = counter.layer();
      const characters = layer instanceof TextInput && layer.tokenizer instanceof CharTokenizer;
      const chosen = chooseModel({ input: input.type, characters }, options);
      return make({
        input: layer,
        own: { ...chosen, ...definedOnly(options) } as SiameseOptions,
        notes: chosenNote({ ...chosen, ...counter.chosen }, options),
      });
    },
  );
}
