// Cloudflare Workers compile no WebAssembly from bytes: the kernels are a module of the Worker.
import plain from "./kernels.wasm";
import type { KernelSource } from "../kernel-source.js";

export const source: KernelSource = {
  delivery: "imported",
  plain: () => plain,
  relaxed: undefined,
};
