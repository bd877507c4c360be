// Layers of Transformers against PyTorch's.
import { describe, it } from "vitest";
import { LayerNorm, scope, tensor, type DType, type Module, type Tensor } from "../../src/index.js";
import { nameOf } from "../../src/nn/gpt/state.js";
import {
  GPT,
  RMSNorm,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type FeedForwardActivation,
  type TransformerLayerOptions,
} from "../../src/nn/index.js";
import { rotary, type RotaryOptions } from "../../src/ops/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, withLayer, type Leaves, type Outputs } from "./check-case.js";

const cases = oracleCases("transformers");
const named = <Options>(op: string) =>
  casesOf<Options>(cases, op).map((each) => [each.name, each] as const);
const [SIZE, WIDE, HEADS, HIDDEN] = [4, 8, 2, 6];

describe("RMSNorm", () => {
  interface Case {
    normalizedShape: number[];
    elementwiseAffine: boolean;
    eps?: number;
  }
  it.each(named<Case>("rmsNorm"))("%s", (_, oracle) => {
    const { normalizedShape, ...options } = oracle.options;
    withLayer(new RMSNorm(normalizedShape, options), (layer) =>
      checkCase(oracle, ({ x }) => ({ output: layer.forward(x!) }), { layer }),
    );
  });
});

describe("rotary", () => {
  it.each(named<RotaryOptions>("rotary"))("%s", (_, oracle) => {
    checkCase(oracle, ({ x }) => ({ output: rotary(x!, oracle.options) }));
  });
});

interface LayerCase extends TransformerLayerOptions {
  lengths?: number[];
  causal?: boolean;
  masked?: boolean;
  memoryLengths?: number[];
  memoryMasked?: boolean;
}

type Mask = Tensor<"int32"> | undefined;

/** Options of the layer, and of its `forward` for the leaves of a case. */
function split({
  lengths,
  causal,
  masked: _,
  memoryLengths,
  memoryMasked: __,
  ...layer
}: LayerCase) {
  return {
    layer: { ...layer, dimFeedforward: HIDDEN, dropout: 0 },
    own: ({ mask }: Leaves) => ({ lengths, causal, mask: mask as unknown as Mask }),
    read: ({ memoryMask }: Leaves) => ({
      memoryLengths,
      memoryMask: memoryMask as unknown as Mask,
    }),
  };
}

function check<M extends Module>(
  oracle: Parameters<typeof checkCase>[0],
  layer: M,
  compute: (layer: M, leaves: Leaves) => Outputs,
): void {
  withLayer(layer, () => checkCase(oracle, (leaves) => compute(layer, leaves), { layer }));
}

describe("TransformerEncoderLayer", () => {
  it.each([
    ...named<LayerCase>("encoderLayer").map((each) => [...each, SIZE] as const),
    ...named<LayerCase>("wideEncoderLayer").map((each) => [...each, WIDE] as const),
  ])("%s", (_, oracle, size) => {
    const { layer, own } = split(oracle.options);
    check(oracle, new TransformerEncoderLayer(size, HEADS, layer), (made, leaves) => ({
      output: made.forward(leaves["x"]!, own(leaves)),
    }));
  });
});

describe("TransformerDecoderLayer", () => {
  it.each(named<LayerCase>("decoderLayer"))("%s", (_, oracle) => {
    const { layer, own, read } = split(oracle.options);
    check(oracle, new TransformerDecoderLayer(SIZE, HEADS, layer), (made, leaves) => ({
      output: made.forward(leaves["x"]!, leaves["memory"]!, { ...own(leaves), ...read(leaves) }),
    }));
  });
});

type StackCase = Omit<LayerCase, "norm"> & { norm?: boolean };

describe("stacks", () => {
  const stack = (norm?: boolean) => (norm ? { norm: new LayerNorm(SIZE) } : {});

  it.each(named<StackCase>("encoder"))("%s", (_, oracle) => {
    const { norm, ...options } = oracle.options;
    const { layer, own } = split(options);
    const first = new TransformerEncoderLayer(SIZE, HEADS, layer);
    check(oracle, new TransformerEncoder(first, 2, stack(norm)), (made, leaves) => ({
      output: made.forward(leaves["x"]!, own(leaves)),
    }));
  });

  it.each(named<StackCase>("decoder"))("%s", (_, oracle) => {
    const { norm, ...options } = oracle.options;
    const { layer, own, read } = split(options);
    const first = new TransformerDecoderLayer(SIZE, HEADS, layer);
    check(oracle, new TransformerDecoder(first, 2, stack(norm)), (made, leaves) => ({
      output: made.forward(leaves["x"]!, leaves["memory"]!, { ...own(leaves), ...read(leaves) }),
    }));
  });
});

describe("Transformer", () => {
  interface Case extends TransformerLayerOptions {
    causal?: boolean;
    sourceLengths?: number[];
    targetLengths?: number[];
  }
  it.each(named<Case>("transformer"))("%s", (_, oracle) => {
    const { causal, sourceLengths, targetLengths, ...options } = oracle.options;
    const sizes = { numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: HIDDEN, dropout: 0 };
    const model = new Transformer(SIZE, HEADS, { ...options, ...sizes });
    check(oracle, model, (made, { source, target }) => ({
      output: made.forward(source!, target!, { causal, sourceLengths, targetLengths }),
    }));
  });
});

describe("GPT.fromGPT2", () => {
  it.each(named<{ activation: FeedForwardActivation }>("gpt"))("%s", (_, oracle) => {
    scope(() => {
      const state = oracle.names("param").map((name) => {
        const { data, shape } = oracle.constant("param", name);
        return [name, tensor(data, { shape })] as const;
      });
      const gpt = GPT.fromGPT2(new Map<string, Tensor<DType>>(state as [string, Tensor<DType>][]), {
        ...oracle.options,
        numHeads: HEADS,
      });
      // Gradients by the names of the state.
      const parameters = gpt.namedParameters();
      const trained = {
        namedParameters: () =>
          new Map(state.map(([name]) => [name, parameters.get(nameOf(name)!)])),
      } as unknown as Module;
      checkCase(oracle, ({ ids }) => ({ logits: gpt.forward(ids as unknown as Tensor<"int32">) }), {
        trained,
      });
      gpt.dispose();
    });
  });
});
