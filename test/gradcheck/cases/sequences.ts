// Operations on sequences of vectors: pooling over time, attention.
import { tensor } from "../../../src/index.js";
import { scaledDotProductAttention } from "../../../src/ops/attention.js";
import { poolSequence, type PoolSequenceOptions } from "../../../src/ops/pool-sequence.js";
import { float, type GradientCase } from "../check.js";
import { at, build, logSumExp, matmul, sum, type Twin } from "../twin.js";

function poolCase(
  mode: PoolSequenceOptions["mode"],
  shape: number[],
  lengths?: number[],
): GradientCase {
  return {
    inputs: { x: float(shape) },
    run: ({ x }) => poolSequence(x!, lengths ? { mode, lengths } : { mode }),
    twin: ({ x }) =>
      build([shape[0]!, shape[2]!], ([row, feature]) => {
        const length = lengths?.[row!] ?? shape[1]!;
        const steps = Array.from({ length }, (_, t) => at(x!, [row!, t, feature!]));
        if (length === 0) return 0;
        if (mode === "max") return Math.max(...steps);
        return mode === "last" ? steps.at(-1)! : sum(steps) / length;
      }),
  };
}

const transposed = (x: Twin): Twin =>
  build([...x.shape.slice(0, -2), x.shape.at(-1)!, x.shape.at(-2)!], (index) =>
    at(x, [...index.slice(0, -2), index.at(-1)!, index.at(-2)!]),
  );

/** @param allowed for each query and key; all where undefined */
function attentionCase(
  [leading, queries, keys, size, width]: [number[], number, number, number, number],
  options: { causal?: boolean; scale?: number; mask?: number[][]; needWeights?: boolean } = {},
): GradientCase {
  const { mask, needWeights = true, ...rest } = options;
  const allowed = (q: number, k: number): boolean =>
    (mask?.[q]![k] ?? 1) !== 0 && (!options.causal || k - q <= keys - queries);
  return {
    inputs: {
      query: float([...leading, queries, size]),
      key: float([...leading, keys, size], { seed: 2 }),
      value: float([...leading, keys, width], { seed: 3 }),
    },
    run: ({ query, key, value }) => {
      const given = { ...rest, mask: mask && tensor(mask, { dtype: "int32" }) };
      if (!needWeights) return scaledDotProductAttention(query!, key!, value!, given).output;
      const { output, weights } = scaledDotProductAttention(query!, key!, value!, {
        ...given,
        needWeights: true,
      });
      return [output, weights];
    },
    twin: ({ query, key, value }) => {
      const scores = matmul(query!, transposed(key!));
      const scale = options.scale ?? 1 / Math.sqrt(size);
      const weights = build(scores.shape, (index) => {
        const [q, k] = index.slice(-2) as [number, number];
        const row = Array.from({ length: keys }, (_, other) =>
          allowed(q, other) ? at(scores, index.with(-1, other)) * scale : -Infinity,
        );
        return allowed(q, k) ? Math.exp(row[k]! - logSumExp(row)) : 0;
      });
      const output = matmul(weights, value!);
      return needWeights ? [output, weights] : output;
    },
  };
}

export const sequences: Record<string, GradientCase[]> = {
  poolSequence: (["mean", "max", "last"] as const).flatMap((mode) => [
    poolCase(mode, [2, 3, 5]),
    poolCase(mode, [4, 5, 3], [5, 0, 1, 3]),
    poolCase(mode, [1, 1, 9], [1]),
  ]),
  // With weights it is composed of operations, else one kernel call.
  scaledDotProductAttention: [true, false].flatMap((needWeights) => [
    attentionCase([[], 3, 4, 2, 5], { needWeights }),
    attentionCase([[2], 4, 4, 3, 2], { causal: true, needWeights }),
    attentionCase([[2, 2], 2, 5, 3, 3], { causal: true, scale: 0.25, needWeights }),
    attentionCase([[2], 3, 3, 4, 1], {
      needWeights,
      mask: [
        [1, 0, 1],
        [0, 0, 0],
        [1, 1, 0],
      ],
    }),
  ]),
};
