import { OutOfMemoryError } from "../core/errors.js";
import { ALIGNMENT, SPARE, type Heap } from "./heap.js";
import { offset, type Ptr } from "./ptr.js";

/** A place in the arena to come back to. */
export interface Mark {
  readonly chunk: number;
  readonly offset: number;
}

interface Chunk {
  readonly ptr: Ptr;
  readonly capacity: number;
}

const LEAST_CHUNK = 256 * 1024;
/** The most that a further chunk takes ahead of need. */
const MOST_AHEAD = 64 * LEAST_CHUNK;

/**
 * Bump allocation over a chain of chunks taken from the heap: a block costs an addition, and
 * everything since a mark goes at once. The bottom reset gives a chain of several chunks back, and the
 * next one begins with a single chunk of their size, so that a training loop soon runs in one.
 */
export class Arena {
  readonly #heap: Heap;
  #chunks: Chunk[] = [];
  #chunk = 0;
  #offset = 0;
  /** Bytes in the chunks before the current one, used or skipped. */
  #before = 0;
  #highWater = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Bytes from the bottom to the current place. */
  get used(): number {
    return this.#before + this.#offset;
  }

  /** Bytes that all chunks take from the heap. */
  get reserved(): number {
    return this.#chunks.reduce((sum, { ptr }) => sum + this.#heap.capacity(ptr) + SPARE, 0);
  }

  allocate(bytes: number): Ptr {
    const size = Math.ceil((bytes + SPARE) / ALIGNMENT) * ALIGNMENT;
    let chunk = this.#chunks[this.#chunk];
    while (chunk && this.#offset + size > chunk.capacity) {
      this.#before += chunk.capacity;
      this.#offset = 0;
      chunk = this.#chunks[++this.#chunk];
    }
    chunk ??= this.#addChunk(size, bytes);
    const ptr = offset(chunk.ptr, this.#offset);
    this.#offset += size;
    if (this.used > this.#highWater) this.#highWater = this.used;
    return ptr;
  }

  mark(): Mark {
    return { chunk: this.#chunk, offset: this.#offset };
  }

  reset({ chunk, offset }: Mark): void {
    while (this.#chunk > chunk) this.#before -= this.#chunks[--this.#chunk]!.capacity;
    this.#offset = offset;
    if (chunk > 0 || offset > 0 || this.#chunks.length < 2) return;
    for (const { ptr } of this.#chunks) this.#heap.free(ptr);
    this.#chunks = [];
  }

  #addChunk(size: number, bytes: number): Chunk {
    // The first chunk holds what was ever needed at once; each further one as much as all before it:
    // few chunks, at most half of the arena unused.
    const first = this.#chunks.length === 0;
    const ahead = first ? this.#highWater : Math.min(this.reserved, MOST_AHEAD);
    const capacity = Math.max(size, LEAST_CHUNK, ahead);
    // At the end of the memory one block's worth: the heap adds the spare bytes that `size` counts.
    const chunk = this.#take(capacity) ?? { ptr: this.#heap.allocate(bytes), capacity: size };
    this.#chunks.push(chunk);
    return chunk;
  }

  /** A chunk taken ahead of need, where the memory can still grow so far. */
  #take(capacity: number): Chunk | undefined {
    try {
      return { ptr: this.#heap.allocate(capacity), capacity };
    } catch (error) {
      if (error instanceof OutOfMemoryError) return undefined;
      throw error;
    }
  }
}
