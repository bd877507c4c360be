// The kernels of sound: a module of its own, run at first use.
import { source } from "#kernels/audio";
import { familyKernels } from "./backend.js";
import type { AudioKernels } from "./generated/audio.js";

let running: AudioKernels | undefined;

/** Hot: one check. */
export function audioKernels(): AudioKernels {
  return (running ??= familyKernels("audio", source) as AudioKernels);
}
