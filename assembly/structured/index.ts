// The kernels of structured prediction: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
