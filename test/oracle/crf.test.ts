// The CRF's losses and gradients against PyTorch.
import { describe, it } from "vitest";
import { CRF } from "../../src/nn/index.js";
import type { Tensor } from "../../src/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, withLayer } from "./check-case.js";

const int = (x: Tensor | undefined): Tensor<"int32"> => x as unknown as Tensor<"int32">;

describe("CRF", () => {
  const cases = casesOf(oracleCases("crf"), "crf");
  it.each(cases.map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    const tags = oracle.constant("in", "emissions").shape.at(-1)!;
    withLayer(new CRF(tags), (layer) => {
      checkCase(
        oracle,
        ({ emissions, targets, lengths }) => {
          const options = { lengths: int(lengths), reduction: "none" } as const;
          return { losses: layer.loss(emissions!, int(targets), options) };
        },
        { layer },
      );
    });
  });
});
