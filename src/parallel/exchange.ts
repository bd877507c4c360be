// The memory that main program and workers share: the model's numbers, and behind them the sum of each node that a worker computes.
// Kernels work on it, so that workers sum what all of them found, each a slice.
import { HEAP_BASE } from "../wasm/generated/modules.js";
import type { Kernels } from "../wasm/generated/kernels.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { kernelsOn, sharedMemory } from "../wasm/shared-kernels.js";
import { LINE, type Layout } from "./layout.js";
import { isSummed, type Outcome } from "./shard-runner.js";
import type { SlicedCall } from "./sliced-steps.js";
import { below, endOf, keyOf, rootOf, type TreeNode } from "./shard-tree.js";

/** A shared memory: a `WebAssembly.Memory` where kernels can work on it. */
export interface Shared {
  readonly buffer: ArrayBufferLike;
}

/** Where the model's numbers begin. */
export const VALUES = HEAP_BASE as Ptr;

/** One that kernels can work on: a `WebAssembly.Memory`, whose name not every platform's types have. */
export interface KernelMemory extends Shared {
  grow(pages: number): number;
}

/** Numbers that are summed at a time: they stay in the cache. */
export const CHUNK = 16384;

/** How nodes' sums become the sum of all: each adds one node's place to another's, by their numbers in a list. */
export interface Additions {
  readonly adds: readonly (readonly [to: number, from: number])[];
  /** Where the sum of all stands then. */
  readonly root: number;
}

/**
 * @param size numbers of the model. One node at least
 * @param behind bytes that may follow, later
 */
export function makeShared(size: number, nodes: number, behind = 0): Shared {
  const bytes = placeOf(nodes, size);
  return sharedMemory(bytes, bytes + behind) ?? { buffer: new SharedArrayBuffer(bytes) };
}

/** The model's numbers. */
export function valuesIn({ buffer }: Shared, size: number): Float32Array {
  return new Float32Array(buffer, VALUES, size);
}

/** The sum of a node. */
export function sumIn({ buffer }: Shared, size: number, node: number): Float32Array {
  return new Float32Array(buffer, placeOf(node, size), size);
}

/**
 * How nodes are added up, for each place of the layout, parameters before buffers; undefined where no sum has anything.
 *
 * @param nodes those that have sums, of all workers
 */
export function additionsFor(
  { parameters, buffers }: Layout,
  shards: number,
  nodes: readonly TreeNode[],
  outcomes: readonly Outcome[],
): (Additions | undefined)[] {
  const own = nodes.map((node) => {
    const [from, end] = [node.index << node.level, endOf(node, shards)];
    return outcomes.filter(({ shard }) => shard >= from && shard < end);
  });
  // Most places have the same.
  const known = new Map<string, Additions | undefined>();
  const forNodes = (has: (own: readonly Outcome[]) => boolean): Additions | undefined => {
    const filled = [...nodes.keys()].filter((i) => has(own[i]!));
    const key = String(filled);
    if (!known.has(key))
      known.set(
        key,
        filled.length > 0
          ? additionsOf(shards, new Map(filled.map((i) => [keyOf(nodes[i]!), i])))
          : undefined,
      );
    return known.get(key);
  };
  return [
    ...parameters.map((_, i) => forNodes((own) => own.some((each) => isSummed(each, i)))),
    ...buffers.map(() => forNodes((own) => own.length > 0)),
  ];
}

/**
 * @param filled numbers of nodes in which there is something, by their keys
 */
export function additionsOf(shards: number, filled: ReadonlyMap<string, number>): Additions {
  const adds: [number, number][] = [];
  const visit = (node: TreeNode): number | undefined => {
    const own = filled.get(keyOf(node));
    if (own !== undefined || node.level === 0) return own;
    const [first, second] = below(node, shards);
    const left = visit(first);
    const right = second && visit(second);
    if (left === undefined || right === undefined) return left ?? right;
    adds.push([left, right]);
    return left;
  };
  return { root: visit(rootOf(shards))!, adds };
}

/** Numbers that workers sum alike: from here to before there. */
export interface Stretch extends Additions {
  readonly from: number;
  readonly to: number;
  /** What sums are multiplied by in the end. */
  readonly factor: number;
}

/** All that is to be summed. @param factor what gradients are multiplied by */
export function stretchesOf(
  { parameters, buffers, trained, size }: Layout,
  additions: readonly (Additions | undefined)[],
  factor: number,
): Stretch[] {
  const places = [...parameters, ...buffers];
  const stretches: Stretch[] = [];
  places.forEach(({ offset: from }, i) => {
    const own = additions[i];
    if (!own) return;
    const to = places[i + 1]?.offset ?? size;
    const last = stretches.at(-1);
    if (last?.to === from && last.adds === own.adds && from !== trained)
      stretches.splice(-1, 1, { ...last, to });
    else stretches.push({ ...own, from, to, factor: from < trained ? factor : 1 });
  });
  return stretches;
}

/** A worker's share of a stretch; whole cache lines. */
export function shareOf(stretch: Stretch, worker: number, workers: number): Stretch {
  const [from, to] = sliceOf(stretch, worker, workers);
  return { ...stretch, from, to };
}

/** A worker's slice of some numbers, of about as many as the others have; whole cache lines. */
export function sliceOf(
  { from, to }: Pick<Stretch, "from" | "to">,
  worker: number,
  workers: number,
): [from: number, to: number] {
  const edge = (at: number) =>
    at === workers ? to : from + LINE * Math.floor((at * (to - from)) / workers / LINE);
  return [edge(worker), edge(worker + 1)];
}

/** A worker's side: it sums numbers where they stand, and steps an optimizer. */
export class SharedWork {
  readonly #kernels: Kernels;
  readonly #size: number;

  constructor(memory: Shared, size: number) {
    this.#kernels = kernelsOn(memory as WebAssembly.Memory);
    this.#size = size;
  }

  sum({ adds, root, from, to, factor }: Stretch): void {
    const addressOf = (node: number, first: number) => at(placeOf(node, this.#size) as Ptr, first);
    for (let first = from; first < to; first += CHUNK) {
      const length = Math.min(CHUNK, to - first);
      for (const [sum, other] of adds)
        this.#kernels.axpy(addressOf(sum, first), addressOf(other, first), length, 1);
      const target = addressOf(root, first);
      if (factor !== 1) this.#kernels.scale(target, target, length, factor);
    }
  }

  step({ kernel, table, count, numbers }: SlicedCall): void {
    this.#kernels[kernel](table, count, ...numbers);
  }
}

/** Whether kernels can work on it. */
export function isSummable(memory: Shared): memory is KernelMemory {
  return memory instanceof WebAssembly.Memory;
}

/** Where a node's sum begins, in bytes; the model's numbers stand before the first, and behind the last the memory may grow. */
export function placeOf(node: number, size: number): number {
  return HEAP_BASE + (node + 1) * bytesOf(size);
}
