// Attention against PyTorch.
import { describe, it } from "vitest";
import type { Tensor } from "../../src/index.js";
import { MultiheadAttention, scaledDotProductAttention } from "../../src/nn/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, withLayer } from "./check-case.js";

const cases = oracleCases("attention");
const named = <Options>(op: string) =>
  casesOf<Options>(cases, op).map((each) => [each.name, each] as const);

describe("scaledDotProductAttention", () => {
  it.each(named<{ causal: boolean }>("scaledDotProductAttention"))("%s", (_, oracle) => {
    checkCase(oracle, ({ query, key, value, mask }) => {
      const given = { ...oracle.options, mask: mask as unknown as Tensor<"int32"> | undefined };
      return { output: scaledDotProductAttention(query!, key!, value!, given).output };
    });
  });
});

interface MultiheadCase {
  size: number;
  heads: number;
  bias: boolean;
  lengths: number[] | null;
  kdim: number;
  vdim: number;
}
interface MaskedCase {
  size: number;
  heads: number;
  lengths: number[] | null;
  causal: boolean;
}
describe("MultiheadAttention", () => {
  it.each(named<MultiheadCase>("multiheadAttention"))("%s", (_, oracle) => {
    const { size, heads, lengths, ...options } = oracle.options;
    withLayer(new MultiheadAttention(size, heads, options), (layer) =>
      checkCase(
        oracle,
        ({ query, key, value }) => ({
          ...layer.forward(query!, key, value, { needWeights: true, ...(lengths && { lengths }) }),
        }),
        { layer },
      ),
    );
  });

  // By one kernel call, and composed.
  describe.each([false, true])("masked, with weights: %s", (needWeights) => {
    it.each(named<MaskedCase>("multiheadAttentionMasked"))("%s", (_, oracle) => {
      const { size, heads, lengths, causal } = oracle.options;
      withLayer(new MultiheadAttention(size, heads), (layer) =>
        checkCase(
          oracle,
          ({ query, key, value, mask }) => {
            const given = { mask: mask as unknown as Tensor<"int32"> | undefined, causal };
            const options = { ...given, needWeights, ...(lengths && { lengths }) };
            return { output: layer.forward(query!, key, value, options).output };
          },
          { layer },
        ),
      );
    });
  });
});
