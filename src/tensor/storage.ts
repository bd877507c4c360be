// Where a tensor's numbers live, and how long.
import { ScopeError } from "../core/errors.js";
import { arena, heap } from "../wasm/backend.js";
import type { Ptr } from "../wasm/ptr.js";
import { countLoose } from "./leak-warning.js";
import { currentScope, ENDED_SCOPE, type Scope } from "./scope-stack.js";

/**
 * A block of kernel memory that one or several tensors share. It belongs to a scope's arena and
 * goes with the scope, or to the heap and goes with `dispose()` or the last tensor that holds it.
 */
export class Storage {
  ptr: Ptr;
  readonly bytes: number;
  /** The scope whose arena holds the block; undefined on the heap. */
  scope: Scope | undefined;
  /** Tensors that share the block. */
  holders = 1;
  /** Rises whenever the contents are replaced, so that a graph notices. */
  version = 0;
  /** Copies in other layouts (packed weights). */
  derived: Derived[] | undefined = undefined;

  readonly #use: Use;

  constructor(ptr: Ptr, bytes: number, scope: Scope | undefined, use: Use = "kept") {
    this.ptr = ptr;
    this.bytes = bytes;
    this.scope = scope;
    this.#use = use;
  }

  /** Whether the block is still there. */
  get live(): boolean {
    return this.ptr !== 0 && (this.scope === undefined || this.scope.open);
  }

  /** The block's address; refuses a block that is gone. */
  address(op: string): Ptr {
    if (!this.live) throw gone(op, this);
    return this.ptr;
  }

  /** One holder less; the last one frees a heap block. */
  release(): void {
    if (--this.holders === 0) this.free();
  }

  free(): void {
    if (this.ptr === 0) return;
    if (this.scope === undefined) {
      registry.unregister(this);
      freeBlock(this.block);
      this.derived?.forEach(({ storage }) => storage.release());
    } else if (this.scope.open) this.scope.tensors--;
    this.ptr = 0;
  }

  /** What the heap has to take back, without a reference to this storage. */
  get block(): HeapBlock {
    return { ptr: this.ptr, bytes: this.bytes, use: this.#use };
  }
}

/** A copy in another layout of the rows `first` to `first + rows - 1`, valid for one version of the original. */
interface Derived {
  readonly storage: Storage;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
  packing: string;
  version: number;
}

/**
 * Of a heap block: a tensor made outside every scope; a tensor that is kept whatever the scope (parameters, gradients); or no
 * tensor at all, as `memoryUsage()` counts.
 */
type Use = "loose" | "kept" | "block";

interface HeapBlock {
  readonly ptr: Ptr;
  readonly bytes: number;
  readonly use: Use;
}

// Safety net for heap tensors that nobody disposed of. Scoped storage is never registered.
const registry = new FinalizationRegistry<HeapBlock>(freeBlock);

let tensorsOnHeap = 0;

/** Tensors on the heap; those that share memory count once. */
export function heapTensors(): number {
  return tensorsOnHeap;
}

function freeBlock({ ptr, bytes, use }: HeapBlock): void {
  heap().free(ptr);
  if (use !== "block") tensorsOnHeap--;
  if (use === "loose") countLoose(-1, bytes);
}

/** A block in the open scope's arena, or on the heap where no scope is open. */
export function allocate(bytes: number): Storage {
  const scope = currentScope();
  if (scope === undefined) return allocateOnHeap(bytes, "loose");
  const storage = new Storage(arena().allocate(bytes), bytes, scope);
  scope.tensors++;
  return storage;
}

/** A block on the heap whatever scope is open: parameters, their gradients, optimizer state. */
export function allocateOnHeap(bytes: number, use: "loose" | "kept" = "kept"): Storage {
  const storage = register(new Storage(heap().allocate(bytes), bytes, undefined, use));
  tensorsOnHeap++;
  if (use === "loose") countLoose(1, bytes);
  return storage;
}

/** As {@link allocateOnHeap}, for what is no tensor: packed weights, tables, a stream's buffers. */
export function allocateBlock(bytes: number): Storage {
  return register(new Storage(heap().allocate(bytes), bytes, undefined, "block"));
}

function register(storage: Storage): Storage {
  registry.register(storage, storage.block, storage);
  return storage;
}

/** The error for a block that is gone, by the way it went. */
function gone(op: string, { scope }: Storage): ScopeError {
  return scope === undefined || scope.open
    ? new ScopeError({
        op,
        expected: "a live tensor",
        got: "one that was disposed of",
        cure: "Call dispose() only after its last use.",
      })
    : new ScopeError({
        op,
        expected: "a live tensor",
        got: "one whose scope has ended",
        cure: "Return it from the scope's function, or read it inside with data() or item().",
      });
}

/** What a tensor holds after `dispose()`. */
export const DISPOSED = new Storage(0, 0, undefined);

/** What a tensor over heap memory holds after its scope has ended. */
export const EXPIRED = new Storage(0, 0, ENDED_SCOPE);
