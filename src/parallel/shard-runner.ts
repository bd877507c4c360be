// Computes the gradients of shards, on a worker or on the main program's own thread, and sums what one node of the tree
// stands for.
import { backward } from "../autograd/backward.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { setRngState } from "../core/random.js";
import type { Module } from "../nn/module.js";
import { full } from "../tensor/create.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import { scope } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";
import { copyBytes, f32, fillZero } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { layoutOf, readValues, type Layout, type Place } from "./layout.js";
import { below, type TreeNode } from "./shard-tree.js";

/** The loss of a shard. */
export interface ShardLoss {
  /** Mean loss, a scalar. */
  readonly loss: Tensor;
  /**
   * What it is the mean over: examples, tokens. The batch's loss is the mean over those of all shards. 0: the shard counts for
   * nothing. Default: the number of examples, where the shard is a list; else 1.
   */
  readonly count?: number | undefined;
  /** What the main program is to know of the shard: `merge` gets it. Plain data and typed arrays. */
  readonly result?: unknown;
}

/** What computes a shard's loss, with the model that it trains. */
export interface Replica<Shard = never> {
  readonly model: Module;
  loss(shard: Shard): Tensor | ShardLoss;
  /** Frees what it keeps beside the model, at the end. Default: nothing. */
  dispose?(): void;
}

/** What a step's shards need beside the model's numbers. */
export interface StepInput {
  /** The seed that the step drew. */
  readonly seed: number;
  /** Shards by their numbers; those that are empty are missing. */
  readonly shards: ReadonlyMap<number, unknown>;
  /** The model's int32 buffers. */
  readonly counters: readonly Int32Array[];
}

/** What became of a shard. */
export interface Outcome {
  readonly shard: number;
  readonly loss: number;
  readonly count: number;
  readonly result: unknown;
  /** By parameter: 0 where the loss does not depend on it. */
  readonly reached: Uint8Array;
  /** By parameter: the rows of its gradient, where all of it came by rows. */
  readonly rows: readonly (TableRows | undefined)[];
  /** The int32 buffers behind it. */
  readonly counters: readonly Int32Array[];
}

/** The rows of a table that a shard reached. */
export interface TableRows {
  /** Each once. */
  readonly ids: Int32Array;
  /** What stands in them, where that is less to send than the table: then it is in no sum. */
  readonly values: Float32Array | undefined;
}

/** Rows are sent by themselves where they are at most this share of their table. */
const FEW = 1 / 4;

/** Random numbers of a shard begin this many blocks behind those of the shard before. */
const BLOCKS = 0x10000000000;
/** So that the last of them is a whole number that a double holds. */
export const MOST_SHARDS = 4096;

export class ShardRunner {
  readonly layout: Layout;
  readonly #replica: Replica;
  readonly #shards: number;
  /** A block for each depth of the tree. */
  readonly #blocks: Storage[] = [];

  constructor(replica: Replica, shards: number) {
    this.#replica = replica;
    this.#shards = shards;
    this.layout = layoutOf(replica.model);
  }

  /**
   * Sums what a node stands for.
   *
   * @param values the numbers that each shard's buffers begin with
   * @param to where the sum goes
   * @returns the shards that are in it; nothing is written where there are none
   */
  run(node: TreeNode, step: StepInput, values: Float32Array, to: Float32Array): Outcome[] {
    const outcomes: Outcome[] = [];
    const leaf = (shard: number): boolean => {
      const outcome = step.shards.has(shard) && this.#runShard(shard, step, values);
      if (!outcome) return false;
      outcomes.push(outcome);
      return true;
    };
    if (node.level === 0) {
      if (leaf(node.index)) this.#copyOut(values, to, outcomes[0]!);
    } else {
      const block = this.#block(0);
      if (this.#sum(node, block, 1, leaf, values, outcomes)) to.set(f32(block, this.layout.size));
    }
    return outcomes;
  }

  /** The only shard of a batch: its gradients, and what it changes of buffers, stay in the model. */
  runAlone(step: StepInput, values: Float32Array): Outcome | undefined {
    return this.#runShard(0, step, values);
  }

  dispose(): void {
    this.#replica.dispose?.();
    for (const block of this.#blocks) block.release();
  }

  /** Puts a node's sum into a block; false where there is nothing in it. */
  #sum(
    node: TreeNode,
    to: Ptr,
    depth: number,
    leaf: (shard: number) => boolean,
    values: Float32Array,
    outcomes: readonly Outcome[],
  ): boolean {
    if (node.level === 0) {
      if (!leaf(node.index)) return false;
      this.#copyTo(values, to, outcomes.at(-1)!);
      return true;
    }
    const [first, second] = below(node, this.#shards);
    const left = this.#sum(first, to, depth + 1, leaf, values, outcomes);
    if (!second) return left;
    const other = left ? this.#block(depth) : to;
    const right = this.#sum(second, other, depth + 1, leaf, values, outcomes);
    if (left && right) trainingKernels().axpy(to, other, this.layout.size, 1);
    return left || right;
  }

  #runShard(
    shard: number,
    { shards, seed, counters }: StepInput,
    values: Float32Array,
  ): Outcome | undefined {
    const { parameters, buffers, counters: own } = this.layout;
    readValues(buffers, values);
    own.forEach((counter, i) => counter.set(counters[i]!));
    setRngState({ seed, counter: shard * BLOCKS });
    const data = shards.get(shard);
    const learnt = scope(() => {
      const said = this.#replica.loss(data as never);
      const given: ShardLoss = said instanceof Tensor ? { loss: said } : said;
      const count = checkCount(given.count ?? (Array.isArray(data) ? data.length : 1));
      if (count === 0) return undefined;
      const { loss, result } = given;
      for (const { tensor } of parameters) tensor.zeroGrad();
      // The gradient of the sum; one shard alone is what a plain step computes.
      if (this.#shards === 1) backward(loss);
      else backward(loss, full(loss.shape, count));
      return { loss: loss.item(), count, result };
    });
    if (!learnt) return undefined;
    return {
      ...learnt,
      shard,
      reached: Uint8Array.from(parameters, ({ tensor }) => (tensor.grad ? 1 : 0)),
      rows: parameters.map(({ tensor }) => (tensor.grad ? rowsOf(tensor) : undefined)),
      counters: own.map((counter) => counter.data()),
    };
  }

  /** The gradients that the last shard left, where they are in sums, and how it changed the buffers. */
  #copyOut(values: Float32Array, to: Float32Array, outcome: Outcome): void {
    this.layout.parameters.forEach(({ tensor, offset }, i) => {
      if (isSummed(outcome, i)) to.set(f32(tensor.grad!.address("parallel"), tensor.size), offset);
    });
    for (const place of this.layout.buffers) to.set(this.#changeOf(place, values), place.offset);
  }

  /** Into a sum of several shards, of which others may have what this one has not. */
  #copyTo(values: Float32Array, to: Ptr, outcome: Outcome): void {
    this.layout.parameters.forEach(({ tensor, offset }, i) => {
      const bytes = bytesOf(tensor.size);
      if (isSummed(outcome, i)) copyBytes(at(to, offset), tensor.grad!.address("parallel"), bytes);
      else fillZero(at(to, offset), bytes);
    });
    for (const place of this.layout.buffers) {
      const change = this.#changeOf(place, values);
      f32(at(to, place.offset), change.length).set(change);
    }
  }

  /** What a shard changed of a buffer; what is in it, where there is one shard alone. */
  #changeOf({ tensor, offset }: Place, values: Float32Array): Float32Array {
    const now = tensor.data();
    return this.#shards === 1 ? now : now.map((value, i) => value - values[offset + i]!);
  }

  #block(depth: number): Ptr {
    let block = this.#blocks[depth];
    if (!block) {
      block = this.#blocks[depth] = allocateBlock(bytesOf(this.layout.size));
      // What stands between the parameters is summed, too.
      fillZero(block.ptr, block.bytes);
    }
    return block.ptr;
  }
}

/** Whether a shard's gradient of a parameter is in the sum of its node. */
export function isSummed({ reached, rows }: Outcome, parameter: number): boolean {
  return reached[parameter] === 1 && rows[parameter]?.values === undefined;
}

function rowsOf({ leafGradient, size, shape }: Tensor): TableRows | undefined {
  const { rows, tensor } = leafGradient!;
  if (!rows) return undefined;
  const ids = Int32Array.from(new Set(rows.flatMap((list) => [...list])));
  const width = shape[1]!;
  if (ids.length * width > FEW * size) return { ids, values: undefined };
  const values = new Float32Array(ids.length * width);
  const table = f32(tensor.address("parallel"), size);
  ids.forEach((id, i) => values.set(table.subarray(id * width, (id + 1) * width), i * width));
  return { ids, values };
}

function checkCount(count: unknown): number {
  if (typeof count === "number" && count >= 0 && count < Infinity) return count;
  throw new OptionError({
    op: "parallel",
    expected: "a loss whose count is a number of at least 0",
    got: described(count),
  });
}
