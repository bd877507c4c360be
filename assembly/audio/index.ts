// The kernels of sound: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
export { melSpectra, spectra, spectraScratchBytes } from "./spectra";
export { cosineRows } from "./cosine-rows";
export { filterPhases } from "./filter-phases";
