// Keys and values of the steps that a stream has read, for each row and layer.
import type { KeptKeys } from "../../ops/attention/step.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import { copyBytes, f32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";

/** Steps that they grow by at the least. */
const BLOCK = 64;

/**
 * Of each layer `[slot, room, key and value]`. A row has a slot: rows that are reordered change slots, and only one that is
 * repeated copies what it has. Room grows by half of itself in whole blocks. Where a window slides, what has slid out stays in
 * front until the room ends; then the rest moves to its beginning.
 */
export class KeptSteps {
  /** Of each layer, as attention reads them. */
  readonly layers: (KeptKeys & { keys: Ptr; values: Ptr; capacity: number })[];
  /** The slot of each row. */
  readonly slots: Int32Array;
  readonly #blocks: Storage[];
  readonly #width: number;
  readonly #window: number;
  readonly #taken: Uint8Array;
  readonly #next: Int32Array;
  #room = 0;
  #first = 0;
  #end = 0;

  /**
   * @param rows at the most
   * @param width features of a key, of all heads
   * @param window steps that are kept; undefined: all
   */
  constructor(layers: number, rows: number, width: number, window: number | undefined) {
    this.#width = width;
    this.#window = window ?? Infinity;
    const row = 2 * width;
    const none = { keys: 0 as Ptr, values: 0 as Ptr, capacity: 0, keyRow: row, valueRow: row };
    this.layers = Array.from({ length: layers }, () => ({ ...none }));
    this.#blocks = [];
    this.slots = Int32Array.from({ length: rows }, (_, i) => i);
    this.#next = new Int32Array(rows);
    this.#taken = new Uint8Array(rows);
  }

  /** Steps that are kept of each row. */
  get count(): number {
    return this.#end - this.#first;
  }

  /** Makes room for a step, the last one of `count` from then on, whose keys and values are written layer by layer. */
  begin(rows: number): void {
    if (this.count >= this.#window) this.#first++;
    if (this.#end === this.#room) this.#move(rows);
    this.#end++;
    const row = 2 * this.#width;
    for (let i = 0; i < this.layers.length; i++) {
      const layer = this.layers[i]!;
      layer.keys = at(this.#blocks[i]!.ptr, this.#first * row);
      layer.values = at(layer.keys, this.#width);
      layer.capacity = this.#room;
    }
  }

  /** Copies the step's keys and values, side by side, `stride` elements from row to row. */
  write(layer: number, from: Ptr, stride: number, rows: number): void {
    const bytes = bytesOf(2 * this.#width);
    for (let row = 0; row < rows; row++)
      copyBytes(this.#step(layer, this.slots[row]!, this.#end - 1), at(from, row * stride), bytes);
  }

  /** Row i goes on with what row `order[i]` had. */
  select(order: Int32Array): void {
    const [slots, next, taken] = [this.slots, this.#next, this.#taken];
    taken.fill(0);
    for (const row of order) taken[slots[row]!] = 1;
    let free = 0;
    order.forEach((row, i) => {
      const slot = slots[row]!;
      next[i] = slot;
      if (taken[slot] === 1) {
        taken[slot] = 2;
        return;
      }
      while (taken[free] !== 0) free++;
      taken[free] = 2;
      next[i] = free;
      const bytes = bytesOf(this.count * 2 * this.#width);
      for (let layer = 0; layer < this.layers.length; layer++)
        copyBytes(
          this.#step(layer, free, this.#first),
          this.#step(layer, slot, this.#first),
          bytes,
        );
    });
    slots.set(next.subarray(0, order.length));
  }

  /** Forgets all steps. */
  clear(): void {
    this.#first = this.#end = 0;
    for (let row = 0; row < this.slots.length; row++) this.slots[row] = row;
  }

  /** Makes room for steps of so many rows, with nothing in it. */
  resize(rows: number, count: number): void {
    this.clear();
    while (this.#room < count) this.#move(rows);
    this.#end = count;
  }

  /** Takes over what another of the same sizes keeps. */
  copyFrom(other: KeptSteps, rows: number): void {
    this.resize(rows, other.count);
    for (let layer = 0; layer < this.layers.length; layer++)
      for (let row = 0; row < rows; row++) this.view(layer, row).set(other.view(layer, row));
  }

  /** What is kept of a row, `[count, key and value]`. */
  view(layer: number, row: number): Float32Array {
    if (this.count === 0) return new Float32Array(0);
    const start = this.#step(layer, this.slots[row]!, this.#first);
    return f32(start, this.count * 2 * this.#width);
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }

  #step(layer: number, slot: number, step: number): Ptr {
    return at(this.#blocks[layer]!.ptr, (slot * this.#room + step) * 2 * this.#width);
  }

  /** Moves what is kept to the beginning, of larger blocks unless enough slides out. */
  #move(rows: number): void {
    const [before, first, count] = [this.#room, this.#first, this.count];
    const grows = before < this.#window + BLOCK;
    if (grows) this.#room += Math.max(BLOCK, Math.ceil(before / 2 / BLOCK) * BLOCK);
    const row = 2 * this.#width;
    const bytes = bytesOf(count * row);
    for (let layer = 0; layer < this.layers.length; layer++) {
      const old = this.#blocks[layer];
      if (grows) this.#blocks[layer] = allocateBlock(bytesOf(this.slots.length * this.#room * row));
      for (let i = 0; old && i < rows; i++) {
        const slot = this.slots[i]!;
        copyBytes(this.#step(layer, slot, 0), at(old.ptr, (slot * before + first) * row), bytes);
      }
      if (grows) old?.free();
    }
    this.#first = 0;
    this.#end = count;
  }
}
