// The kernels of structured prediction: a module of its own, run at first use.
import { source } from "#kernels/structured";
import { familyKernels } from "./backend.js";
import type { StructuredKernels } from "./generated/structured.js";

let running: StructuredKernels | undefined;

/** Hot: one check. */
export function structuredKernels(): StructuredKernels {
  return (running ??= familyKernels("structured", source) as StructuredKernels);
}
