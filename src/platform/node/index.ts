/**
 * For Node, Deno and Bun: files written whole or not at all, and progress on a console.
 *
 * @packageDocumentation
 */
export { checkWritable, readBytes, writeBytes } from "./files.js";
export {
  formatDuration,
  Pace,
  progressLines,
  type Progress,
  type ProgressLinesOptions,
} from "./progress.js";
export { readChunks, readText, type ReadTextOptions } from "./text.js";
