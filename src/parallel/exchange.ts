// The memory that main program and workers share: the model's numbers, and behind them the sum of each node that a worker computes.
// Kernels work on it, so that workers sum what all of them found, each a slice.
import { HEAP_BASE } from "../wasm/generated/modules.js";
import type { Kernels } from "../wasm/generated/kernels.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { kernelsOn, sharedMemory } from "../wasm/shared-kernels.js";
import { LINE } from "./layout.js";
import { below, keyOf, rootOf, type TreeNode } from "./shard-tree.js";

/** A shared memory: a `WebAssembly.Memory` where kernels can work on it. */
export interface Shared {
  readonly buffer: ArrayBufferLike;
}

/** Numbers that are summed at a time: they stay in the cache. */
export const CHUNK = 16384;

/** How nodes' sums become the sum of all: each adds one node's place to another's, by their numbers in a list. */
export interface Additions {
  readonly adds: readonly (readonly [to: number, from: number])[];
  /** Where the sum of all stands then. */
  readonly root: number;
}

/** @param size numbers of the model. One node at least */
export function makeShared(size: number, nodes: number): Shared {
  const bytes = placeOf(nodes, size);
  return sharedMemory(bytes) ?? { buffer: new SharedArrayBuffer(bytes) };
}

/** The model's numbers. */
export function valuesIn({ buffer }: Shared, size: number): Float32Array {
  return new Float32Array(buffer, HEAP_BASE, size);
}

/** The sum of a node. */
export function sumIn({ buffer }: Shared, size: number, node: number): Float32Array {
  return new Float32Array(buffer, placeOf(node, size), size);
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

/** What a worker is asked to sum. */
export interface Slice extends Additions {
  /** Numbers from here … */
  readonly from: number;
  /** … to before here. */
  readonly to: number;
  /** What sums are multiplied by in the end, and how many of all numbers are. */
  readonly factor: number;
  readonly scaled: number;
}

/** A share of all numbers for each worker; whole cache lines. */
export function sliceOf(worker: number, workers: number, size: number): [from: number, to: number] {
  const edge = (at: number) =>
    at === workers ? size : LINE * Math.floor((at * size) / workers / LINE);
  return [edge(worker), edge(worker + 1)];
}

/** A worker's side: it sums slices where they stand. */
export class Summer {
  readonly #kernels: Kernels;
  readonly #size: number;

  constructor(memory: Shared, size: number) {
    this.#kernels = kernelsOn(memory as WebAssembly.Memory);
    this.#size = size;
  }

  sum({ adds, root, from, to, factor, scaled }: Slice): void {
    const addressOf = (node: number, first: number) => at(placeOf(node, this.#size) as Ptr, first);
    for (let first = from; first < to; first += CHUNK) {
      const length = Math.min(CHUNK, to - first);
      for (const [sum, other] of adds)
        this.#kernels.axpy(addressOf(sum, first), addressOf(other, first), length, 1);
      const own = Math.min(length, scaled - first);
      const target = addressOf(root, first);
      if (own > 0) this.#kernels.scale(target, target, own, factor);
    }
  }
}

/** Whether kernels can work on it. */
export function isSummable(memory: Shared): boolean {
  return memory instanceof WebAssembly.Memory;
}

/** Where a node's sum begins, in bytes; the model's numbers stand before the first. */
function placeOf(node: number, size: number): number {
  return HEAP_BASE + (node + 1) * bytesOf(size);
}
