import type { GrowableMemory } from "../../src/wasm/heap.js";

const PAGE = 65536;

/** A memory without contents, so that tests reach 4 GiB. */
export function mockMemory(
  maximumPages = 65536,
  initialPages = 1,
): GrowableMemory & { growths: number } {
  let pages = initialPages;
  return {
    growths: 0,
    get buffer() {
      return { byteLength: pages * PAGE };
    },
    grow(more) {
      if (!Number.isInteger(more) || pages + more > maximumPages)
        throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
      this.growths++;
      pages += more;
      return pages - more;
    },
  };
}
