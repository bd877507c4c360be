/**
 * Bytes in, bytes out: safetensors and checkpoints.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export {
  loadCheckpoint,
  saveCheckpoint,
  type CheckpointParts,
  type ScheduleState,
  type Stateful,
} from "./checkpoint.js";
export {
  loadSafetensors,
  readSafetensors,
  saveSafetensors,
  type SafetensorsFile,
  type SaveSafetensorsOptions,
} from "./safetensors.js";
export {
  parseSafetensors,
  type SafetensorsEntry,
  type SafetensorsLayout,
  type SafetensorsLimits,
} from "./safetensors-header.js";
