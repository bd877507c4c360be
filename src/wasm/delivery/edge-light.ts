// Vercel's middleware compiles no WebAssembly from bytes: `?module` imports it compiled.
import plain from "./kernels.wasm?module";
import relaxed from "./kernels.relaxed.wasm?module";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "imported",
  plain: () => plain,
  relaxed: () => relaxed,
};
