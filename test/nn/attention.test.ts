import { describe, expect, it } from "vitest";
import {
  IndexError,
  noGrad,
  OptionError,
  scope,
  ShapeError,
  tensor,
  zeros,
} from "../../src/index.js";
import type { Tensor } from "../../src/index.js";
import {
  Attention,
  AttentionPooling,
  LearnedPositions,
  MultiheadAttention,
  poolSequence,
  scaledDotProductAttention,
  SinusoidalPositions,
  sinusoids,
  type AttentionOptions,
  type AttentionScore,
} from "../../src/nn/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";
import { withLayer } from "../oracle/check-case.js";

const numbers = (shape: number[], seed = 1): Tensor =>
  tensor(testRandom(seed).uniforms(shape.reduce((a, b) => a * b)), { shape, requiresGrad: true });

/** The same with NaN where `past` says so. */
const poisoned = (x: Tensor, past: (row: number, step: number) => boolean): Tensor => {
  const [, time, features] = x.shape as [number, number, number];
  const data = x.data().map((v, i) => {
    const step = Math.floor(i / features);
    return past(Math.floor(step / time), step % time) ? NaN : v;
  });
  return tensor(data, { shape: x.shape, requiresGrad: true });
};

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * b[i]!, 0);
const rows = (x: Tensor): number[][] => x.toArray() as number[][];

/** A score from its definition, in double precision. */
function scoreOf(attention: Attention, q: number[], k: number[]): number {
  const { queryProjection, keyProjection, scoreProjection, score, querySize } = attention;
  if (score === "dot") return dot(q, k);
  if (score === "scaledDot") return dot(q, k) / Math.sqrt(querySize);
  const wk = rows(keyProjection!.weight).map((row) => dot(row, k));
  if (score === "general") return dot(q, wk);
  const wq = rows(queryProjection!.weight).map((row) => dot(row, q));
  return dot(
    rows(scoreProjection!.weight)[0]!,
    wq.map((v, i) => Math.tanh(v + wk[i]!)),
  );
}

const SCORES: AttentionOptions[] = [
  { score: "dot", querySize: 4 },
  { score: "scaledDot", querySize: 4 },
  { score: "general", querySize: 4, keySize: 3 },
  { score: "additive", querySize: 4, keySize: 3, hiddenSize: 5 },
];

describe.each(SCORES)("Attention, $score", (options) => {
  const { querySize, keySize = querySize } = options;
  const LENGTHS = [5, 2, 0];

  it("mixes values by the softmax of its score over the keys that count", () => {
    withLayer(new Attention(options), (attention) =>
      scope(() => {
        const [query, keys, values] = [
          numbers([3, 2, querySize]),
          numbers([3, 5, keySize], 2),
          numbers([3, 5, 6], 3),
        ];
        const memory = attention.memory(keys, { values, lengths: LENGTHS });
        const { output, weights } = attention.forward(query, memory, { needWeights: true });
        const [qs, ks, vs] = [query, keys, values].map((x) => x.toArray() as number[][][]);
        const expected = qs!.map((queries, b) =>
          queries.map((q) => {
            const counted = ks![b]!.slice(0, LENGTHS[b]);
            const scores = counted.map((k) => Math.exp(scoreOf(attention, q, k)));
            const total = scores.reduce((a, c) => a + c, 0);
            return ks![b]!.map((_, t) => (scores[t] ?? 0) / (total || 1));
          }),
        );
        expectClose(weights.data(), expected.flat(2), 1e-6, "weights");
        const mixed = expected.flatMap((queries, b) =>
          queries.flatMap((w) =>
            vs![b]![0]!.map((_, f) =>
              dot(
                w,
                vs![b]!.map((v) => v[f]!),
              ),
            ),
          ),
        );
        expectClose(output.data(), mixed, 1e-6, "output");
        expect(output.shape).toEqual([3, 2, 6]);
      }),
    );
  });

  it("lets nothing past a length count, NaN included, in values or gradients", () => {
    withLayer(new Attention(options), (attention) => {
      const results = [false, true].map((dirty) =>
        scope(() => {
          attention.zeroGrad();
          const query = numbers([3, 2, querySize]);
          const keys = numbers([3, 5, keySize], 2);
          const given = dirty ? poisoned(keys, (row, step) => step >= LENGTHS[row]!) : keys;
          const memory = attention.memory(given, { lengths: LENGTHS });
          const { output } = attention.forward(query, memory);
          output
            .mul(numbers([3, 2, keySize], 5))
            .sum()
            .backward();
          const gradients = [query, given, ...attention.parameters()].map((x) => [
            ...x.grad!.data(),
          ]);
          return [[...output.data()], ...gradients];
        }),
      );
      expect(results[1]).toEqual(results[0]);
      expect(results[0]!.flat().every(Number.isFinite)).toBe(true);
    });
  });

  it("takes a decoder's steps one by one from the same memory", () => {
    withLayer(new Attention(options), (attention) =>
      scope(() =>
        noGrad(() => {
          const query = numbers([2, 3, querySize]);
          const mask = tensor(
            [
              [1, 0, 1, 1],
              [0, 1, 1, 0],
            ],
            { dtype: "int32" },
          );
          const memory = attention.memory(numbers([2, 4, keySize], 2), { mask });
          const all = attention.forward(query, memory);
          for (let step = 0; step < 3; step++) {
            const one = attention.forward(
              query.slice(1, step, step + 1).reshape([2, querySize]),
              memory,
              { needWeights: true },
            );
            expect(one.weights.shape).toEqual([2, 4]);
            expectClose(one.output.data(), all.output.slice(1, step, step + 1).data(), 1e-6);
            expect(one.weights.toArray()).toMatchObject([{ 1: 0 }, { 0: 0, 3: 0 }]);
          }
        }),
      ),
    );
  });
});

describe("Attention", () => {
  it("refuses what does not fit, and says how it would", () => {
    expect(() => new Attention({ score: "cosine" as AttentionScore, querySize: 2 })).toThrow(
      OptionError,
    );
    expect(() => new Attention({ score: "dot", querySize: 2, keySize: 3 })).toThrow(
      'Attention: expected keys as long as queries (2) for "dot", got 3. Use "general" or "additive".',
    );
    expect(() => new Attention({ score: "dot", querySize: 2, hiddenSize: 3 })).toThrow(OptionError);
    withLayer(new Attention({ score: "dot", querySize: 2 }), (attention) =>
      scope(() => {
        const keys = zeros([2, 3, 2]);
        expect(() => attention.memory(zeros([2, 3, 5]))).toThrow("expected keys [batch, time, 2]");
        expect(() => attention.memory(keys, { values: zeros([2, 4, 1]) })).toThrow(ShapeError);
        expect(() => attention.memory(keys, { lengths: [1, 4] })).toThrow(IndexError);
        const mask = zeros([2, 3], { dtype: "int32" });
        expect(() => attention.memory(keys, { lengths: [1, 2], mask })).toThrow(OptionError);
        expect(() => attention.forward(zeros([3, 2]), attention.memory(keys))).toThrow(
          "expected a query [2, queries, 2], or without the axis of queries, got [3, 2]",
        );
        expect(() =>
          attention.forward(zeros([2, 2]), { keys, values: zeros([1, 3, 2]), mask: undefined }),
        ).toThrow("expected values [2, 3, size], as many as keys, got [1, 3, 2]");
      }),
    );
  });
});

describe("needWeights", () => {
  it("alone brings the weights, of each form of attention", () =>
    scope(() =>
      noGrad(() => {
        const x = numbers([2, 3, 4]);
        const attention = new Attention({ score: "dot", querySize: 4 });
        const memory = attention.memory(x);
        const forms: [(needWeights?: boolean) => object, number[]][] = [
          [(needWeights) => scaledDotProductAttention(x, x, x, { needWeights }), [2, 3, 3]],
          [(needWeights) => attention.forward(x, memory, { needWeights }), [2, 3, 3]],
          [
            (needWeights) => new MultiheadAttention(4, 2).forward(x, x, x, { needWeights }),
            [2, 2, 3, 3],
          ],
          [(needWeights) => new AttentionPooling(4).forward(x, { needWeights }), [2, 3]],
        ];
        for (const [form, shape] of forms) {
          expect(Object.keys(form())).toEqual(["output"]);
          expect(Object.keys(form(false))).toEqual(["output"]);
          expect(form(true)).toMatchObject({ weights: { shape } });
        }
        // @ts-expect-error without needWeights there are none
        expect(scaledDotProductAttention(x, x, x).weights).toBe(undefined);
      }),
    ));
});

describe("MultiheadAttention", () => {
  it("starts as PyTorch's, by its names", () => {
    withLayer(new MultiheadAttention(6, 2), (layer) => {
      const state = layer.stateDict();
      expect([...state].map(([name, { shape }]) => [name, ...shape])).toEqual([
        ["in_proj_weight", 18, 6],
        ["in_proj_bias", 18],
        ["out_proj.weight", 6, 6],
        ["out_proj.bias", 6],
      ]);
      expect([...layer.in_proj_bias!.data(), ...layer.out_proj.bias!.data()]).toEqual(
        Array(24).fill(0),
      );
      const most = Math.max(...layer.in_proj_weight!.data().map(Math.abs));
      expect(most).toBeLessThanOrEqual(0.5);
      expect(most).toBeGreaterThan(0.45);
    });
  });

  it("lets nothing past a length count, NaN included, in self-attention too", () => {
    withLayer(new MultiheadAttention(4, 2), (layer) => {
      const lengths = [3, 1];
      const results = [false, true].map((dirty) =>
        scope(() => {
          layer.zeroGrad();
          const x = numbers([2, 3, 4]);
          const given = dirty ? poisoned(x, (row, step) => step >= lengths[row]!) : x;
          const { output } = layer.forward(given, given, given, { lengths });
          const [whole, first] = [output.slice(0, 0, 1), output.slice(0, 1).slice(1, 0, 1)];
          whole
            .mul(numbers([1, 3, 4], 5))
            .sum()
            .add(first.mul(numbers([1, 1, 4], 6)).sum())
            .backward();
          const gradients = [given, ...layer.parameters()].map((p) => [...p.grad!.data()]);
          return [[...whole.data(), ...first.data()], ...gradients];
        }),
      );
      expect(results[1]).toEqual(results[0]);
      expect(results[0]!.flat().every(Number.isFinite)).toBe(true);
    });
  });

  it("gives the same for one input as for three equal ones, and drops only in training", () => {
    withLayer(new MultiheadAttention(4, 2, { dropout: 0.5 }), (layer) =>
      scope(() => {
        const x = numbers([2, 3, 4]);
        const copies = () => layer.forward(x, x.clone(), x.clone());
        expect(copies().output.toArray()).not.toEqual(copies().output.toArray());
        layer.eval();
        expectClose(layer.forward(x).output.data(), copies().output.data(), 1e-6);
      }),
    );
  });

  it("refuses what does not fit", () => {
    expect(() => new MultiheadAttention(5, 2)).toThrow(
      "MultiheadAttention: expected numHeads that divide embedDim (5), got 2.",
    );
    withLayer(new MultiheadAttention(4, 2), (layer) =>
      scope(() => {
        expect(() => layer.forward(zeros([2, 3, 5]))).toThrow(ShapeError);
        expect(() => layer.forward(zeros([2, 3, 4]), zeros([1, 3, 4]))).toThrow(ShapeError);
        expect(() =>
          layer.forward(zeros([2, 3, 4]), zeros([2, 2, 4]), undefined, { lengths: [1, 3] }),
        ).toThrow(IndexError);
        expect(() => layer.forward(zeros([2, 3, 4]), zeros([2, 5, 4]), zeros([2, 4, 4]))).toThrow(
          "expected value [2, 5, 4], as many steps as key, got [2, 4, 4]",
        );
      }),
    );
    scope(() =>
      expect(() => scaledDotProductAttention(zeros([2, 3]), zeros([4, 2]), zeros([4, 2]))).toThrow(
        ShapeError,
      ),
    );
  });
});

describe("positions", () => {
  it("are sines and cosines, exact to float32 also far out", () => {
    const [length, features] = [5000, 8];
    const table = sinusoids(length, features);
    const expected = Array.from(table, (_, i) => {
      const [position, feature] = [Math.floor(i / features), i % features];
      const angle = position / 10000 ** ((feature - (feature % 2)) / features);
      return feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    });
    expectClose(table, expected, 1e-7);
    expect(() => sinusoids(3, 5)).toThrow("sinusoids: expected an even number of features, got 5.");
  });

  it("are added to the steps, fixed or learned", () => {
    for (const layer of [new SinusoidalPositions(7, 4), new LearnedPositions(7, 4)])
      withLayer(layer, () =>
        scope(() => {
          const table = [...layer.stateDict().values()][0] as Tensor;
          const y = layer.forward(zeros([2, 3, 4]));
          expect(y.toArray()).toEqual([0, 1].map(() => rows(table).slice(0, 3)));
          expect(() => layer.forward(zeros([2, 8, 4]))).toThrow("time up to 7");
        }),
      );
    withLayer(new SinusoidalPositions(3, 2), (layer) => expect(layer.parameters()).toEqual([]));
  });
});

describe("poolSequence", () => {
  it.each(["mean", "max", "last"] as const)("%s: NaN past a length never counts", (mode) => {
    scope(() => {
      const lengths = [2, 0];
      const x = numbers([2, 3, 5]);
      const dirty = poisoned(x, (row, step) => step >= lengths[row]!);
      const y = poolSequence(dirty, { mode, lengths });
      expect(y.toArray()).toEqual(poolSequence(x, { mode, lengths }).toArray());
      expect((y.toArray() as number[][])[1]).toEqual([0, 0, 0, 0, 0]);
      y.sum().backward();
      expect(dirty.grad!.data().every(Number.isFinite)).toBe(true);
    });
  });

  it("refuses what does not fit", () => {
    scope(() => {
      expect(() => poolSequence(zeros([2, 3]), { mode: "mean" })).toThrow(ShapeError);
      expect(() => poolSequence(zeros([1, 2, 3]), { mode: "sum" as "mean" })).toThrow(OptionError);
      expect(() => poolSequence(zeros([1, 2, 3]), { mode: "mean", lengths: [3] })).toThrow(
        IndexError,
      );
    });
  });
});

describe("Attention with biases", () => {
  it("adds them in the learned projections of general and additive scores", () => {
    const additive = new Attention({ score: "additive", querySize: 2, keySize: 3, bias: true });
    expect([...additive.stateDict().keys()].filter((name) => name.endsWith("bias"))).toEqual([
      "queryProjection.bias",
      "keyProjection.bias",
      "scoreProjection.bias",
    ]);
    const general = new Attention({ score: "general", querySize: 2, keySize: 3, bias: true });
    expect(general.keyProjection!.bias!.shape).toEqual([2]);
    expect(() => new Attention({ score: "dot", querySize: 2, bias: true })).toThrow(
      'bias with the scores "general" and "additive", which have weights, got it with "dot"',
    );
    additive.dispose();
    general.dispose();
  });
});
