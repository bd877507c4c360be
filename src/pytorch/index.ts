/**
 * Files of PyTorch and NumPy, without Python: state dicts and checkpoints of `torch.save`, arrays of `np.save` and `np.savez`.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export { loadNpy, saveNpy, type LoadNpyOptions } from "../io/npy.js";
export { loadNpz, saveNpz, type LoadNpzOptions, type SaveNpzOptions } from "../io/npz.js";
export { loadTorch, type LoadTorchOptions } from "./load-torch.js";
export { Attributes, PythonGlobal, PythonObject, type PickleValue } from "./pickle.js";
export { readTorch, type ReadTorchOptions } from "./torch-file.js";
export { TorchTensor } from "./torch-tensor.js";
