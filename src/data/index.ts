// hiddenstate/data: what a model is fed with.
export { padSequences, type PaddedSequences, type PadOptions } from "./padding.js";
export { permutation, shuffle, type DrawBelow } from "./shuffle.js";
export { splitHeldOut, type Split } from "./split.js";
export { StreamWindows, type StreamWindow, type StreamWindowsOptions } from "./windows.js";
