// Files of PyTorch, NumPy, Keras and TensorFlow.js.
import { readFileSync } from "node:fs";
import * as keras from "../../../src/keras/index.js";
import * as pytorch from "../../../src/pytorch/index.js";
import { ones } from "../../../src/tensor/create.js";
import { jsonOf, kerasFiles, shardsOf, tfjsCase, type TfjsCase } from "../../keras/oracle.js";
import { call, method, type Call } from "../wrong-calls.js";

const checkpoint = (): Uint8Array =>
  readFileSync(new URL("../../pytorch/fixtures/nested-twice.pt", import.meta.url));
const layersModel = () => {
  const { name } = tfjsCase("rnn");
  return keras.loadKeras(jsonOf(tfjsCase(name)), { shards: shardsOf(tfjsCase(name)) });
};
const input = () => ones([1, 5, 3]);
const model = () => keras.loadKeras(kerasFiles["rnn.keras"]!);

export const FILE_CALLS: Readonly<Record<string, Call>> = {
  loadNpy: call(pytorch.loadNpy, () => [pytorch.saveNpy(ones([2])), { name: "a.npy" }]),
  saveNpy: call(pytorch.saveNpy, () => [ones([2])], { also: { "0": "int tensor" } }),
  loadNpz: call(pytorch.loadNpz, () => [pytorch.saveNpz({ a: ones([2]) }), { name: "a.npz" }]),
  saveNpz: call(pytorch.saveNpz, () => [{ a: ones([2]) }, { compressed: true }], { named: [0] }),
  loadTorch: call(pytorch.loadTorch, () => [
    checkpoint(),
    { key: "model.weights", prefix: "", name: "a.pt", unknown: "skip" },
  ]),
  readTorch: call(pytorch.readTorch, () => [checkpoint(), { name: "a.pt", unknown: "skip" }]),
  loadKeras: call(
    keras.loadKeras,
    () => {
      const { modelTopology, ...weights } = tfjsCase("rnn") as TfjsCase & { modelTopology: object };
      const config = JSON.stringify(modelTopology);
      return [jsonOf(weights), { name: "model.json", shards: shardsOf(weights), config }];
    },
    { also: { "1.shards": "object", "1.config": "object" } },
  ),
  loadKerasWeights: call(
    keras.loadKerasWeights,
    () => [jsonOf(tfjsCase("rnn")), { name: "model.json", shards: shardsOf(tfjsCase("rnn")) }],
    { also: { "1.shards": "object" } },
  ),
  kerasShards: call(keras.kerasShards, () => [jsonOf(tfjsCase("rnn"))]),
  saveKeras: call(keras.saveKeras, () => [model()]),
  saveLayersModel: call(keras.saveLayersModel, () => [layersModel()]),
  "KerasModel.forward": method(model, "forward", () => [input()]),
  "KerasModel.outputs": method(model, "outputs", () => [input()]),
  "KerasModel.stream": method(model, "stream", () => [{ batch: 2 }]),
};
