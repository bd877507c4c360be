// The batches of a training: where the others are the negatives, nothing that belongs together meets by chance.
import { OptionError } from "../../core/errors.js";
import { Fingerprint } from "../../core/fingerprint.js";
import type { BatchSource } from "../../data/batches.js";
import { distinctBatches } from "../../data/distinct-batches.js";
import { countOf, trainingBatches, type Prepared } from "../../data/examples.js";
import { labelBatches } from "../../data/label-batches.js";
import type { EncodedInputs, ExampleKind, InputPair, Target } from "./example.js";
import type { SiameseLoss } from "./options.js";

/** What of an encoded example decides its batch. */
interface Batched {
  readonly example: object;
  readonly encoded: EncodedInputs;
  readonly target: Target;
}

export interface SiameseBatching {
  readonly kind: ExampleKind;
  readonly loss: SiameseLoss;
  readonly batchSize: number;
  readonly bufferSize: number | undefined;
  readonly perLabel: number;
}

export function siameseBatches<One extends Batched>(
  op: string,
  examples: Prepared<One>,
  lengthOf: (one: One) => number,
  settings: SiameseBatching,
): BatchSource<One[]> {
  const { kind, loss, batchSize, perLabel } = settings;
  if (kind === "labelled inputs") {
    if ("open" in examples)
      throw new OptionError({
        op,
        expected: "labelled inputs in a list",
        got: "a stream",
        cure: "A batch takes several examples of each label: hold them in an array.",
      });
    return labelBatches(op, examples, {
      batchSize,
      perLabel: loss === "batchHard" ? perLabel : 2,
      labelOf: ({ target }) => target as string,
    });
  }
  const arranged = trainingBatches(op, examples, lengthOf, settings);
  if (loss === "contrastive" || loss === "cosine") return arranged;
  return distinctBatches<One>(arranged, { count: countOf(examples), batchSize, keysOf: keys() });
}

/** The id of a pair, and what its inputs are, as the network reads them. */
function keys(): (one: Batched) => readonly string[] {
  const known = new WeakMap<object, readonly string[]>();
  return (one) => {
    let own = known.get(one.encoded);
    if (!own) {
      const { id } = one.example as InputPair;
      own = one.encoded.map((input) => {
        const print = new Fingerprint();
        print.addData(input);
        return String(print);
      });
      if (id !== undefined) own = [...own, `id ${id}`];
      known.set(one.encoded, own);
    }
    return own;
  };
}
