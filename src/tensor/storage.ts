// Where a tensor's numbers live, and how long.
import { ScopeError } from "../core/errors.js";
import { arena, heap } from "../wasm/backend.js";
import { currentScope, type Scope } from "./scope-stack.js";

/**
 * A block of kernel memory that one or several tensors share. It belongs to a scope's arena and
 * goes with the scope, or to the heap and goes with `dispose()` or the last tensor that holds it.
 */
export class Storage {
  ptr: number;
  readonly bytes: number;
  /** The scope whose arena holds the block; undefined on the heap. */
  scope: Scope | undefined;
  /** Tensors that share the block. */
  holders = 1;
  /** Rises whenever the contents are replaced, so that a graph notices. */
  version = 0;
  /** Copies in other layouts (packed weights), by layout; each good for one version. */
  derived: Map<string, Derived> | undefined = undefined;

  constructor(ptr: number, bytes: number, scope: Scope | undefined) {
    this.ptr = ptr;
    this.bytes = bytes;
    this.scope = scope;
  }

  /** The block's address; refuses a block that is gone. */
  address(op: string): number {
    if (this.ptr === 0 || (this.scope !== undefined && !this.scope.open)) throw gone(op, this);
    return this.ptr;
  }

  /** One holder less; the last one frees a heap block. */
  release(): void {
    if (--this.holders === 0) this.free();
  }

  free(): void {
    if (this.scope === undefined && this.ptr !== 0) {
      registry.unregister(this);
      heap().free(this.ptr);
      this.derived?.forEach(({ storage }) => storage.free());
    }
    this.ptr = 0;
  }
}

export interface Derived {
  readonly storage: Storage;
  version: number;
}

// Safety net for heap tensors that nobody disposed of. Scoped storage is never registered.
const registry = new FinalizationRegistry<number>((ptr) => heap().free(ptr));

/** A block in the open scope's arena, or on the heap where no scope is open. */
export function allocate(bytes: number): Storage {
  const scope = currentScope();
  return scope === undefined
    ? allocateOnHeap(bytes)
    : new Storage(arena().allocate(bytes), bytes, scope);
}

/** A block on the heap whatever scope is open: parameters, their gradients, optimizer state. */
export function allocateOnHeap(bytes: number): Storage {
  const storage = new Storage(heap().allocate(bytes), bytes, undefined);
  registry.register(storage, storage.ptr, storage);
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
