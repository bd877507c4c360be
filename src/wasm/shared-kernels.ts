// Kernels on a memory that several threads share. Modules import a memory of one thread; one that is shared is of another type, which
// stands in one place of a module: the import.
import { source } from "#kernels/main";
import { backend } from "./backend.js";
import type { Kernels } from "./generated/kernels.js";
import { instantiate } from "./instantiate.js";

const PAGE = 65536;
/** What a module can address. */
const MOST_PAGES = 65536;
const IMPORTS = 2;
const MEMORY = 2;

/**
 * @internal A shared memory of so many bytes that kernels can work on; undefined where the engine has none, or none so large.
 *
 * @param most what it may grow to, where modules can address that much
 */
export function sharedMemory(bytes: number, most: number): WebAssembly.Memory | undefined {
  const initial = Math.ceil(bytes / PAGE);
  if (initial > MOST_PAGES || !compilable()) return undefined;
  const maximum = Math.min(MOST_PAGES, Math.ceil(most / PAGE));
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch {
    return undefined;
  }
}

/** @internal Makes a memory so large; false where it cannot be. */
export function growTo(
  memory: Pick<WebAssembly.Memory, "grow"> & { readonly buffer: ArrayBufferLike },
  bytes: number,
): boolean {
  const more = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  try {
    if (more > 0) memory.grow(more);
    return true;
  } catch {
    return false;
  }
}

/** @internal The main kernels on a shared memory, of the build that runs on this thread's own. */
export function kernelsOn(memory: WebAssembly.Memory): Kernels {
  const bytes = source.builds[backend().build]!() as Uint8Array;
  return instantiate("main", forShared(bytes), memory) as Kernels;
}

/** Whether modules come as bytes, which can be changed. */
function compilable(): boolean {
  return source.delivery === "inlined";
}

/** A module whose imported memory is a shared one of any size. */
export function forShared(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 8;
  for (;;) {
    const id = module[at]!;
    const [size, begin] = number(module, at + 1);
    if (id === IMPORTS) {
      const limits = memoryLimits(module, begin);
      const [initial, behind] = number(module, limits + 1);
      // Shared, with a maximum.
      const own = [3, ...digits(initial), ...digits(MOST_PAGES)];
      const section = [
        ...module.subarray(begin, limits),
        ...own,
        ...module.subarray(behind, begin + size),
      ];
      const rest = module.subarray(begin + size);
      return Uint8Array.from([
        ...module.subarray(0, at + 1),
        ...digits(section.length),
        ...section,
        ...rest,
      ]);
    }
    at = begin + size;
  }
}

/** Where an import section says how large its memory is. */
function memoryLimits(module: Uint8Array, begin: number): number {
  let [imports, at] = number(module, begin);
  for (; imports > 0; imports--) {
    for (let name = 0; name < 2; name++) {
      const [length, behind] = number(module, at);
      at = behind + length;
    }
    if (module[at] === MEMORY) return at + 1;
    // A function, by its type.
    [, at] = number(module, at + 1);
  }
  throw new Error("a module without an imported memory");
}

/** An unsigned LEB128 number, and where it ends. */
function number(bytes: Uint8Array, at: number): [value: number, behind: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

function digits(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...digits(value >>> 7)];
}
