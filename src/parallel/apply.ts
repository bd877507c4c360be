// What the shards found, put into the main program's model: gradients where `backward` would have put them, and buffers moved by
// the mean of what the shards changed.
import { LeafGradient } from "../tensor/leaf-gradient.js";
import type { Tensor } from "../tensor/tensor.js";
import { copyBytes, f32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import type { Layout } from "./layout.js";
import { below, keyOf, rootOf, type TreeNode } from "./shard-tree.js";
import type { Outcome } from "./shard-runner.js";

/** Numbers that are summed at a time: they stay in the cache. */
const CHUNK = 8192;

/**
 * @param sums of nodes by their keys: what workers summed; a node that is empty is missing
 * @param outcomes in the order of shards, at least one
 * @returns the batch's loss
 */
export function applySums(
  layout: Layout,
  shards: number,
  sums: ReadonlyMap<string, Float32Array>,
  outcomes: readonly Outcome[],
): number {
  const count = outcomes.reduce((sum, each) => sum + each.count, 0);
  const root = rootOf(shards);
  const levels = root.level + 1;
  withScratch(bytesOf(CHUNK) * levels, (space) => {
    const sumAt = (from: number, length: number, to: Ptr): boolean =>
      sumOf(root, { shards, sums, from, length }, to, space);
    layout.parameters.forEach(({ tensor, offset }, i) => {
      tensor.zeroGrad();
      if (!outcomes.some(({ reached }) => reached[i])) return;
      const gradient = gradientOf(tensor);
      for (const [from, length] of chunksOf(tensor.size)) {
        const to = at(gradient.tensor.storage.ptr, from);
        sumAt(offset + from, length, to);
        if (shards > 1) trainingKernels().scale(to, to, length, 1 / count);
      }
      gradient.filled = true;
      gradient.rows = rowsOf(outcomes, i);
    });
    for (const { tensor, offset } of layout.buffers) {
      for (const [from, length] of chunksOf(tensor.size))
        withScratch(bytesOf(CHUNK), (change) => {
          sumAt(offset + from, length, change);
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
  const count = outcomes.reduce((sum, each) => sum + each.count, 0);
  return outcomes.reduce((sum, each) => sum + each.loss * each.count, 0) / count;
}

interface Stretch {
  readonly shards: number;
  readonly sums: ReadonlyMap<string, Float32Array>;
  readonly from: number;
  readonly length: number;
}

/** Sums a stretch of what a node stands for; false where there is nothing in it. */
function sumOf(node: TreeNode, stretch: Stretch, to: Ptr, space: Ptr): boolean {
  const { shards, sums, from, length } = stretch;
  const own = sums.get(keyOf(node));
  if (own) f32(to, length).set(own.subarray(from, from + length));
  if (own || node.level === 0) return own !== undefined;
  const [first, second] = below(node, shards);
  const left = sumOf(first, stretch, to, space);
  if (!second) return left;
  const other = at(space, node.level * CHUNK);
  const right = sumOf(second, stretch, other, space);
  if (right && left) trainingKernels().axpy(to, other, length, 1);
  else if (right) copyBytes(to, other, bytesOf(length));
  return left || right;
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
