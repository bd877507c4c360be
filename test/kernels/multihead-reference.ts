// Attention of several heads as the formulas stand, in float64, with its gradients.
import { philox } from "../../src/core/random.js";
import type { AttentionLayout, Strides } from "../../src/ops/attention/layout.js";

export interface Given {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dOut: Float32Array;
  readonly mask: Int32Array | undefined;
}

export interface Expected {
  readonly out: Float64Array;
  readonly dq: Float64Array;
  readonly dk: Float64Array;
  readonly dv: Float64Array;
}

/** Whether the weight of an element of [batch, heads, queries, keys] is kept, as `dropout` decides. */
function isKept({ dropout, block }: AttentionLayout, element: number): boolean {
  if (dropout === 0 || !block) return true;
  const word = philox({ ...block, counterLo: block.counterLo + Math.floor(element / 4) });
  return (word[element % 4]! >>> 8) / 2 ** 24 >= Math.fround(dropout);
}

/** Arrays as large as the given ones; NaN where nothing is written. */
export function reference(layout: AttentionLayout, outputs: number, given: Given): Expected {
  const { batch, heads, queries, keys, size, valueSize, scale, causal, lengths, dropout } = layout;
  const out = new Float64Array(outputs).fill(NaN);
  const [dq, dk, dv] = [given.q, given.k, given.v].map(({ length }) =>
    new Float64Array(length).fill(NaN),
  ) as [Float64Array, Float64Array, Float64Array];
  const kept = 1 / (1 - dropout);
  const dot = (a: ArrayLike<number>, at: number, b: ArrayLike<number>, from: number, n: number) => {
    let sum = 0;
    for (let d = 0; d < n; d++) sum += a[at + d]! * b[from + d]!;
    return sum;
  };
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++) {
      const place = (strides: Strides, step: number): number =>
        b * strides[0] + h * strides[1] + step * strides[2];
      const clear = (to: Float64Array, strides: Strides, steps: number, n: number): void => {
        for (let i = 0; i < steps; i++) to.fill(0, place(strides, i), place(strides, i) + n);
      };
      clear(dq, layout.query, queries, size);
      clear(dk, layout.key, keys, size);
      clear(dv, layout.value, keys, valueSize);
      clear(out, layout.output, queries, valueSize);
      for (let i = 0; i < queries; i++) {
        const seen: number[] = [];
        for (let j = 0; j < (lengths?.[b] ?? keys); j++) {
          const [mb, mh, mq, mk] = layout.mask?.strides ?? [0, 0, 0, 0];
          const allows = !given.mask || given.mask[b * mb + h * mh + i * mq + j * mk] !== 0;
          if (allows && (!causal || j <= i + keys - queries)) seen.push(j);
        }
        if (seen.length === 0) continue;
        const at = place(layout.query, i);
        const to = place(layout.output, i);
        const scores = seen.map(
          (j) => scale * dot(given.q, at, given.k, place(layout.key, j), size),
        );
        const most = Math.max(...scores);
        const exps = scores.map((score) => Math.exp(score - most));
        const total = exps.reduce((x, y) => x + y, 0);
        const element = ((b * heads + h) * queries + i) * keys;
        const factors = seen.map((j) => (isKept(layout, element + j) ? kept : 0));
        const weights = exps.map((e) => e / total);
        seen.forEach((j, n) => {
          for (let d = 0; d < valueSize; d++)
            out[to + d]! += weights[n]! * factors[n]! * given.v[place(layout.value, j) + d]!;
        });
        const grown = seen.map(
          (j, n) => factors[n]! * dot(given.dOut, to, given.v, place(layout.value, j), valueSize),
        );
        const mean = grown.reduce((sum, g, n) => sum + g * weights[n]!, 0);
        seen.forEach((j, n) => {
          const dScore = weights[n]! * (grown[n]! - mean) * scale;
          for (let d = 0; d < size; d++) {
            dq[at + d]! += dScore * given.k[place(layout.key, j) + d]!;
            dk[place(layout.key, j) + d]! += dScore * given.q[at + d]!;
          }
          for (let d = 0; d < valueSize; d++)
            dv[place(layout.value, j) + d]! += weights[n]! * factors[n]! * given.dOut[to + d]!;
        });
      }
    }
  return { out, dq, dk, dv };
}
