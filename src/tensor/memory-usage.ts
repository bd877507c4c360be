import { checkCall } from "../core/check.js";
import { arena, heap } from "../wasm/backend.js";
import { memoryBytes } from "../wasm/memory.js";
import { scopedTensors } from "./scope-stack.js";
import { heapTensors } from "./storage.js";

/** What the library holds now, in bytes of WebAssembly memory and in tensors. */
export interface MemoryUsage {
  /** The whole memory. It grows, and never shrinks: what is freed is used again. */
  readonly wasmBytes: number;
  /** Blocks in use outside the arena: parameters, gradients, optimizer state, packed weights, streams. */
  readonly heapBytes: number;
  /** What scopes allocate from: kept from scope to scope, so it settles at what one needs. */
  readonly arenaBytes: number;
  /** The most that `heapBytes + arenaBytes` has been. */
  readonly peakBytes: number;
  /**
   * Tensors that are alive: those on the heap, gradients, buffers and moments included, and those of
   * every scope that is open. Tensors that share memory (`reshape`, `detach`) count once. Of one that
   * was dropped without `dispose()` outside every scope, garbage collection has to take notice first.
   */
  readonly tensors: number;
}

/**
 * How much memory is in use: flat from step to step, unless tensors are kept.
 *
 * @example
 * ```ts
 * const { heapBytes, tensors } = memoryUsage();
 * console.log(`${tensors} tensors, ${heapBytes} bytes`);
 * ```
 */
export function memoryUsage(): MemoryUsage {
  checkCall("memoryUsage", arguments, "");
  const arenaBytes = arena().reserved;
  return {
    wasmBytes: memoryBytes(),
    heapBytes: heap().used - arenaBytes,
    arenaBytes,
    peakBytes: heap().peak,
    tensors: heapTensors() + scopedTensors(),
  };
}
