// Cloudflare Workers compile no WebAssembly from bytes: the kernels are modules of the Worker.
import plain from "./kernels.wasm";
import relaxed from "./kernels.relaxed.wasm";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "imported",
  plain: () => plain,
  relaxed: () => relaxed,
};
