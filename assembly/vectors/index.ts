// The kernels of word vectors and of maps of vectors: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
export { wordStateBytes } from "./state";
export { trainWords, trainWordsScratchBytes } from "./train";
export { affinityRows } from "./affinities";
export { attract, attractionLogs } from "./attraction";
export { covarianceAcc } from "./covariance";
export { moveLayout } from "./move-layout";
export { keepNearest, refineNearest } from "./nearest";
export { repelAll, repelByTree } from "./repulsion";
export { buildTree, treeBytes, treeScratchBytes } from "./tree";
