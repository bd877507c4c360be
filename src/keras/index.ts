/**
 * Models of Keras and TensorFlow.js, without Python: `.keras`, `.h5`, `model.json` with its shards.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export type { KerasLayer } from "./layer.js";
export { kerasShards, loadKeras, loadKerasWeights, type LoadKerasOptions } from "./load.js";
export { KerasModel } from "./model.js";
export { saveKeras, saveLayersModel, type LayersModelFiles } from "./save.js";
export type { Shards } from "./shards.js";
