// Everywhere that compiles WebAssembly from bytes: the kernels travel as text inside the bundle.
// The text first: its letters are nothing like code, and compress best where they meet code at one end only.
import { base64, PIECE, plainSize, relaxedSize } from "../generated/inline.js";
import inflate from "tiny-inflate";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "inlined",
  plain: () => decode(0, plainSize, relaxedSize),
  relaxed: () => decode(1, relaxedSize, plainSize),
};

/** One module of the two, whose pieces stand in turn: see scripts/inline-modules.mjs. */
function decode(order: 0 | 1, size: number, otherSize: number): Uint8Array<ArrayBuffer> {
  const deflated = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const both = new Uint8Array(size + otherSize);
  inflate(deflated, both);
  const module = new Uint8Array(size);
  for (let at = 0; at < size; at += PIECE) {
    const before = Math.min(order === 1 ? at + PIECE : at, otherSize);
    module.set(both.subarray(at + before, at + before + Math.min(PIECE, size - at)), at);
  }
  return module;
}
