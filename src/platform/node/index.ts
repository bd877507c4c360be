// What `hiddenstate/node` exports.
export { readBytes, writeBytes } from "./files.js";
export {
  formatDuration,
  Pace,
  progressLines,
  type Progress,
  type ProgressLinesOptions,
} from "./progress.js";
