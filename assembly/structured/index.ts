// The kernels of structured prediction: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
export { crfRecordBytes, crfScratchBytes } from "./crf-record";
export { crfForward } from "./crf-forward";
export { crfBackward, crfMarginals } from "./crf-backward";
export { ctcScratchBytes, ctcForward, ctcBackward } from "./ctc";
