// What the shards found, put into the main program's model: gradients where `backward` would have put them, and buffers moved by
// the mean of what the shards changed.
import { LeafGradient } from "../tensor/leaf-gradient.js";
import type { Tensor } from "../tensor/tensor.js";
import { copyBytes, f32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { CHUNK, type Additions } from "./exchange.js";
import type { Layout } from "./layout.js";
import type { Outcome } from "./shard-runner.js";

/** What the shards found. */
export interface Found extends Additions {
  /** Sums of nodes: those that `adds` and `root` name, the others may be missing. */
  readonly sums: readonly (Float32Array | undefined)[];
  /** In the order of shards, at least one. */
  readonly outcomes: readonly Outcome[];
  /** What the sum of gradients is multiplied by. 1: it is as it should be. */
  readonly factor: number;
}

/** One by the number that the loss is a mean over. */
export function factorOf(shards: number, outcomes: readonly Outcome[]): number {
  // One shard alone began from its mean.
  return shards === 1 ? 1 : 1 / countOf(outcomes);
}

/** @returns the batch's loss */
export function applySums(layout: Layout, shards: number, found: Found): number {
  const { outcomes, factor, sums } = found;
  withScratch(bytesOf(CHUNK) * sums.length, (space) => {
    layout.parameters.forEach(({ tensor, offset }, i) => {
      tensor.zeroGrad();
      if (!outcomes.some(({ reached }) => reached[i])) return;
      const gradient = gradientOf(tensor);
      for (const [from, length] of chunksOf(tensor.size)) {
        const to = at(gradient.tensor.storage.ptr, from);
        sumChunk(found, offset + from, length, to, space);
        if (factor !== 1) trainingKernels().scale(to, to, length, factor);
      }
      gradient.filled = true;
      gradient.rows = rowsOf(outcomes, i);
    });
    for (const { tensor, offset } of layout.buffers) {
      for (const [from, length] of chunksOf(tensor.size))
        withScratch(bytesOf(CHUNK), (change) => {
          sumChunk(found, offset + from, length, change, space);
          const to = at(tensor.address("parallel"), from);
          if (shards === 1) copyBytes(to, change, bytesOf(length));
          else trainingKernels().axpy(to, change, length, 1 / outcomes.length);
        });
      tensor.storage.version++;
    }
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
  { adds, root, sums }: Found,
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

/** The rows that any shard added to, where all of them added by rows. */
function rowsOf(outcomes: readonly Outcome[], parameter: number): Int32Array[] | undefined {
  const reached = outcomes.filter((each) => each.reached[parameter]);
  const rows = reached.map((each) => each.rows[parameter]);
  return rows.includes(undefined) ? undefined : rows.flatMap((each) => [...each!]);
}
