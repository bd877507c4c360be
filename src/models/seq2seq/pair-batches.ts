// The batches of a training: pairs of about one length on both sides.
import { OptionError } from "../../core/errors.js";
import type { BatchSource } from "../../data/batches.js";
import { trainingBatches, type Prepared } from "../../data/examples.js";
import { tokenBatches } from "../../data/token-batches.js";
import type { EncodedExample, FitSettingsOf } from "../kit/task-types.js";
import { checkBatching } from "./fit-options.js";
import type { Types } from "./scoring.js";

type Pair = EncodedExample<Types>;

/** More tokens than a source has. */
const FAR = 0x100000;

/** As many pairs each, or as many tokens. */
export function pairBatches(
  op: string,
  pairs: Prepared<Pair>,
  settings: FitSettingsOf<Types>,
): BatchSource<Pair[]> {
  const { batchTokens: most } = settings;
  if (most === undefined) {
    const lengthOf = ({ encoded, target }: Pair) => target.ids.length * FAR + encoded.length;
    return trainingBatches(op, pairs, lengthOf, settings);
  }
  // Neither has a default where the other is given.
  checkBatching(op, settings);
  if ("open" in pairs)
    throw new OptionError({
      op,
      expected: "batchTokens for a list of pairs",
      got: "a stream",
      cure: "Give batchSize; or hold the pairs: a file is read whole where bufferSize is larger.",
    });
  const lengthsOf = ({ encoded, target }: Pair) => [target.ids.length, encoded.length];
  return tokenBatches(pairs, { most, lengthsOf });
}
