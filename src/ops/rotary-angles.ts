// The angles of rotary positions, as cosines and sines. In double precision by turning from position to position: the same
// bits on every engine, in a table or step by step.
import { exp, log } from "../core/exp-log.js";
import { turn } from "../core/turn.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import { f32 } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";

/** Cosines and sines of one position after the other. */
export class RotaryAngles {
  readonly #size: number;
  /** Cosine and sine of each pair: of a turn by one position, and of the position. */
  readonly #turns: Float64Array;
  readonly #now: Float64Array;
  #position = 0;

  /** @param size features of a head, even */
  constructor(size: number, base: number) {
    this.#size = size;
    this.#turns = new Float64Array(size);
    this.#now = new Float64Array(size);
    const ln = log(base);
    for (let i = 0; i < size; i += 2)
      [this.#turns[i], this.#turns[i + 1]] = turn(exp((-i / size) * ln));
    this.seek(0);
  }

  /** Goes to a position. */
  seek(position: number): void {
    if (position < this.#position || this.#position === 0) {
      for (let i = 0; i < this.#size; i += 2) [this.#now[i], this.#now[i + 1]] = [1, 0];
      this.#position = 0;
    }
    while (this.#position < position) this.advance();
  }

  /** Goes to the next position. */
  advance(): void {
    const [now, turns] = [this.#now, this.#turns];
    for (let i = 0; i < now.length; i += 2) {
      const cosine = now[i]!;
      const sine = now[i + 1]!;
      now[i] = cosine * turns[i]! - sine * turns[i + 1]!;
      now[i + 1] = sine * turns[i]! + cosine * turns[i + 1]!;
    }
    this.#position++;
  }

  /** Puts `size / 2` cosines and as many sines at an index. */
  write(to: Float32Array, at: number): void {
    const now = this.#now;
    const half = this.#size / 2;
    for (let i = 0; i < half; i++) {
      to[at + i] = now[2 * i]!;
      to[at + half + i] = now[2 * i + 1]!;
    }
  }
}

interface Table {
  readonly positions: number;
  readonly block: Storage;
}

/** By size and base; a program has one or two. */
const tables = /* @__PURE__ */ new Map<string, Table>();

/** Angles `[positions or more, size]`, as the kernel `rotate` reads them, until the next call. */
export function rotaryTable(positions: number, size: number, base: number): Ptr {
  const key = `${size} ${base}`;
  const table = tables.get(key);
  if (table && table.positions >= positions) return table.block.ptr;
  const count = Math.max(64, positions, 2 * (table?.positions ?? 0));
  const block = allocateBlock(bytesOf(count * size));
  const angles = new RotaryAngles(size, base);
  const view = f32(block.ptr, count * size);
  for (let position = 0; position < count; position++, angles.advance())
    angles.write(view, position * size);
  table?.block.free();
  tables.set(key, { positions: count, block });
  return block.ptr;
}
