// One vector for each of many inputs: what models that embed share.
import { noGrad } from "../../autograd/mode.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import type { Module } from "../../nn/module.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { foundInBatches } from "./example-model.js";
import { refuseNonFiniteLogits } from "./task-model.js";

/**
 * The rows that a model gives for encoded inputs, in their order, in batches of about one length.
 *
 * @param forward a batch → `[batch, size]`
 * @throws NumericError where they are not finite
 */
export function rowVectors<Encoded>(
  op: string,
  model: Module,
  encoded: readonly Encoded[],
  lengthOf: (one: Encoded) => number,
  forward: (batch: readonly Encoded[]) => Tensor,
): Float32Array<ArrayBuffer>[] {
  return foundInBatches(encoded, lengthOf, (batch) => {
    const all = inEvaluation(model, () =>
      scope(() =>
        noGrad(() => {
          const vectors = forward(batch);
          refuseNonFiniteLogits(op, { vectors });
          return vectors.data() as Float32Array<ArrayBuffer>;
        }),
      ),
    );
    const size = all.length / batch.length;
    return batch.map((_, row) => all.slice(row * size, (row + 1) * size));
  });
}
