import type { KernelBytes } from "./instantiate.js";

/** How the two builds of the kernels reach this runtime; `#kernels` in package.json chooses the file. */
export interface KernelSource {
  readonly delivery: "inlined" | "imported";
  plain(): KernelBytes;
  relaxed(): KernelBytes;
}
