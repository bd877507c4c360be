// Whole sequences, fused, against the plain recurrence.
import { lstmSequence } from "../../../src/ops/lstm.js";
import { manualSeed, type Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase, type Input } from "../check.js";
import { lstmTwin, type TwinWeights } from "../lstm-twin.js";
import { maskOf } from "./layers.js";

interface Sizes {
  batch: number;
  time: number;
  input: number;
  hidden: number;
  layers?: number;
  bidirectional?: boolean;
  bias?: boolean;
  dropout?: number;
  lengths?: number[];
}

const WEIGHTS = ["inputWeight", "hiddenWeight", "inputBias", "hiddenBias"] as const;

function lstmCase(sizes: Sizes): GradientCase {
  const { batch, time, input, hidden } = sizes;
  const { layers = 1, bidirectional = false, bias = true, dropout = 0, lengths } = sizes;
  const directions = bidirectional ? 2 : 1;
  const slots = Array.from({ length: layers * directions }, (_, slot) => slot);
  const inputs: Record<string, Input> = {
    x: float([batch, time, input], { step: 1 / 16 }),
    h: float([slots.length, batch, hidden], { seed: 2, step: 1 / 16 }),
    c: float([slots.length, batch, hidden], { seed: 3, step: 1 / 16 }),
  };
  for (const slot of slots) {
    const features = slot < directions ? input : directions * hidden;
    const add = (name: string, shape: number[]): void => {
      inputs[`${name}${slot}`] = float(shape, { seed: 10 * slot + shape.length, step: 1 / 64 });
    };
    add("inputWeight", [4 * hidden, features]);
    add("hiddenWeight", [4 * hidden, hidden]);
    if (bias) add("inputBias", [4 * hidden]);
    if (bias) add("hiddenBias", [4 * hidden]);
  }
  if (lengths) inputs["lengths"] = ints([batch], lengths);

  const weightsOf = <T>(given: Record<string, T>): Record<(typeof WEIGHTS)[number], T>[] =>
    slots.map((slot) => {
      const named = WEIGHTS.map((name) => [name, given[`${name}${slot}`]] as const);
      return Object.fromEntries(named) as Record<(typeof WEIGHTS)[number], T>;
    });

  return {
    inputs,
    run: (given) => {
      manualSeed(11);
      const [x, h, c] = [given["x"]!, given["h"]!, given["c"]!];
      return lstmSequence(x, { h, c }, weightsOf<Tensor>(given), {
        hiddenSize: hidden,
        bidirectional,
        dropout,
        lengths: lengths && Int32Array.from(lengths),
        stateShape: h.shape,
      });
    },
    twin: (given) => {
      manualSeed(11);
      const shape = [time, batch, hidden * directions];
      const masks = dropout > 0 ? slots.slice(1, layers).map(() => maskOf(shape, dropout)) : [];
      const weights: TwinWeights[] = weightsOf(given);
      return lstmTwin(given["x"]!, given["h"]!, given["c"]!, weights, {
        bidirectional,
        lengths: given["lengths"],
        masks,
      });
    },
    tolerance: { absolute: 2e-5, relative: 1e-5 },
  };
}

export const recurrent: Record<string, GradientCase[]> = {
  lstmSequence: [
    lstmCase({ batch: 1, time: 1, input: 1, hidden: 1 }),
    lstmCase({ batch: 2, time: 4, input: 3, hidden: 5 }),
    lstmCase({ batch: 3, time: 3, input: 2, hidden: 4, bias: false, lengths: [2, 0, 3] }),
    lstmCase({ batch: 1, time: 5, input: 3, hidden: 3, lengths: [3] }),
    lstmCase({ batch: 2, time: 3, input: 2, hidden: 3, layers: 2, bidirectional: true }),
    lstmCase({ batch: 2, time: 3, input: 2, hidden: 3, bidirectional: true, lengths: [1, 3] }),
    lstmCase({
      batch: 3,
      time: 4,
      input: 2,
      hidden: 3,
      layers: 2,
      lengths: [4, 1, 2],
      bidirectional: true,
    }),
    lstmCase({
      batch: 1,
      time: 1,
      input: 3,
      hidden: 2,
      layers: 2,
      bidirectional: true,
      bias: false,
    }),
    lstmCase({ batch: 2, time: 3, input: 3, hidden: 4, layers: 3, dropout: 0.4 }),
    lstmCase({
      batch: 2,
      time: 3,
      input: 2,
      hidden: 3,
      layers: 2,
      dropout: 0.5,
      bidirectional: true,
      lengths: [3, 2],
    }),
  ],
};
