// The kernels of attention: a module of its own, run at first use.
import { source } from "#kernels/attention";
import { familyKernels } from "./backend.js";
import type { AttentionKernels } from "./generated/attention.js";

let running: AttentionKernels | undefined;

/** Hot: one check. */
export function attentionKernels(): AttentionKernels {
  return (running ??= familyKernels("attention", source) as AttentionKernels);
}
