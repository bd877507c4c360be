// The kernels that only subpaths call (convolutions, rectifiers, …): a module of its own, run at first use.
import { source } from "#kernels/extra";
import { familyKernels } from "./backend.js";
import type { ExtraKernels } from "./generated/extra.js";

let running: ExtraKernels | undefined;

/** Hot: one check. */
export function extraKernels(): ExtraKernels {
  return (running ??= familyKernels("extra", source) as ExtraKernels);
}
