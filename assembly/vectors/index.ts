// The kernels of word vectors: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
export { wordStateBytes } from "./state";
export { trainWords, trainWordsScratchBytes } from "./train";
