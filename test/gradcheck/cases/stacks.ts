// Recurrent layers as users make them: several deep, in both directions, with dropout between.
import { GRU, LSTM, manualSeed, RNN, type Module, type Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase, type Input } from "../check.js";
import {
  advanceGRU,
  advanceLSTM,
  advanceRNN,
  layerTwin,
  type Advance,
  type TwinWeights,
} from "../recurrent-twin.js";
import { at, build, type Twin } from "../twin.js";
import { maskOf } from "./layers.js";

interface Stack extends Module {
  forward(
    x: Tensor,
    options: { state: Record<string, Tensor>; lengths?: readonly number[] },
  ): { output: Tensor; state: Record<string, Tensor> };
}

interface Kind {
  make: new (inputSize: number, hiddenSize: number, options: object) => Module;
  advance: Advance;
  parts: string[];
}

interface Sizes {
  batch: number;
  time: number;
  lengths?: number[];
  numLayers: number;
  bidirectional?: boolean;
  bias?: boolean;
  dropout?: number;
}

const [INPUT, HIDDEN, SEED] = [2, 3, 11];

function stackCase({ make, advance, parts }: Kind, sizes: Sizes): GradientCase {
  const { batch, time, lengths, ...options } = sizes;
  const { numLayers, bidirectional = false, dropout = 0 } = options;
  const module = (): Module => new make(INPUT, HIDDEN, options);
  const suffixes = bidirectional ? ["", "_reverse"] : [""];
  const directions = suffixes.length;
  const inputs: Record<string, Input> = { x: float([batch, time, INPUT], { step: 1 / 16 }) };
  [...parts.entries()].forEach(([i, part]) => {
    const shape = [numLayers * directions, batch, HIDDEN];
    inputs[part] = float(shape, { seed: 2 + i, step: 1 / 16 });
  });
  const made = module();
  [...made.namedParameters()].forEach(([name, { shape }], i) => {
    inputs[name] = float(shape, { seed: 10 + i, step: 1 / 32 });
  });
  made.dispose();
  if (lengths) inputs["lengths"] = ints([batch], lengths);

  return {
    inputs,
    module,
    run: (given, layer) => {
      manualSeed(SEED);
      const state = Object.fromEntries(parts.map((part) => [part, given[part]!]));
      const result = (layer as Stack).forward(given["x"]!, {
        state,
        ...(lengths ? { lengths } : {}),
      });
      return [result.output, ...parts.map((part) => result.state[part]!)];
    },
    twin: (given) => {
      manualSeed(SEED);
      const initial = parts.map((part) => given[part]!);
      const finals: Twin[][] = [];
      let current = given["x"]!;
      for (let layer = 0; layer < numLayers; layer++) {
        const weights = suffixes.map((suffix) => weightsOf(given, `l${layer}${suffix}`));
        const settings = { lengths: given["lengths"], slot: layer * directions };
        const [output, ...final] = layerTwin(advance, current, initial, weights, settings);
        finals.push(final);
        current = output!;
        if (dropout === 0 || layer === numLayers - 1) continue;
        const mask = maskOf([time, batch, directions * HIDDEN], dropout);
        current = build(output!.shape, ([row, t, j]) => {
          return at(output!, [row!, t!, j!]) * at(mask, [t!, row!, j!]);
        });
      }
      const states = initial.map(({ shape }, part) =>
        build(shape, ([slot, row, j]) => {
          const final = finals[Math.floor(slot! / directions)]![part]!;
          return at(final, [slot! % directions, row!, j!]);
        }),
      );
      return [current, ...states];
    },
    tolerance: { absolute: 2e-5, relative: 1e-5 },
  };
}

const weightsOf = (given: Record<string, Twin>, end: string): TwinWeights => ({
  inputWeight: given[`weight_ih_${end}`]!,
  hiddenWeight: given[`weight_hh_${end}`]!,
  inputBias: given[`bias_ih_${end}`],
  hiddenBias: given[`bias_hh_${end}`],
});

const casesOf = (kind: Kind): GradientCase[] =>
  [
    { batch: 2, time: 3, numLayers: 3, dropout: 0.4 },
    { batch: 2, time: 3, numLayers: 2, bidirectional: true, lengths: [3, 2], dropout: 0.5 },
    { batch: 1, time: 2, numLayers: 2, bidirectional: true, bias: false },
    { batch: 3, time: 3, numLayers: 2, lengths: [0, 3, 1] },
  ].map((sizes) => stackCase(kind, sizes));

export const stacks: Record<string, GradientCase[]> = {
  RNN: casesOf({ make: RNN, advance: advanceRNN(Math.tanh), parts: ["h"] }),
  GRU: casesOf({ make: GRU, advance: advanceGRU, parts: ["h"] }),
  LSTM: casesOf({ make: LSTM, advance: advanceLSTM, parts: ["h", "c"] }),
};
