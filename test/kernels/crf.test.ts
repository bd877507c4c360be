// The CRF's kernels against float64, between canaries.
import { describe, expect, it } from "vitest";
import type { StructuredKernels } from "../../src/wasm/generated/structured.js";
import { forwardBackward, type Chain } from "../nn/crf-reference.js";
import { builds, maxError, noise, type Bench } from "./harness.js";

interface Batch {
  readonly time: number;
  readonly tags: number;
  readonly lengths: readonly number[];
  readonly scale: number;
  /** Default: the sequences by their lengths, longest first. */
  readonly order?: readonly number[];
}

const rowsOf = (values: ArrayLike<number>, columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column]!),
  );

function inputsOf({ time, tags, lengths, scale, order: given }: Batch) {
  const batch = lengths.length;
  return {
    emissions: noise(batch * time * tags, tags, scale),
    weights: noise((tags + 2) * tags, tags + 1, scale),
    targets: Int32Array.from({ length: batch * time }, (_, i) => (5 * i) % tags),
    upstream: noise(batch, 3),
    order: given ?? [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]!),
  };
}

function run(bench: Bench<StructuredKernels>, batch: Batch) {
  const { k } = bench;
  const { time, tags, lengths } = batch;
  const given = inputsOf(batch);
  const size = lengths.length;
  const count = lengths.reduce((total, length) => total + length, 0);
  const [emissions, weights] = [bench.f32(given.emissions), bench.f32(given.weights)];
  const [targets, upstream] = [bench.i32(given.targets), bench.f32(given.upstream)];
  const [order, steps] = [bench.i32(given.order), bench.i32(lengths)];
  const losses = bench.f32(size);
  const record = bench.f32(k.crfRecordBytes(size, count, tags) / 4);
  const scratch = bench.f32(k.crfScratchBytes(size, count, tags) / 4);
  const [dEmissions, dWeights] = [bench.f32(size * time * tags), bench.f32((tags + 2) * tags)];
  const marginals = bench.f32(size * time * tags);
  const forward = (withLosses: boolean) =>
    // prettier-ignore
    k.crfForward(
      withLosses ? losses.ptr : 0, record.ptr, emissions.ptr, withLosses ? targets.ptr : 0, weights.ptr, order.ptr,
      steps.ptr, scratch.ptr, size, time, tags, count,
    );
  forward(true);
  // prettier-ignore
  k.crfBackward(
    dEmissions.ptr, dWeights.ptr, upstream.ptr, record.ptr, targets.ptr, weights.ptr, order.ptr, steps.ptr, scratch.ptr,
    size, time, tags, count,
  );
  forward(false);
  // prettier-ignore
  k.crfMarginals(
    marginals.ptr, record.ptr, weights.ptr, order.ptr, steps.ptr, scratch.ptr, size, time, tags, count,
  );
  const result = {
    losses: [...losses.view],
    dEmissions: [...dEmissions.view],
    dWeights: [...dWeights.view],
    marginals: [...marginals.view],
  };
  bench.checkCanaries();
  return result;
}

/** The same in float64. */
function expected(batch: Batch): ReturnType<typeof run> {
  const { time, tags, lengths } = batch;
  const { emissions, weights, targets, upstream } = inputsOf(batch);
  const rows = rowsOf(weights, tags);
  const [transitions, start, end] = [rows.slice(0, tags), rows[tags]!, rows[tags + 1]!];
  const marginals = new Float64Array(emissions.length);
  const dEmissions = new Float64Array(emissions.length);
  const dWeights = rows.map((row) => row.map(() => 0));
  const losses = lengths.map((length, row) => {
    const from = row * time * tags;
    const steps = rowsOf(emissions.subarray(from, from + length * tags), tags);
    const chain: Chain = { tags, emissions: steps, transitions, start, end };
    const result = forwardBackward(chain);
    const target = [...targets.subarray(row * time, row * time + length)];
    let score = 0;
    const factor = upstream[row]!;
    result.marginals.forEach((probabilities, t) =>
      probabilities.forEach((probability, tag) => {
        const gradient = factor * (probability - (tag === target[t] ? 1 : 0));
        marginals[from + t * tags + tag] = probability;
        dEmissions[from + t * tags + tag] = gradient;
        if (t === 0) dWeights[tags]![tag]! += gradient;
        if (t === length - 1) dWeights[tags + 1]![tag]! += gradient;
      }),
    );
    result.taken.forEach((ways, i) => ways.forEach((n, j) => (dWeights[i]![j]! += factor * n)));
    target.forEach((tag, t) => {
      score += steps[t]![tag]! + (t === 0 ? start[tag]! : transitions[target[t - 1]!]![tag]!);
      if (t > 0) dWeights[target[t - 1]!]![tag]! -= factor;
    });
    return length === 0 ? 0 : result.logZ - score - end[target.at(-1)!]!;
  });
  return {
    losses,
    dEmissions: [...dEmissions],
    dWeights: dWeights.flat(),
    marginals: [...marginals],
  };
}

const BATCHES: Batch[] = [
  ...[1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 33].map((tags) => ({
    time: 6,
    tags,
    lengths: [4, 6, 0, 1, 6, 3],
    scale: 2,
  })),
  // So far apart that sums underflow.
  ...[3, 6, 17].map((tags) => ({ time: 5, tags, lengths: [5, 3, 5], scale: 150 })),
  { time: 1, tags: 7, lengths: [1], scale: 2 },
  { time: 3, tags: 7, lengths: [0, 0], scale: 2 },
];

describe.each(builds<StructuredKernels>("structured"))("CRF ($name)", (bench) => {
  it.each(BATCHES.map((batch) => [JSON.stringify(batch), batch] as const))("%s", (_, batch) => {
    const actual = run(bench, batch);
    const exact = expected(batch);
    const { scale } = batch;
    expect(maxError(actual.losses, exact.losses)).toBeLessThan(3e-6 * scale * batch.time);
    for (const name of ["marginals", "dEmissions", "dWeights"] as const)
      expect([name, maxError(actual[name], exact[name])]).toEqual([
        name,
        expect.toSatisfy((error: number) => error < (scale > 100 ? 1e-4 : 4e-6)),
      ]);
  });
});

describe.each(builds<StructuredKernels>("structured").filter(({ name }) => name === "debug"))(
  "CRF ($name)",
  (bench) => {
    const batch = { time: 3, tags: 4, lengths: [2, 3], scale: 1 };
    it.each([
      ["an order that is not by length", { ...batch, order: [0, 1] }],
      ["an order of other sequences", { ...batch, order: [1, 2] }],
      ["more steps than there are", { ...batch, time: 2 }],
    ])("refuses %s", (_, wrong) => {
      expect(() => run(bench, wrong)).toThrow("assertion failed");
      bench.checkCanaries();
    });
  },
);
