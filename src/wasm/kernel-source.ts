import type { KernelBytes } from "./instantiate.js";

/** How the two builds of the kernels reach this runtime; `#kernels` in package.json chooses the file. */
export interface KernelSource {
  readonly delivery: "inlined" | "imported";
  plain(): KernelBytes;
  /** Undefined where a module that some engine cannot compile must not even be imported. */
  readonly relaxed: (() => KernelBytes) | undefined;
}
