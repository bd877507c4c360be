// What the shards found, put into the main program's model: gradients where `backward` would have put them, and buffers moved by
// the mean of what the shards changed.
import { LeafGradient } from "../tensor/leaf-gradient.js";
import type { Tensor } from "../tensor/tensor.js";
import { copyBytes, f32, i32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { CHUNK, type Additions } from "./exchange.js";
import type { Layout } from "./layout.js";
import { isSummed, type Outcome, type TableRows } from "./shard-runner.js";

/** What the shards found. */
export interface Found {
  /** Sums of nodes; those that nothing names may be missing. */
  readonly sums: readonly (Float32Array | undefined)[];
  /** By place, parameters before buffers: how sums are added up; undefined where none has anything. */
  readonly additions: readonly (Additions | undefined)[];
  /** In the order of shards, at least one. */
  readonly outcomes: readonly Outcome[];
  /** What gradients are multiplied by, and whether sums are already. */
  readonly factor: number;
  readonly scaled: boolean;
}

/** One by the number that the loss is a mean over. */
export function factorOf(shards: number, outcomes: readonly Outcome[]): number {
  // One shard alone began from its mean.
  return shards === 1 ? 1 : 1 / countOf(outcomes);
}

/** @returns the batch's loss */
export function applySums(layout: Layout, shards: number, found: Found): number {
  const { outcomes, factor, sums, additions, scaled } = found;
  withScratch(bytesOf(CHUNK) * sums.length, (space) => {
    layout.parameters.forEach(({ tensor, offset }, i) => {
      tensor.zeroGrad();
      if (!outcomes.some(({ reached }) => reached[i])) return;
      const gradient = gradientOf(tensor);
      const own = additions[i];
      for (const [from, length] of own ? chunksOf(tensor.size) : []) {
        const to = at(gradient.tensor.storage.ptr, from);
        sumChunk(sums, own!, offset + from, length, to, space);
        if (factor !== 1 && !scaled) trainingKernels().scale(to, to, length, factor);
      }
      if (own) gradient.hold(rowsOf(outcomes, i));
      for (const { rows } of outcomes) addRows(gradient, rows[i], factor);
    });
    layout.buffers.forEach(({ tensor, offset }, i) => {
      const own = additions[layout.parameters.length + i]!;
      for (const [from, length] of chunksOf(tensor.size))
        withScratch(bytesOf(CHUNK), (change) => {
          sumChunk(sums, own, offset + from, length, change, space);
          const to = at(tensor.address("parallel"), from);
          if (shards === 1) copyBytes(to, change, bytesOf(length));
          else trainingKernels().axpy(to, change, length, 1 / outcomes.length);
        });
      tensor.storage.version++;
    });
  });
  layout.counters.forEach((counter, i) => counter.set(outcomes[0]!.counters[i]!));
  return lossOf(outcomes);
}

/** The mean over all shards. */
function lossOf(outcomes: readonly Outcome[]): number {
  if (outcomes.length === 1) return outcomes[0]!.loss;
  return outcomes.reduce((sum, each) => sum + each.loss * each.count, 0) / countOf(outcomes);
}

function countOf(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((sum, each) => sum + each.count, 0);
}

/** Sums a stretch of what all nodes stand for. */
function sumChunk(
  sums: Found["sums"],
  { adds, root }: Additions,
  from: number,
  length: number,
  to: Ptr,
  space: Ptr,
): void {
  const addressOf = (node: number) => (node === root ? to : at(space, node * CHUNK));
  const take = (node: number) =>
    f32(addressOf(node), length).set(sums[node]!.subarray(from, from + length));
  take(root);
  for (const [, other] of adds) take(other);
  for (const [sum, other] of adds)
    trainingKernels().axpy(addressOf(sum), addressOf(other), length, 1);
}

function* chunksOf(size: number): Generator<[from: number, length: number]> {
  for (let from = 0; from < size; from += CHUNK) yield [from, Math.min(CHUNK, size - from)];
}

function gradientOf(tensor: Tensor): LeafGradient {
  if (!tensor.leafGradient?.live) tensor.leafGradient = new LeafGradient(tensor);
  return tensor.leafGradient;
}

/** The rows of those shards that are in sums, where all of them have some. */
function rowsOf(outcomes: readonly Outcome[], parameter: number): Int32Array[] | undefined {
  const summed = outcomes.filter((each) => isSummed(each, parameter));
  const rows = summed.map((each) => each.rows[parameter]);
  return rows.includes(undefined) ? undefined : rows.map((each) => each!.ids);
}

/** Adds what a shard sent by itself, in the order of shards. */
function addRows(gradient: LeafGradient, rows: TableRows | undefined, factor: number): void {
  if (!rows?.values) return;
  const { ids, values } = rows;
  gradient.addRows(ids);
  const [count, width] = gradient.tensor.shape as [number, number];
  withScratch(bytesOf(values.length + ids.length), (space) => {
    const places = at(space, values.length);
    f32(space, values.length).set(values);
    i32(places, ids.length).set(ids);
    const kernels = trainingKernels();
    if (factor !== 1) kernels.scale(space, space, values.length, factor);
    const { ptr } = gradient.tensor.storage;
    kernels.scatterAddRows(ptr, space, places, ids.length, count, width, -1);
  });
}
