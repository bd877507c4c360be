/**
 * Tensors, scopes and gradients; RNN, LSTM, GRU and their cells; the daily layers, losses and optimizers; safetensors.
 *
 * @packageDocumentation
 */
export {
  BackendError,
  DTypeError,
  FormatError,
  GraphError,
  HiddenstateError,
  IndexError,
  NumericError,
  OptionError,
  OutOfMemoryError,
  ScopeError,
  ShapeError,
  StateDictError,
} from "./core/errors.js";
export type { DataOf, DType } from "./core/dtype.js";
export type { Shape } from "./core/shape.js";
export { getRngState, manualSeed, setRngState, type RngState } from "./core/random.js";

export {
  backend,
  init,
  initSync,
  type BackendInfo,
  type Build,
  type InitOptions,
  type InitSyncOptions,
} from "./wasm/backend.js";
export type { CompiledModule, KernelBytes } from "./wasm/instantiate.js";

export type { NestedArray, NumericArray } from "./tensor/array-data.js";
export {
  arange,
  full,
  ones,
  rand,
  randn,
  tensor,
  zeros,
  type CreateOptions,
  type TensorOptions,
} from "./tensor/create.js";
export { Buffer, buffer, Parameter } from "./tensor/parameter.js";
export { setLeakWarning, type LeakLimits } from "./tensor/leak-warning.js";
export { memoryUsage, type MemoryUsage } from "./tensor/memory-usage.js";
export { scope, type ScopeResult } from "./tensor/scope.js";
export { Tensor, type Operand } from "./tensor/tensor.js";

export { noGrad } from "./autograd/mode.js";

export { abs, exp, log, relu, sigmoid, sqrt, tanh } from "./ops/unary.js";
export { add, div, mul, neg, sub, type Arithmetic } from "./ops/arithmetic.js";
export { equal, greater, greaterEqual, less, lessEqual, type Comparison } from "./ops/compare.js";
export { dropout, type DropoutOptions } from "./ops/dropout.js";
export { embedding } from "./ops/embedding.js";
export { gather } from "./ops/gather.js";
export { concat, stack } from "./ops/join.js";
export { layerNorm, type LayerNormOptions } from "./ops/layer-norm.js";
export { linear } from "./ops/linear.js";
export { matmul, type MatmulOptions } from "./ops/matmul.js";
import "./ops/methods.js";
export { permute, transpose } from "./ops/permute.js";
export { argmax, logSumExp, mean, sum } from "./ops/reduce.js";
export { reshape, squeeze, unsqueeze } from "./ops/reshape.js";
export { select, slice, split } from "./ops/slice.js";
export { logSoftmax, softmax } from "./ops/softmax.js";
export { where } from "./ops/where.js";

export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyOptions,
} from "./losses/binary-cross-entropy.js";
export type { ClassLossOptions } from "./losses/class-target.js";
export { crossEntropy, type CrossEntropyOptions } from "./losses/cross-entropy.js";
export { l1Loss, mseLoss, type ElementwiseLoss, type LossOptions } from "./losses/elementwise.js";
export { nllLoss } from "./losses/nll.js";
export type { Reduction } from "./losses/reduction.js";

export { LogSoftmax, ReLU, Tanh } from "./nn/activation.js";
export type { Carry } from "./nn/carry.js";
export { GRUCell, LSTMCell, RNNCell, type CellOptions } from "./nn/cells.js";
export { Dropout } from "./nn/dropout.js";
export { Embedding, type EmbeddingOptions, type PretrainedOptions } from "./nn/embedding.js";
export { LayerNorm, type LayerNormModuleOptions } from "./nn/layer-norm.js";
export { GRU, type GRUForwardOptions, type GRUOptions, type GRUState } from "./nn/gru.js";
export { Linear, type LinearOptions } from "./nn/linear.js";
export { LSTM, type LSTMForwardOptions, type LSTMOptions, type LSTMState } from "./nn/lstm.js";
export { Module } from "./nn/module.js";
export type { StateDict, StateSource } from "./nn/state-dict.js";
export type { Lengths } from "./nn/recurrent-input.js";
export type { ForwardOptions } from "./nn/recurrent.js";
export type { MergeMode, RecurrentOptions, Skip } from "./nn/recurrent-options.js";
export {
  RNN,
  type Nonlinearity,
  type RNNForwardOptions,
  type RNNOptions,
  type RNNState,
} from "./nn/rnn.js";
export { Sequential, type Layer, type LayerFunction } from "./nn/sequential.js";
export type { Stream } from "./nn/stream.js";

export { Adam, AdamW, type AdamOptions } from "./optim/adam.js";
export { clipGradNorm, clipGradValue, type ClipGradNormOptions } from "./optim/clip.js";
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type ParameterGroup,
  type ParametersOrGroups,
} from "./optim/optimizer.js";
export { SGD, type SGDOptions } from "./optim/sgd.js";

export {
  loadSafetensors,
  readSafetensors,
  saveSafetensors,
  type SafetensorsFile,
} from "./io/safetensors.js";
