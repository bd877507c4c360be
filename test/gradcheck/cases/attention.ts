// Attention of several heads by one kernel call, in each form in which projections may stand.
import { tensor } from "../../../src/index.js";
import { attendHeads } from "../../../src/ops/attention/heads.js";
import { float, type GradientCase } from "../check.js";
import { at, build, type Twin } from "../twin.js";

interface Form {
  /** Tensors that queries, keys and values stand in: one, two or three. */
  tensors: 1 | 2 | 3;
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  size: number;
  causal?: boolean;
  lengths?: number[];
  /** `[batch or 1, 1, queries or 1, keys]` */
  mask?: number[][][][];
}

function headsCase(form: Form): GradientCase {
  const { tensors, batch, queries, keys, heads, size, causal, lengths, mask } = form;
  const width = heads * size;
  // In which tensor queries, keys and values stand, and at which feature they begin.
  const places = [
    [0, 0],
    [tensors === 1 ? 0 : 1, tensors === 1 ? width : 0],
    [tensors - 1, tensors === 3 ? 0 : tensors === 2 ? width : 2 * width],
  ] as const;
  const widths = { 1: [3], 2: [1, 2], 3: [1, 1, 1] }[tensors];
  const names = ["first", "second", "third"].slice(0, tensors);
  const sees = (row: number, query: number, key: number): boolean =>
    key < (lengths?.[row] ?? keys) &&
    (!causal || key <= query + keys - queries) &&
    (mask?.[row % mask.length]![0]![query % mask[0]![0]!.length]![key] ?? 1) !== 0;
  return {
    inputs: Object.fromEntries(
      names.map((name, i) => [
        name,
        float([batch, i === 0 ? queries : keys, widths[i]! * width], { seed: i + 1 }),
      ]),
    ),
    run: (inputs) =>
      attendHeads(
        names.map((name) => inputs[name]!),
        {
          ...{ heads, causal, lengths: lengths && Int32Array.from(lengths) },
          mask: mask && tensor(mask, { dtype: "int32" }),
        },
      ),
    twin: (inputs) => {
      const from = names.map((name) => inputs[name]!);
      const [q, k, v] = places.map(
        ([input, first]) =>
          (row: number, step: number, feature: number) =>
            at(from[input] as Twin, [row, step, first + feature]),
      ) as [Reader, Reader, Reader];
      return build([batch, queries, width], ([row, query, column]) => {
        const first = Math.floor(column! / size) * size;
        let [sum, total] = [0, 0];
        for (let key = 0; key < keys; key++) {
          if (!sees(row!, query!, key)) continue;
          let score = 0;
          for (let d = first; d < first + size; d++) score += q(row!, query!, d) * k(row!, key, d);
          const weight = Math.exp(score / Math.sqrt(size));
          sum += weight * v(row!, key, column!);
          total += weight;
        }
        return total === 0 ? 0 : sum / total;
      });
    },
  };
}

type Reader = (row: number, step: number, feature: number) => number;

export const attention: Record<string, GradientCase[]> = {
  fusedAttention: [
    headsCase({ tensors: 1, batch: 2, queries: 4, keys: 4, heads: 2, size: 3 }),
    headsCase({ tensors: 1, batch: 1, queries: 7, keys: 7, heads: 1, size: 5, causal: true }),
    headsCase({ tensors: 1, batch: 3, queries: 3, keys: 3, heads: 1, size: 2, lengths: [3, 0, 1] }),
    headsCase({ tensors: 2, batch: 2, queries: 3, keys: 5, heads: 2, size: 2, lengths: [4, 5] }),
    headsCase({ tensors: 2, batch: 1, queries: 2, keys: 5, heads: 3, size: 1, causal: true }),
    headsCase({
      ...{ tensors: 3, batch: 2, queries: 3, keys: 4, heads: 2, size: 3, causal: true },
      mask: [[[[1, 1, 0, 1]]], [[[0, 1, 1, 1]]]],
    }),
    headsCase({
      ...{ tensors: 3, batch: 2, queries: 2, keys: 3, heads: 2, size: 2, lengths: [3, 2] },
      mask: [
        [
          [
            [1, 0, 1],
            [0, 0, 0],
          ],
        ],
      ],
    }),
  ],
};
