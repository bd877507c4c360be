// The host owns the address space of the kernels: one free-list heap on one WebAssembly memory.
import { internal, OutOfMemoryError } from "../core/errors.js";
import { running } from "../core/running.js";
import type { Ptr } from "./ptr.js";

/** Every block starts at a multiple of this, for whole cache lines. */
export const ALIGNMENT = 64;
/** Bytes after every block that kernels may read (and throw away) at a tail, never write. */
export const SPARE = 64;

const PAGE = 65536;
/** Grow by at least this much at a time: each growth detaches every view and costs the engine work. */
const LEAST_GROWTH = 64 * PAGE;

/** The part of `WebAssembly.Memory` that the heap needs, so that tests can mock 4 GiB. */
export interface GrowableMemory {
  readonly buffer: { readonly byteLength: number };
  grow(pages: number): number;
}

/**
 * Blocks of 64-byte granularity with coalescing neighbours. Free blocks are in bins by the power
 * of two of their size; a request takes the first that fits. All book-keeping is on the host side,
 * so that a stray write of a kernel cannot corrupt it.
 */
export class Heap {
  readonly #memory: GrowableMemory;
  /** Everything at and above this address was never handed out. */
  #top: number;
  readonly #sizes = new Map<number, number>();
  readonly #freeSizes = new Map<number, number>();
  readonly #freeEnds = new Map<number, number>();
  readonly #bins: Set<number>[] = Array.from({ length: 33 }, () => new Set<number>());
  #used = 0;
  #peak = 0;

  constructor(memory: GrowableMemory, base: number) {
    this.#memory = memory;
    this.#top = roundUp(base);
  }

  /** Bytes in blocks that are handed out now. */
  get used(): number {
    return this.#used;
  }

  /** The most that `used` has been. */
  get peak(): number {
    return this.#peak;
  }

  /** A block of at least `bytes`, aligned, with spare bytes behind it. Contents are undefined. */
  allocate(bytes: number): Ptr {
    const size = roundUp(bytes + SPARE);
    const ptr = (this.#takeFree(size) ?? this.#takeTop(size, bytes)) as Ptr;
    this.#sizes.set(ptr, size);
    this.#used += size;
    if (this.#used > this.#peak) this.#peak = this.#used;
    return ptr;
  }

  free(ptr: Ptr): void {
    const size = this.#sizes.get(ptr);
    if (size === undefined) throw internal(`freed ${ptr}, which is no block`);
    this.#sizes.delete(ptr);
    this.#used -= size;
    let start: number = ptr;
    let end = ptr + size;
    const before = this.#freeEnds.get(start);
    if (before !== undefined) {
      this.#removeFree(before);
      start = before;
    }
    if (this.#freeSizes.has(end)) end += this.#removeFree(end);
    if (end === this.#top) this.#top = start;
    else this.#addFree(start, end - start);
  }

  /** What a block can hold. */
  capacity(ptr: Ptr): number {
    return this.#sizes.get(ptr)! - SPARE;
  }

  #takeFree(size: number): number | undefined {
    for (let bin = binOf(size); bin < this.#bins.length; bin++) {
      for (const start of this.#bins[bin]!) {
        const found = this.#freeSizes.get(start)!;
        if (found < size) continue;
        this.#removeFree(start);
        if (found > size) this.#addFree(start + size, found - size);
        return start;
      }
    }
    return undefined;
  }

  #takeTop(size: number, wanted: number): number {
    const ptr = this.#top;
    const missing = ptr + size - this.#memory.buffer.byteLength;
    if (missing > 0 && !this.#grow(Math.max(missing, LEAST_GROWTH)) && !this.#grow(missing))
      throw new OutOfMemoryError({
        op: running.op,
        expected: `${wanted} more bytes of WebAssembly memory`,
        got: `a memory of ${this.#memory.buffer.byteLength} bytes, ${this.#used} in use, that cannot grow`,
        cure: "Use a smaller batch or shorter sequences, wrap steps in scope(), or dispose() of tensors.",
      });
    this.#top = ptr + size;
    return ptr;
  }

  #grow(bytes: number): boolean {
    try {
      this.#memory.grow(Math.ceil(bytes / PAGE));
      return true;
    } catch {
      return false;
    }
  }

  #addFree(start: number, size: number): void {
    this.#freeSizes.set(start, size);
    this.#freeEnds.set(start + size, start);
    this.#bins[binOf(size)]!.add(start);
  }

  #removeFree(start: number): number {
    const size = this.#freeSizes.get(start)!;
    this.#freeSizes.delete(start);
    this.#freeEnds.delete(start + size);
    this.#bins[binOf(size)]!.delete(start);
    return size;
  }
}

/** The bin of a size: all its blocks are at least 2^bin bytes. */
function binOf(size: number): number {
  return 31 - Math.clz32(size);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
