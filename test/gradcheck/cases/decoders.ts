// What decoders are made of: attention of single queries, and layers that read what it made of the step before.
import { attend } from "../../../src/ops/decoder/attend.js";
import { attentionRecurrence } from "../../../src/ops/decoder/recurrence.js";
import { gru } from "../../../src/ops/recurrent/gru.js";
import type { Cell } from "../../../src/ops/recurrent/layer.js";
import { lstm } from "../../../src/ops/recurrent/lstm.js";
import { rnn } from "../../../src/ops/recurrent/rnn.js";
import type { Tensor } from "../../../src/index.js";
import { fixed, float, ints, type GradientCase, type Input } from "../check.js";
import {
  advanceGRU,
  advanceLSTM,
  advanceRNN,
  type Advance,
  type Parts,
  type TwinWeights,
} from "../recurrent-twin.js";
import { at, build, type Twin } from "../twin.js";

interface Score {
  additive?: boolean;
  scale?: number;
}

/** Weights and context of a row's query. */
function attendTwin(
  { keys, values, mask, v }: Record<string, Twin>,
  row: number,
  query: readonly number[],
  scale: number,
): { weights: number[]; context: number[] } {
  const [, S, K] = keys!.shape as [number, number, number];
  const M = values!.shape[2]!;
  const counts = (s: number): boolean => !mask || at(mask, [row, 0, s]) !== 0;
  const exps = Array.from({ length: S }, (_, s) => {
    if (!counts(s)) return 0;
    let score = 0;
    for (let k = 0; k < K; k++) {
      const key = at(keys!, [row, s, k]);
      score += v ? at(v, [0, k]) * Math.tanh(query[k]! + key) : scale * query[k]! * key;
    }
    return Math.exp(score);
  });
  const total = exps.reduce((a, b) => a + b, 0);
  const weights = exps.map((e) => (total === 0 ? 0 : e / total));
  const context = Array.from({ length: M }, (_, m) =>
    weights.reduce((sum, w, s) => sum + w * at(values!, [row, s, m]), 0),
  );
  return { weights, context };
}

/** A row of a matrix's product with a vector. */
const times = (weight: Twin, vector: readonly number[]): number[] =>
  Array.from({ length: weight.shape[0]! }, (_, row) =>
    vector.reduce((sum, value, k) => sum + at(weight, [row, k]) * value, 0),
  );

const lengthsOf = (lengths: number[] | undefined): Int32Array | undefined =>
  lengths && Int32Array.from(lengths);

function attendCase(
  [B, T, S, K, M]: readonly [number, number, number, number, number],
  { additive = false, scale = 1 }: Score,
  mask?: number[],
  lengths?: number[],
): GradientCase {
  const inputs: Record<string, Input> = {
    query: float([B, T, K], { step: 1 / 16 }),
    keys: float([B, S, K], { seed: 2, step: 1 / 32 }),
    values: float([B, S, M], { seed: 3 }),
  };
  if (additive) inputs["v"] = float([1, K], { seed: 4, step: 1 / 8 });
  if (mask) inputs["mask"] = ints([B, 1, S], mask);
  return {
    inputs,
    run: ({ query, keys, values, v, mask }) => {
      const counts = mask as Tensor<"int32"> | undefined;
      const attended = { keys: keys!, values: values!, mask: counts, v, scale };
      return [...attend(query!, attended, lengthsOf(lengths))];
    },
    twin: (given) => {
      const all = Array.from({ length: B }, (_, row) =>
        Array.from({ length: T }, (_, t) => {
          if (lengths && t >= lengths[row]!) return undefined;
          const query = Array.from({ length: K }, (_, k) => at(given["query"]!, [row, t, k]));
          return attendTwin(given, row, query, scale);
        }),
      );
      return [
        build([B, T, M], ([row, t, m]) => all[row!]![t!]?.context[m!] ?? 0),
        build([B, T, S], ([row, t, s]) => all[row!]![t!]?.weights[s!] ?? 0),
      ];
    },
  };
}

interface Kind {
  cell: Cell;
  advance: Advance;
}

const LSTM: Kind = { cell: lstm, advance: advanceLSTM };
const GRU: Kind = { cell: gru, advance: advanceGRU };
const RNN: Kind = { cell: rnn, advance: advanceRNN(Math.tanh) };

interface Form extends Score {
  B: number;
  T: number;
  layers?: number;
  encoding?: number;
  residual?: boolean;
  /** The size of the attentional vector; without it the context is fed back. */
  combine?: number;
  bias?: boolean;
  lengths?: number[];
  mask?: number[];
  /** Dropout's masks: of all steps, or one for all. */
  masked?: "each" | "locked";
  needWeights?: boolean;
}

const [I, H, S, M] = [2, 3, 3, 4];

function recurrenceCase({ cell, advance }: Kind, form: Form): GradientCase {
  const { B, T, layers = 1, encoding = 0, residual = false, combine, bias = true } = form;
  const { additive = false, scale = 1, lengths, mask, masked, needWeights = true } = form;
  const K = additive ? 5 : H;
  const F = combine ?? M;
  const inputs: Record<string, Input> = {
    x: float([B, T, encoding + I], { step: 1 / 16 }),
    keys: float([B, S, K], { seed: 2, step: 1 / 16 }),
    values: float([B, S, M], { seed: 3, step: 1 / 16 }),
    feed: float([B, F], { seed: 4, step: 1 / 8 }),
  };
  cell.parts.forEach((part, i) => {
    inputs[part] = float([layers, B, H], { seed: 5 + i, step: 1 / 16 });
  });
  if (additive) inputs["v"] = float([1, K], { seed: 7, step: 1 / 8 });
  if (additive) inputs["queryWeight"] = float([K, H], { seed: 8, step: 1 / 16 });
  if (combine) inputs["combine"] = float([F, M + H], { seed: 9, step: 1 / 32 });
  if (mask) inputs["mask"] = ints([B, 1, S], mask);
  const rows = cell.gates * H;
  const steps = masked === "locked" ? 1 : T;
  for (let l = 0; l < layers; l++) {
    const add = (name: string, ...shape: number[]): void => {
      inputs[`${name}${l}`] = float(shape, { seed: 10 * l + shape.length, step: 1 / 64 });
    };
    add("inputWeight", rows, encoding + (l === 0 ? I + F : H));
    add("hiddenWeight", rows, H);
    if (bias) add("inputBias", rows);
    if (bias) add("hiddenBias", rows);
    if (!masked) continue;
    inputs[`recurrentMask${l}`] = fixed(float([B, H], { seed: 30 + l, step: 1 / 4 }));
    if (l > 0) inputs[`belowMask${l}`] = fixed(float([steps, B, H], { seed: 40 + l, step: 1 / 8 }));
  }
  if (masked && combine)
    inputs["attentionalMask"] = fixed(float([steps, B, F], { seed: 50, step: 1 / 8 }));
  const each = <X>(given: Record<string, X>, name: string, from = 0): X[] =>
    Array.from({ length: layers - from }, (_, l) => given[`${name}${from + l}`]!);
  const weightsOf = <X>(given: Record<string, X>, l: number) => ({
    inputWeight: given[`inputWeight${l}`]!,
    hiddenWeight: given[`hiddenWeight${l}`]!,
    inputBias: given[`inputBias${l}`],
    hiddenBias: given[`hiddenBias${l}`],
  });

  return {
    inputs,
    run: (given) => [
      ...attentionRecurrence(given["x"]!, {
        cell,
        layers: Array.from({ length: layers }, (_, l) => weightsOf(given, l)),
        encodingSize: encoding,
        residual,
        attended: {
          ...{ keys: given["keys"]!, values: given["values"]!, v: given["v"], scale },
          mask: given["mask"] as Tensor<"int32"> | undefined,
        },
        queryWeight: given["queryWeight"],
        combine: given["combine"],
        initial: cell.parts.map((part) => given[part]!),
        feed: given["feed"]!,
        lengths: lengthsOf(lengths),
        masks: {
          recurrent: masked && each(given, "recurrentMask"),
          below: masked && each(given, "belowMask", 1),
          attentional: given["attentionalMask"],
        },
        needWeights,
      }),
    ],
    twin: (given) => {
      const joined = combine ? F : H + M;
      const output = Array.from({ length: B }, () =>
        Array.from({ length: T }, () => new Array<number>(joined).fill(0)),
      );
      const shares = Array.from({ length: B }, () =>
        Array.from({ length: T }, () => new Array<number>(S).fill(0)),
      );
      const masking = (name: string, t: number, row: number, vector: readonly number[]) => {
        const own = given[name];
        if (!own) return vector;
        const at3 = own.shape.length === 3 ? [own.shape[0] === 1 ? 0 : t] : [];
        return vector.map((value, j) => value * at(own, [...at3, row, j]));
      };
      const finals = Array.from({ length: B }, (_, row) => {
        const states: Parts[] = Array.from({ length: layers }, (_, l) =>
          cell.parts.map((part) =>
            Array.from({ length: H }, (_, j) => at(given[part]!, [l, row, j])),
          ),
        );
        let feed = Array.from({ length: F }, (_, j) => at(given["feed"]!, [row, j]));
        for (let t = 0; t < (lengths?.[row] ?? T); t++) {
          const x = Array.from({ length: encoding + I }, (_, j) => at(given["x"]!, [row, t, j]));
          let below: readonly number[] = [];
          for (let l = 0; l < layers; l++) {
            const read =
              l === 0
                ? [...x, ...feed]
                : [...x.slice(0, encoding), ...masking(`belowMask${l}`, t, row, below)];
            const own: TwinWeights = weightsOf(given, l);
            states[l] = advance(read, states[l]!, own, (h) => [
              ...masking(`recurrentMask${l}`, t, row, h),
            ]);
            const h = states[l]![0]!;
            below = residual && l > 0 ? h.map((value, j) => value + below[j]!) : h;
          }
          const query = given["queryWeight"] ? times(given["queryWeight"], below) : below;
          const { weights, context } = attendTwin(given, row, query, scale);
          shares[row]![t] = weights;
          if (given["combine"]) {
            const vector = times(given["combine"], [...context, ...below]).map(Math.tanh);
            feed = [...masking("attentionalMask", t, row, vector)];
            output[row]![t] = feed;
          } else {
            feed = context;
            output[row]![t] = [...below, ...context];
          }
        }
        return { states, feed };
      });
      const ordered = combine
        ? build([B, T, joined], ([row, t, j]) => output[row!]![t!]![j!]!)
        : build([T, B, joined], ([t, row, j]) => output[row!]![t!]![j!]!);
      return [
        ordered,
        build([B, F], ([row, j]) => finals[row!]!.feed[j!]!),
        ...cell.parts.map((_, p) =>
          build([layers, B, H], ([l, row, j]) => finals[row!]!.states[l!]![p]![j!]!),
        ),
        ...(needWeights ? [build([B, T, S], ([row, t, s]) => shares[row!]![t!]![s!]!)] : []),
      ];
    },
    tolerance: { absolute: 3e-5, relative: 2e-5 },
  };
}

export const decoders: Record<string, GradientCase[]> = {
  attend: [
    attendCase([1, 1, 1, 1, 1], {}),
    attendCase([2, 3, 4, 5, 6], { scale: 0.5 }),
    attendCase([2, 2, 3, 20, 19], { scale: 0.25 }, [1, 0, 1, 0, 1, 1]),
    attendCase([2, 3, 4, 5, 3], { additive: true }, [1, 1, 0, 1, 1, 1, 1, 0], [1, 3]),
    attendCase([2, 2, 2, 9, 2], { additive: true }, [0, 0, 1, 1]),
  ],
  attentionRecurrence: [
    recurrenceCase(LSTM, { B: 1, T: 1, combine: 2 }),
    recurrenceCase(LSTM, { B: 2, T: 3, combine: 4, lengths: [3, 1] }),
    recurrenceCase(LSTM, { B: 2, T: 2, additive: true, combine: 2, layers: 2, residual: true }),
    recurrenceCase(GRU, {
      ...{ B: 3, T: 3, layers: 2, encoding: 2, combine: 3, lengths: [2, 0, 3], bias: false },
      mask: [1, 1, 1, 1, 0, 0, 1, 0, 1],
    }),
    recurrenceCase(GRU, { B: 2, T: 2, scale: 0.5, layers: 1, needWeights: false }),
    recurrenceCase(RNN, { B: 2, T: 3, encoding: 1, lengths: [3, 2] }),
    recurrenceCase(RNN, { B: 1, T: 3, additive: true, lengths: [2] }),
    recurrenceCase(LSTM, { B: 2, T: 2, layers: 2, combine: 3, masked: "each", residual: true }),
    recurrenceCase(GRU, { B: 2, T: 3, layers: 2, combine: 2, masked: "locked", lengths: [3, 1] }),
    recurrenceCase(RNN, { B: 2, T: 2, masked: "each" }),
  ],
};
