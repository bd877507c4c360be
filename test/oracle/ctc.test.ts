// ctcLoss against PyTorch's ctc_loss of log_softmax.
import { describe, it } from "vitest";
import type { Tensor } from "../../src/index.js";
import { ctcLoss, type CtcLossOptions } from "../../src/losses/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase } from "./check-case.js";

describe("ctcLoss", () => {
  const cases = casesOf<CtcLossOptions>(oracleCases("ctc"), "ctcLoss");
  it.each(cases.map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    checkCase(oracle, ({ logits, targets, ...lengths }) => ({
      loss: ctcLoss(logits!, targets as unknown as Tensor<"int32">, {
        ...oracle.options,
        ...(lengths as object),
      }),
    }));
  });
});
