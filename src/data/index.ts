/**
 * What a model is fed with: readers of files, treebanks too, batches, padding, windows.
 *
 * @packageDocumentation
 */
export { batches, type Batches, type BatchesOptions } from "./batches.js";
export { padCharacters, type PadCharactersOptions } from "./characters.js";
export { readConll, type ConllOptions, type ConllSentence } from "./conll.js";
export type { NamedSource } from "./fault.js";
export { readJsonLines } from "./json-lines.js";
export { padSequences, type PaddedSequences, type PadOptions } from "./padding.js";
export { readParallel, type ParallelExample, type ParallelOptions } from "./parallel.js";
export { permutation, shuffle, type DrawBelow } from "./shuffle.js";
export { collect, type TextSource } from "./source.js";
export { splitHeldOut, type Split } from "./split.js";
export { streamBatches, type OpenStream, type StreamBatchesOptions } from "./stream-batches.js";
export type { TableOptions } from "./table.js";
export {
  parseTree,
  readTrees,
  treeText,
  type ReadTreesOptions,
  type Tree,
  type TreeLeaf,
  type TreeOptions,
  type TreePhrase,
} from "./trees.js";
export { readTsv } from "./tsv.js";
export { StreamWindows, type StreamWindow, type StreamWindowsOptions } from "./windows.js";
