// The memory of a Neural Turing Machine's stream: one block with its state, as the kernels read it, and working space.
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { copyBytes, fillZero, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { memoryIn, memoryOut, weightsIn, weightsOut } from "../../ops/ntm/layout.js";
import type { MachineSizes } from "../../ops/ntm/machine.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";

/** A part of the state: its elements in the rows there are, and how it is read and written as `NTMState` has it. */
export interface StatePart {
  readonly name: string;
  readonly size: number;
  take(to: Ptr): void;
  put(from: Ptr): void;
}

/** Copies a part of some rows to or from a place. */
type Move = (place: Ptr, rows: number) => void;

export class NTMStreamMemory {
  /** `[B, I]` */
  readonly x: Ptr;
  /** [x | what was read], `[B, I + reads]`. */
  readonly input: Ptr;
  /** Each layer's parts, `[B, H]`. */
  readonly layers: readonly (readonly Ptr[])[];
  /** `[B, gates · H]` */
  readonly gates: Ptr;
  readonly parameters: Ptr;
  /** `[B, heads, P]` */
  readonly weights: Ptr;
  readonly records: Ptr;
  /** `[B, M, P]` */
  readonly memory: Ptr;
  /** [h | what was read], `[B, joined]`. */
  readonly joined: Ptr;
  /** `[B, outputs]` */
  readonly output: Ptr;
  /** Room for any part of the state. */
  readonly moved: Ptr;
  readonly parts: readonly StatePart[];
  /** Rows now: at most those it was made for. */
  rows: number;
  /** Where the state is as the kernels have it, each with the elements of a row. */
  readonly #slabs: readonly (readonly [place: Ptr, width: number])[];
  readonly #capacity: number;
  readonly #block: Storage;

  constructor(sizes: MachineSizes, layers: number, parts: number, outputs: number) {
    const { B, I, H, N, M, P, gates, heads, shiftRange, parameters, reads, joined } = sizes;
    const hidden = layers * B * H;
    const record = extraKernels().ntmRecordSize(N, M, shiftRange);
    const moved = Math.max(B * N * M, B * heads * N, B * reads, hidden);
    const counts = [
      ...[B * I, B * (I + reads), B * gates * H, B * parameters, B * heads * P, B * heads * record],
      ...[B * M * P, B * joined, B * outputs, moved],
      ...new Array<number>(Math.max(parts, 1) * layers).fill(B * H),
    ].map((size) => Math.ceil(size / 16) * 16);
    this.#block = allocateBlock(bytesOf(counts.reduce((sum, size) => sum + size)));
    fillZero(this.#block.ptr, this.#block.bytes);
    let end = this.#block.ptr;
    const take = (): Ptr => {
      const place = end;
      end = at(end, counts.shift()!);
      return place;
    };
    [this.x, this.input, this.gates, this.parameters] = [take(), take(), take(), take()];
    [this.weights, this.records, this.memory] = [take(), take(), take()];
    [this.joined, this.output, this.moved] = [take(), take(), take()];
    this.layers = Array.from({ length: layers }, () =>
      Array.from({ length: Math.max(parts, 1) }, take),
    );
    const width = I + reads;
    const readsAt = at(this.input, I);
    this.rows = this.#capacity = B;
    const slabs = this.layers.flat().map((place) => [place, H] as const);
    this.#slabs = [[this.input, width], [this.weights, heads * P], [this.memory, M * P], ...slabs];
    const now = (): MachineSizes => ({ ...sizes, B: this.rows });
    const part = (name: string, columns: number, take: Move, put: Move): StatePart => {
      const count = (): number => this.rows * columns;
      return {
        name,
        get size() {
          return count();
        },
        take: (to) => take(to, this.rows),
        put: (from) => put(from, this.rows),
      };
    };
    const layerParts = ["h", "c"].slice(0, parts).map((name, index) =>
      part(
        name,
        layers * H,
        (to, rows) =>
          this.layers.forEach((own, i) =>
            copyBytes(at(to, i * rows * H), own[index]!, bytesOf(rows * H)),
          ),
        (from, rows) =>
          this.layers.forEach((own, i) =>
            copyBytes(own[index]!, at(from, i * rows * H), bytesOf(rows * H)),
          ),
      ),
    );
    this.parts = [
      part(
        "memory",
        N * M,
        (to) => memoryOut(to, this.memory, now()),
        (from) => memoryIn(this.memory, from, now()),
      ),
      part(
        "reads",
        reads,
        (to, rows) => kernels().copyRows(to, readsAt, rows, reads, reads, width),
        (from, rows) => kernels().copyRows(readsAt, from, rows, reads, width, reads),
      ),
      part(
        "weights",
        heads * N,
        (to, rows) => weightsOut(to, this.weights, rows * heads, sizes),
        (from, rows) => weightsIn(this.weights, from, rows * heads, sizes),
      ),
      ...layerParts,
    ];
  }

  /** Row i of the state becomes what row `order[i]` was; there are as many as `order` has. */
  select(order: Int32Array): void {
    const count = order.length;
    const widest = Math.max(...this.#slabs.map(([, width]) => width));
    withScratch(bytesOf(count), (ids) =>
      withScratch(bytesOf(count * widest), (moved) => {
        i32(ids, count).set(order);
        for (const [place, width] of this.#slabs) {
          kernels().gatherRows(moved, place, ids, count, this.#capacity, width);
          copyBytes(place, moved, bytesOf(count * width));
        }
      }),
    );
    this.rows = count;
  }

  /** False after `free()`. */
  get live(): boolean {
    return this.#block.ptr !== 0;
  }

  free(): void {
    this.#block.free();
  }
}
