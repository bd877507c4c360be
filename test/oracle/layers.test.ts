// Linear, Embedding and LayerNorm against PyTorch.
import { describe, it } from "vitest";
import { Embedding, LayerNorm, Linear, type Tensor } from "../../src/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, withLayer, type Leaves, type Outputs } from "./check-case.js";

const cases = oracleCases("layers");
const named = <Options>(op: string) =>
  casesOf<Options>(cases, op).map((each) => [each.name, each] as const);

interface LinearOptions {
  inFeatures: number;
  outFeatures: number;
  bias: boolean;
}
describe("Linear", () => {
  it.each(named<LinearOptions>("linear"))("%s", (_, oracle) => {
    const { inFeatures, outFeatures, bias } = oracle.options;
    withLayer(new Linear(inFeatures, outFeatures, { bias }), (layer) =>
      checkCase(oracle, ({ x }) => ({ output: layer.forward(x!) }), { layer }),
    );
  });
});

interface EmbeddingOptions {
  numEmbeddings: number;
  embeddingDim: number;
  paddingIdx?: number;
}
describe("Embedding", () => {
  it.each(named<EmbeddingOptions>("embedding"))("%s", (_, oracle) => {
    const { numEmbeddings, embeddingDim, ...rest } = oracle.options;
    withLayer(new Embedding(numEmbeddings, embeddingDim, rest), (layer) => {
      const compute = ({ ids }: Leaves): Outputs => ({
        output: layer.forward(ids as unknown as Tensor<"int32">),
      });
      checkCase(oracle, compute, { layer });
    });
  });
});

interface NormOptions {
  normalizedShape: number[];
  eps: number;
  elementwiseAffine: boolean;
}
describe("LayerNorm", () => {
  it.each(named<NormOptions>("layerNorm"))("%s", (_, oracle) => {
    const { normalizedShape, ...options } = oracle.options;
    withLayer(new LayerNorm(normalizedShape, options), (layer) =>
      checkCase(oracle, ({ x }) => ({ output: layer.forward(x!) }), { layer }),
    );
  });
});
