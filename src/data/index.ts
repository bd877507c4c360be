// hiddenstate/data: what a model is fed with.
export { batches, type Batches, type BatchesOptions } from "./batches.js";
export { padCharacters, type PadCharactersOptions } from "./characters.js";
export { padSequences, type PaddedSequences, type PadOptions } from "./padding.js";
export { permutation, shuffle, type DrawBelow } from "./shuffle.js";
export { splitHeldOut, type Split } from "./split.js";
export { StreamWindows, type StreamWindow, type StreamWindowsOptions } from "./windows.js";
