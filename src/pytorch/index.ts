/**
 * Files of PyTorch and NumPy, without Python: NumPy's arrays.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export { loadNpy, saveNpy, type LoadNpyOptions } from "../io/npy.js";
export { loadNpz, saveNpz, type LoadNpzOptions, type SaveNpzOptions } from "../io/npz.js";
