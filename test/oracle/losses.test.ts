// Losses against PyTorch.
import { describe, it } from "vitest";
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  l1Loss,
  mseLoss,
  nllLoss,
  type Tensor,
} from "../../src/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, type Leaves } from "./check-case.js";

const cases = oracleCases("losses");

/** A loss as the cases call it: what it compares, and every option the case names. */
type Loss = (input: Tensor, target: Tensor, options: Record<string, unknown>) => Tensor;

/** Inputs beyond these two are tensors that PyTorch takes as options. */
function run(loss: Loss, { input, target, ...tensors }: Leaves, options: object): Tensor {
  return loss(input!, target!, { ...options, ...tensors });
}

describe.each([
  ["crossEntropy", crossEntropy],
  ["nllLoss", nllLoss],
  ["mseLoss", mseLoss],
  ["l1Loss", l1Loss],
  ["binaryCrossEntropyWithLogits", binaryCrossEntropyWithLogits],
] as unknown as [string, Loss][])("%s", (op, loss) => {
  it.each(casesOf(cases, op).map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    checkCase(oracle, (leaves) => ({ loss: run(loss, leaves, oracle.options) }));
  });
});
