import * as hs from "../../../src/index.js";
import { call, made, method } from "../wrong-calls.js";
import { floats } from "../values.js";
import * as ops from "../../../src/ops/index.js";

const CREATED = () => [[2, 3], { dtype: "float32", requiresGrad: true }] as const;
const NUMBERS = ["number", "array", "typed array"] as const;

export const TENSOR_CALLS = {
  tensor: call(hs.tensor, () => [[1, 2], { shape: [2], dtype: "float32", requiresGrad: true }], {
    also: { "0": NUMBERS },
  }),
  zeros: call(hs.zeros, CREATED),
  ones: call(hs.ones, CREATED),
  full: call(hs.full, () => [[2], 0.5, { dtype: "float32", requiresGrad: true }]),
  rand: call(hs.rand, () => [[2], { requiresGrad: true }]),
  randn: call(hs.randn, () => [[2], { requiresGrad: true }]),
  zerosLike: call(ops.zerosLike, () => [floats(2), { requiresGrad: true }]),
  onesLike: call(ops.onesLike, () => [floats(2), { requiresGrad: true }]),
  randLike: call(ops.randLike, () => [floats(2), { requiresGrad: true }]),
  randnLike: call(ops.randnLike, () => [floats(2), { requiresGrad: true }]),
  setLeakWarning: call(hs.setLeakWarning, () => [{ tensors: 1e9, bytes: 1e12 }], {
    also: { "0": "boolean" },
  }),
  arange: call(hs.arange, () => [0, 10, 2]),
  eye: call(ops.eye, () => [2, 3, { dtype: "float32", requiresGrad: true }]),
  linspace: call(ops.linspace, () => [0, 1, 3]),
  scope: call(hs.scope, () => [() => 1]),
  noGrad: call(hs.noGrad, () => [() => 1]),
  memoryUsage: call(hs.memoryUsage, () => []),
  manualSeed: call(hs.manualSeed, () => [1]),
  getRngState: call(hs.getRngState, () => []),
  setRngState: call(hs.setRngState, () => [hs.getRngState()], { named: [0] }),
  init: call(hs.init, () => [{ build: "auto", wasm: undefined, modules: {} }]),
  initSync: call(hs.initSync, () => [{ build: "auto", wasm: undefined, modules: {} }]),
  backend: call(hs.backend, () => []),
  buffer: call(hs.buffer, () => [floats(2)], { also: { "0": "int tensor" } }),
  "new Parameter": made(hs.Parameter, () => [floats(2), { requiresGrad: false }]),
  "Tensor.zeroGrad": method(
    () => floats(2),
    "zeroGrad",
    () => [],
  ),
  "Tensor.data": method(
    () => floats(2),
    "data",
    () => [new Float32Array(2)],
  ),
  "Tensor.set": method(
    () => floats(2),
    "set",
    () => [floats(2)],
    {
      also: { "0": ["array", "typed array"] },
    },
  ),
  "Tensor.toArray": method(
    () => floats(2),
    "toArray",
    () => [],
  ),
  "Tensor.item": method(
    () => floats(1),
    "item",
    () => [],
  ),
  "Tensor.backward": method(
    () => hs.tensor([1, 2], { requiresGrad: true }).mul(2),
    "backward",
    () => [floats(2)],
  ),
  "Tensor.detach": method(
    () => floats(2),
    "detach",
    () => [],
  ),
  "Tensor.dispose": method(
    () => floats(2),
    "dispose",
    () => [],
  ),
  "Tensor.toString": method(
    () => floats(2),
    "toString",
    () => [],
  ),
  "Tensor.clone": method(
    () => floats(2),
    "clone",
    () => [],
  ),
  "Tensor.to": method(
    () => floats(2),
    "to",
    () => ["int32"],
  ),
  "Tensor.reshape": method(
    () => floats(2),
    "reshape",
    () => [[2, 1]],
  ),
  "Tensor.add": method(
    () => floats(2),
    "add",
    () => [floats(2)],
    { also: { "0": "number" } },
  ),
  "Tensor.sub": method(
    () => floats(2),
    "sub",
    () => [floats(2)],
    { also: { "0": "number" } },
  ),
  "Tensor.mul": method(
    () => floats(2),
    "mul",
    () => [floats(2)],
    { also: { "0": "number" } },
  ),
  "Tensor.div": method(
    () => floats(2),
    "div",
    () => [floats(2)],
    { also: { "0": "number" } },
  ),
  "Tensor.neg": method(
    () => floats(2),
    "neg",
    () => [],
  ),
  "Tensor.matmul": method(
    () => floats(2, 2),
    "matmul",
    () => [floats(2, 2)],
  ),
  "Tensor.sum": method(
    () => floats(2, 2),
    "sum",
    () => [0, true],
    { also: { "0": "array" } },
  ),
  "Tensor.mean": method(
    () => floats(2, 2),
    "mean",
    () => [0, true],
    { also: { "0": "array" } },
  ),
  "Tensor.permute": method(
    () => floats(2, 2),
    "permute",
    () => [[1, 0]],
  ),
  "Tensor.slice": method(
    () => floats(2, 2),
    "slice",
    () => [0, 0, 1],
  ),
};
