// Linear, Embedding, LayerNorm and BatchNorm against PyTorch.
import { describe, expect, it } from "vitest";
import { Embedding, LayerNorm, Linear, scope, type Tensor } from "../../src/index.js";
import { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from "../../src/nn/index.js";
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

describe("BatchNorm", () => {
  it.each(named<BatchNormOptions>("batchNorm"))("%s", (_, oracle) => {
    const [, features, ...spatial] = oracle.constant("in", "x0").shape as [
      number,
      number,
      ...number[],
    ];
    const Kind = spatial.length === 2 ? BatchNorm2d : BatchNorm1d;
    const parameters = oracle.names("param");
    withLayer(new Kind(features, oracle.options), (layer) => {
      scope(() => {
        for (const name of parameters)
          layer[name as "weight"]!.set(oracle.constant("param", name).data);
      });
      const compute = ({ x0, x1, x2 }: Leaves): Outputs => {
        const [y0, y1] = [layer.forward(x0!), layer.forward(x1!)];
        const y2 = layer.eval().forward(x2!);
        const { running_mean: mean, running_var: spread } = layer;
        return { y0, y1, y2, ...(mean && spread ? { mean, var: spread } : {}) };
      };
      checkCase(oracle, compute, { trained: layer });
      if (layer.num_batches_tracked) expect(layer.num_batches_tracked.item()).toBe(2);
    });
  });
});
