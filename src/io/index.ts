// hiddenstate/io: bytes in, bytes out.
import "../ops/methods.js";

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
