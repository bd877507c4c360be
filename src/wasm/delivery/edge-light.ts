// Vercel's middleware compiles no WebAssembly from bytes: `?module` imports it compiled. Every such
// import is compiled at start, also under Node 20, which refuses relaxed SIMD: so only the plain one.
import plain from "./kernels.wasm?module";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "imported",
  plain: () => plain,
  relaxed: undefined,
};
