// Attention of single queries against float64: each size round the vectors' edges, rows of the memory by index.
import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";

interface Sizes {
  rows: number;
  /** Rows of the memory. */
  from: number;
  S: number;
  K: number;
  M: number;
}

interface Options {
  additive?: boolean;
  scale?: number;
  index?: number[];
  mask?: number[];
  active?: number[];
  /** Elements between the rows of queries and of contexts. */
  gap?: number;
}

const SCALE = 0.5;

interface Row {
  weights: number[];
  context: number[];
}

type Values = Record<"query" | "keys" | "values" | "v", Float32Array>;

/** One row, as the formulas stand. */
function attended(given: Values, { S, K, M }: Sizes, row: number, options: Options): Row {
  const { additive, index, mask, active, gap = 0, scale = SCALE } = options;
  if (active?.[row] === 0)
    return { weights: new Array<number>(S).fill(0), context: new Array<number>(M).fill(0) };
  const from = index?.[row] ?? row;
  const exps = Array.from({ length: S }, (_, s) => {
    if (mask && mask[from * S + s] === 0) return 0;
    let score = 0;
    for (let k = 0; k < K; k++) {
      const q = given.query[row * (K + gap) + k]!;
      const key = given.keys[(from * S + s) * K + k]!;
      score += additive ? given.v[k]! * Math.tanh(q + key) : scale * q * key;
    }
    return Math.exp(score);
  });
  const total = exps.reduce((a, b) => a + b);
  const weights = exps.map((e) => (total === 0 ? 0 : e / total));
  const context = Array.from({ length: M }, (_, m) =>
    weights.reduce((sum, w, s) => sum + w * given.values[(from * S + s) * M + m]!, 0),
  );
  return { weights, context };
}

const CASES: readonly (readonly [string, Sizes, Options])[] = [
  ["one of each", { rows: 1, from: 1, S: 1, K: 1, M: 1 }, {}],
  ["edges of vectors", { rows: 2, from: 2, S: 3, K: 5, M: 18 }, { gap: 3 }],
  ["whole vectors", { rows: 3, from: 3, S: 4, K: 16, M: 32 }, {}],
  ["beyond", { rows: 2, from: 2, S: 3, K: 23, M: 21 }, { gap: 1 }],
  ["an index, a mask", { rows: 5, from: 2, S: 5, K: 7, M: 9 }, { index: [1, 0, 1, 1, 0], mask: [1, 0, 1, 0, 1, 0, 1, 1, 0, 0] }],
  ["rows left out", { rows: 3, from: 3, S: 2, K: 4, M: 6 }, { active: [1, 0, 1], gap: 2 }],
  ["no key that counts", { rows: 2, from: 2, S: 3, K: 4, M: 5 }, { mask: [0, 0, 0, -1, 0, 2] }],
]; // prettier-ignore

describe.each(builds())("attention ($name)", (bench) => {
  const { k } = bench;

  describe.each([false, true])("additive: %s", (additive) => {
    it.each(CASES)("%s", (_, sizes, given) => {
      const options = { ...given, additive, scale: additive ? 1 : SCALE };
      const { rows, from, S, K, M } = sizes;
      const { index, mask, active, gap = 0 } = options;
      const values: Values = {
        query: noise(rows * (K + gap), 1),
        keys: noise(from * S * K, 2),
        values: noise(from * S * M, 3),
        v: noise(K, 4),
      };
      // What a row that is left out holds does not matter.
      active?.forEach((on, row) => {
        if (!on) values.query.fill(NaN, row * (K + gap), (row + 1) * (K + gap));
      });
      const [query, keys] = [bench.f32(values.query), bench.f32(values.keys)];
      const [mixed, v] = [bench.f32(values.values), bench.f32(values.v)];
      const ids = index ? bench.i32(index).ptr : 0;
      const counts = mask ? bench.i32(mask).ptr : 0;
      const on = active ? bench.i32(active).ptr : 0;
      const score = additive ? v.ptr : 0;
      const [context, weights] = [bench.f32(rows * (M + gap) - gap), bench.f32(rows * S)];
      // prettier-ignore
      k.attendForward(
        context.ptr, weights.ptr, query.ptr, keys.ptr, mixed.ptr, ids, counts, on, score, options.scale, rows, S, K, M,
        K + gap, M + gap,
      );
      const all = Array.from({ length: rows }, (_, row) => attended(values, sizes, row, options));
      all.forEach((row, i) => {
        expect(maxError(weights.view.subarray(i * S, (i + 1) * S), row.weights)).toBeLessThan(1e-6);
        const own = context.view.subarray(i * (M + gap)).subarray(0, M);
        expect(maxError(own, row.context)).toBeLessThan(2e-6);
      });

      // The gradient of Σ context · dContext + Σ weights · dWeights, by central differences.
      const dContext = noise(rows * (M + gap), 5);
      const dWeights = noise(rows * (S + gap), 6);
      const loss = (at: Values): number =>
        Array.from({ length: rows }, (_, row) => {
          const { weights, context } = attended(at, sizes, row, options);
          const mixed = context.reduce((sum, c, m) => sum + c * dContext[row * (M + gap) + m]!, 0);
          return mixed + weights.reduce((sum, w, s) => sum + w * dWeights[row * (S + gap) + s]!, 0);
        }).reduce((a, b) => a + b);
      const slope = (name: keyof Values, i: number): number => {
        const [original, step] = [values[name][i]!, 1e-2];
        const moved = (by: number): number => {
          const changed = Float64Array.from(values[name]);
          changed[i] = original + by;
          return loss({ ...values, [name]: changed as unknown as Float32Array });
        };
        // Of fourth order.
        return (
          (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)
        );
      };
      const start = 0.25;
      const grown = (n: number) => bench.f32(new Float32Array(n).fill(start));
      const [dQuery, dKeys] = [grown(values.query.length), grown(values.keys.length)];
      const [dValues, dV] = [grown(values.values.length), grown(K)];
      // prettier-ignore
      k.attendBackwardAcc(
        dQuery.ptr, dKeys.ptr, dValues.ptr, additive ? dV.ptr : 0, bench.f32(S).ptr, bench.f32(dContext).ptr,
        bench.f32(dWeights).ptr, weights.ptr, query.ptr, keys.ptr, mixed.ptr, ids, on, score, options.scale, rows, S, K,
        M, K + gap, M + gap, S + gap, K + gap,
      );
      const check = (view: Float32Array, name: keyof Values, skips = (_: number) => false): void =>
        view.forEach((value, i) => {
          const expected = skips(i) ? 0 : slope(name, i);
          expect(Math.abs(value - start - expected), `${name} ${i}`).toBeLessThan(5e-6);
        });
      const isOut = (i: number): boolean => active?.[Math.floor(i / (K + gap))] === 0;
      check(dQuery.view, "query", isOut);
      check(dKeys.view, "keys");
      check(dValues.view, "values");
      if (additive) check(dV.view, "v");
      else expect([...dV.view]).toEqual(new Array(K).fill(start));
      bench.checkCanaries();
    });
  });

  it("gives a row the same bits whatever rows are beside it", () => {
    const [S, K, M] = [5, 11, 13];
    const query = noise(3 * K, 1);
    const [keys, values] = [bench.f32(noise(S * K, 2)), bench.f32(noise(S * M, 3))];
    const run = (rows: number, from: Float32Array): Float32Array => {
      const [context, weights] = [bench.f32(rows * M), bench.f32(rows * S)];
      const index = bench.i32(new Array<number>(rows).fill(0));
      // prettier-ignore
      k.attendForward(
        context.ptr, weights.ptr, bench.f32(from).ptr, keys.ptr, values.ptr, index.ptr, 0, 0, 0, 1, rows, S, K, M, K, M,
      );
      return context.view.slice();
    };
    const all = run(3, query);
    expect(run(1, query.subarray(K, 2 * K))).toEqual(all.subarray(M, 2 * M));
    bench.checkCanaries();
  });
});
