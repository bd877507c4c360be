// The forward algorithm (Rabiner 1989), for all sequences at once. Each step is one matrix product of
// probabilities: with p the distribution of the tags given the steps so far,
//   score(t, j) = emission(t, j) + log Σ_i p(t-1, i) · factor(i, j),   p(t) = softmax(score(t)),
// and log Z is the sum of the steps' log Σ exp(score), taken in double precision. Normalized at every step, nothing
// can overflow; a sum that loses digits to underflow is taken again from logarithms, so that the result holds
// for scores of any size.
import { BYTES_PER_ELEMENT } from "../../core/dtype.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { f32, i32, scratch } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { combine } from "../broadcast.js";
import type { ChainRows } from "./rows.js";
import { rowAt, type ChainWeights, type TransitionFactors } from "./weights.js";

/** Below this a sum of products may have lost terms that count. */
const TINY = 1e-30;

/** A sum that was taken from logarithms: of a row of step `step`, into a tag. */
export interface ExactSum {
  readonly step: number;
  readonly place: number;
  readonly tag: number;
}

/** What the gradient needs of a run. */
export interface ForwardRun {
  /** log Z of each sequence, in the batch's order; 0 for one without steps. */
  readonly logZ: Float64Array;
  /** `[count, tags]`: the scores of each row's tags, given the steps before. */
  readonly scores: Tensor;
  /** Distributions of the steps that others follow: for step t > 0, the rows before it. */
  readonly before: Tensor;
  /** The sums Σ_i p(t-1, i) · factor(i, j) of the same rows; Infinity for those in `exact`. */
  readonly sums: Tensor;
  /** `[batch, tags]`: the distribution at the end of each sequence, longest first. */
  readonly last: Tensor;
  readonly exact: ExactSum[];
}

/** @param emissions `[batch, time, tags]` */
export function runForward(
  emissions: Tensor,
  rows: ChainRows,
  weights: ChainWeights,
  transitions: TransitionFactors,
  op: string,
): ForwardRun {
  const { tags } = weights;
  const { batch, count, steps, active, starts, order } = rows;
  const k = kernels();
  const first = active[0]!;
  const scores = empty([count, tags]);
  const before = empty([count - first, tags]);
  const sums = empty([count - first, tags]);
  const last = empty([batch, tags]);
  const own = empty([count, tags]);
  gatherRows(own, emissions.address(op), rows);
  const normalizers = empty([batch]);
  const factors = empty([1 + Math.ceil(k.packedBytes(tags, tags) / BYTES_PER_ELEMENT)]);
  k.packB(factors.storage.ptr, transitions.factors.storage.ptr, tags, tags, tags);
  const logZ = new Float64Array(batch);
  const exact: ExactSum[] = [];
  const run: ForwardRun = { logZ, scores, before, sums, last, exact };
  const ends = vector(weights.end);
  const begins = vector(weights.start);
  for (let t = 0; t < steps; t++) {
    const n = active[t]!;
    const to = rowAt(scores.storage.ptr, starts[t]!, tags);
    const emission = rowAt(own.storage.ptr, starts[t]!, tags);
    if (t === 0) addToRows(to, emission, begins, n, tags);
    else {
      const row = starts[t]! - first;
      const sum = rowAt(sums.storage.ptr, row, tags);
      const from = rowAt(before.storage.ptr, row, tags);
      k.gemm(sum, from, factors.storage.ptr, 0, n, tags, tags, tags, tags);
      k.logForward(to, sum, n * tags);
      takeExactly(run, rows, weights, transitions.shift, t);
      k.add(to, to, emission, n * tags);
    }
    // Some go on, the others end here.
    const on = active[t + 1]!;
    const ending = rowAt(to, on, tags);
    addToRows(ending, ending, ends, n - on, tags);
    const next = rowAt(before.storage.ptr, starts[t + 1]! - first, tags);
    k.softmaxForward(next, to, on, tags, NaN);
    k.softmaxForward(rowAt(last.storage.ptr, on, tags), ending, n - on, tags, NaN);
    k.logSumExpForward(normalizers.storage.ptr, to, n, tags);
    const added = f32(normalizers.storage.ptr, n);
    const shift = t === 0 ? 0 : transitions.shift;
    for (let place = 0; place < n; place++) logZ[order[place]!]! += added[place]! + shift;
  }
  for (const each of [own, normalizers, factors, ends, begins]) each.dispose();
  return run;
}

/** out `[count, tags]` = the rows of `[batch, time, tags]`. */
function gatherRows(out: Tensor, from: Ptr, { places, batch, time, count }: ChainRows): void {
  const ids = scratch(bytesOf(count));
  i32(ids, count).set(places);
  kernels().gatherRows(out.storage.ptr, from, ids, count, batch * time, out.shape[1]!);
}

function vector(values: Float32Array): Tensor {
  const out = empty([values.length]);
  f32(out.storage.ptr, out.size).set(values);
  return out;
}

function addToRows(to: Ptr, from: Ptr, { storage }: Tensor, n: number, tags: number): void {
  const rows = { ptr: from, shape: [n, tags], size: n * tags };
  combine("addBroadcast", to, rows.shape, rows, { ptr: storage.ptr, shape: [tags], size: tags });
}

/** Replaces the logarithms of sums of step t that are too small to trust. */
function takeExactly(
  { sums, scores, exact }: ForwardRun,
  { active, starts }: ChainRows,
  weights: ChainWeights,
  shift: number,
  t: number,
): void {
  const { tags } = weights;
  const size = active[t]! * tags;
  scratch(workspaceBytes(tags)); // It must not grow while the views below are in use.
  const sum = f32(rowAt(sums.storage.ptr, starts[t]! - active[0]!, tags), size);
  const to = f32(rowAt(scores.storage.ptr, starts[t]!, tags), size);
  for (let i = 0; i < size; i++) {
    if (sum[i]! >= TINY) continue;
    const tag = i % tags;
    const place = (i - tag) / tags;
    const waysIn = scoresInto(scores, starts[t - 1]! + place, tag, weights);
    to[i] = logSumExpOf(waysIn) - logSumExpOf(rowOf(scores, starts[t - 1]! + place)) - shift;
    sum[i] = Infinity;
    exact.push({ step: t, place, tag });
  }
}

/** The scores of all ways into a tag: of the row before, and of the transition. */
export function scoresInto(
  scores: Tensor,
  row: number,
  tag: number,
  { transitions, tags }: ChainWeights,
): Float32Array {
  return rowOf(scores, row).map((score, from) => score + transitions[from * tags + tag]!);
}

function rowOf({ storage, shape }: Tensor, row: number): Float32Array {
  return f32(rowAt(storage.ptr, row, shape[1]!), shape[1]!);
}

function workspaceBytes(tags: number): number {
  return bytesOf(tags + 1);
}

function logSumExpOf(values: Float32Array): number {
  const from = scratch(workspaceBytes(values.length));
  f32(from, values.length).set(values);
  const to = at(from, values.length);
  kernels().logSumExpForward(to, from, 1, values.length);
  return f32(to, 1)[0]!;
}
