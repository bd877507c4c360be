// The descent of a layout: what the kernels work with, in one block that stays, and an iteration in pieces of a few milliseconds.
import { log } from "../../core/exp-log.js";
import { NumericError } from "../../core/errors.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import { f32, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { vectorKernels } from "../../wasm/vectors.js";
import type { JointAffinities } from "./joint.js";

/** openTSNE's, in both phases. */
const MOMENTUM = 0.8;
/** A point's longest step. */
const LONGEST = 5;
/** Points of a piece, a multiple of 4. */
const PIECE = 4096;

/** What an iteration is asked with. */
export interface StepSettings {
  readonly exaggeration: number;
  readonly rate: number;
}

export class Descent {
  readonly #n: number;
  readonly #theta: number;
  readonly #negativeEntropy: number;
  readonly #total: number;
  readonly #block: Storage;
  readonly #layout: Ptr;
  readonly #update: Ptr;
  readonly #gains: Ptr;
  /** Repulsion of the layout, then the gradient. */
  readonly #forces: Ptr;
  readonly #starts: Ptr;
  readonly #ids: Ptr;
  readonly #p: Ptr;
  readonly #tree: Ptr;
  readonly #scratch: Ptr;
  /** The sum that normalizes, if `#forces` are the repulsion of the layout as it is. */
  #sum: number | undefined;

  /** @param start `[n, 2]` */
  constructor(start: Float32Array, joint: JointAffinities, theta: number) {
    const n = (this.#n = start.length / 2);
    this.#theta = theta;
    this.#negativeEntropy = joint.negativeEntropy;
    this.#total = joint.total;
    const k = vectorKernels();
    const pairs = joint.ids.length;
    const tree = theta > 0 ? [k.treeBytes(n) / 4, k.treeScratchBytes(n) / 4] : [0, 0];
    let end = 0;
    const places = [2 * n, 2 * n, 2 * n, 2 * n, n + 1, pairs, pairs, ...tree].map((size) => {
      const place = end;
      // Each with 64 bytes behind it, into which loads may reach.
      end += Math.ceil(size / 16) * 16 + 16;
      return place;
    });
    this.#block = allocateBlock(bytesOf(end));
    const [layout, update, gains, forces, starts, ids, p, nodes, scratch] = places.map((place) =>
      at(this.#block.ptr, place),
    ) as [Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr];
    [this.#layout, this.#update, this.#gains, this.#forces] = [layout, update, gains, forces];
    [this.#starts, this.#ids, this.#p] = [starts, ids, p];
    [this.#tree, this.#scratch] = [nodes, scratch];
    f32(layout, 2 * n).set(start);
    f32(update, 2 * n).fill(0);
    f32(gains, 2 * n).fill(1);
    i32(starts, n + 1).set(joint.starts);
    i32(ids, pairs).set(joint.ids);
    f32(p, pairs).set(joint.p);
  }

  get live(): boolean {
    return this.#block.ptr !== 0;
  }

  layout(): Float32Array {
    return f32(this.#layout, 2 * this.#n).slice();
  }

  /** One iteration; other work may be done at each `yield`, nothing with this object. */
  *step({ exaggeration, rate }: StepSettings): Generator<void, void> {
    const k = vectorKernels();
    const sum = this.#sum ?? (yield* this.#repel());
    for (let from = 0; from < this.#n; from += PIECE) {
      // prettier-ignore
      k.attract(
        this.#forces, this.#forces, this.#layout, this.#starts, this.#ids, this.#p,
        from, this.#end(from), exaggeration, sum,
      );
      yield;
    }
    this.#sum = undefined;
    // prettier-ignore
    k.moveLayout(
      this.#layout, this.#update, this.#gains, this.#forces, this.#n, rate, MOMENTUM, LONGEST,
    );
  }

  /** KL(P ‖ Q) in nats. The forces stay for the next step. */
  *klDivergence(): Generator<void, number> {
    const sum = this.#sum ?? (yield* this.#repel());
    this.#sum = sum;
    let logs = 0;
    for (let from = 0; from < this.#n; from += PIECE) {
      // prettier-ignore
      logs += vectorKernels().attractionLogs(
        this.#layout, this.#starts, this.#ids, this.#p, from, this.#end(from),
      );
      yield;
    }
    return this.#negativeEntropy + logs + this.#total * log(sum);
  }

  free(): void {
    this.#block.free();
  }

  #end(from: number): number {
    return Math.min(this.#n, from + PIECE);
  }

  *#repel(): Generator<void, number> {
    const k = vectorKernels();
    const exact = this.#theta === 0;
    const nodes = exact
      ? 0
      : k.buildTree(this.#tree, this.#layout, this.#n, this.#theta, this.#scratch);
    let sum = 0;
    for (let from = 0; from < this.#n; from += PIECE) {
      const to = this.#end(from);
      sum += exact
        ? k.repelAll(this.#forces, this.#layout, this.#n, from, to)
        : k.repelByTree(this.#forces, this.#tree, this.#n, nodes, from, to);
      yield;
    }
    if (sum > 0 && sum < Infinity) return sum;
    throw new NumericError({
      op: "TSNE.step",
      expected: "a layout of finite numbers, not too far apart",
      got: "one that has left them",
      cure: "Try a smaller learningRate, or points that start nearer to each other.",
    });
  }
}
