import { ALIGNMENT, SPARE, type Heap } from "./heap.js";

/** A place in the arena to come back to. */
export interface Mark {
  readonly chunk: number;
  readonly offset: number;
}

interface Chunk {
  readonly ptr: number;
  readonly capacity: number;
}

const LEAST_CHUNK = 256 * 1024;

/**
 * Bump allocation over a chain of chunks taken from the heap: a block costs an addition, and
 * everything since a mark goes at once. The bottom reset fuses a chain of several chunks into one,
 * so that a training loop soon runs in a single chunk of the size it needs.
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

  /** Bytes of all chunks. */
  get capacity(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.capacity, 0);
  }

  allocate(bytes: number): number {
    const size = Math.ceil((bytes + SPARE) / ALIGNMENT) * ALIGNMENT;
    let chunk = this.#chunks[this.#chunk];
    while (chunk && this.#offset + size > chunk.capacity) {
      this.#before += chunk.capacity;
      this.#offset = 0;
      chunk = this.#chunks[++this.#chunk];
    }
    chunk ??= this.#addChunk(size);
    const ptr = chunk.ptr + this.#offset;
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
    if (chunk === 0 && offset === 0 && this.#chunks.length > 1) this.#fuse();
  }

  #addChunk(size: number): Chunk {
    // Each chunk as large as all before it: few chunks, at most half of the arena unused.
    const capacity = Math.max(size, LEAST_CHUNK, Math.min(this.capacity, 64 * LEAST_CHUNK));
    const chunk = { ptr: this.#heap.allocate(capacity), capacity };
    this.#chunks.push(chunk);
    return chunk;
  }

  #fuse(): void {
    for (const { ptr } of this.#chunks) this.#heap.free(ptr);
    this.#chunks = [];
    const capacity = this.#highWater;
    this.#chunks.push({ ptr: this.#heap.allocate(capacity), capacity });
  }
}
