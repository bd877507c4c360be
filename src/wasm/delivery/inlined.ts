// Everywhere that compiles WebAssembly from bytes: the kernels travel as text inside the bundle.
// The text first: its letters are nothing like code, and compress best where they meet code at one end only.
import { PIECE, plainSize, relaxedSize, text } from "../generated/inline.js";
import { decode } from "./decode.js";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "inlined",
  plain: () => oneOf(0, plainSize, relaxedSize),
  relaxed: () => oneOf(1, relaxedSize, plainSize),
};

/** One module of the two, whose pieces stand in turn: see scripts/inline-modules.mjs. */
function oneOf(order: 0 | 1, size: number, otherSize: number): Uint8Array<ArrayBuffer> {
  const both = decode(text);
  const module = new Uint8Array(size);
  for (let at = 0; at < size; at += PIECE) {
    const before = Math.min(order === 1 ? at + PIECE : at, otherSize);
    module.set(both.subarray(at + before, at + before + Math.min(PIECE, size - at)), at);
  }
  return module;
}
