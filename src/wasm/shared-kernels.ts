// Kernels on a memory that several threads share. Modules import a memory of one thread; one that is shared is of another type, which
// stands in one place of a module: the import.
import { source } from "#kernels/main";
import type { Kernels } from "./generated/kernels.js";
import { instantiate } from "./instantiate.js";

const PAGE = 65536;
/** What a module can address. */
const MOST_PAGES = 65536;
const IMPORTS = 2;
const MEMORY = 2;

/** @internal A shared memory of so many bytes that kernels can work on; undefined where the engine has none, or none so large. */
export function sharedMemory(bytes: number): WebAssembly.Memory | undefined {
  const pages = Math.ceil(bytes / PAGE);
  if (pages > MOST_PAGES || !compilable()) return undefined;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    return undefined;
  }
}

/** @internal The plain main kernels on a shared memory. */
export function kernelsOn(memory: WebAssembly.Memory): Kernels {
  return instantiate("main", forShared(source.builds.plain!() as Uint8Array), memory) as Kernels;
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
