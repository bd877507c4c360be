// The kernels of sound: a module of its own, run at first use.
import { source } from "#kernels/audio";
import { familyKernels } from "./backend.js";
import type { AudioKernels } from "./generated/audio.js";
import { ABI, LATE_ABI } from "./generated/modules.js";

let running: AudioKernels | undefined;

/** Hot: one check. */
export function audioKernels(): AudioKernels {
  return (running ??= first());
}

function first(): AudioKernels {
  // A program without sound does not carry what tells its kernels.
  if (!TRAINING) ABI.audio = LATE_ABI.audio;
  return familyKernels("audio", source) as AudioKernels;
}
