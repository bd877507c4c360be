// Attention of several heads: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
export { attentionForward, attentionScratchBytes } from "./forward";
export { attentionBackward, attentionBackwardScratchBytes } from "./backward";
export { attentionStep, attentionStepScratchBytes } from "./step";
