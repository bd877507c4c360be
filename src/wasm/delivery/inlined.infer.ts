// Everywhere that compiles WebAssembly from bytes: the plain kernels travel as text inside the bundle.
// The text first: its letters are nothing like code, and compress best where they meet code at one end only.
import { text } from "../generated/inline.infer.js";
import { decode } from "./decode.js";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "inlined",
  plain: () => decode(text),
  relaxed: undefined,
};
