// The kernels of word vectors: a module of its own, run at first use.
import { source } from "#kernels/vectors";
import { familyKernels } from "./backend.js";
import type { VectorKernels } from "./generated/vectors.js";

let running: VectorKernels | undefined;

/** Hot: one check. */
export function vectorKernels(): VectorKernels {
  return (running ??= familyKernels("vectors", source) as VectorKernels);
}
