// What `hiddenstate` exports.
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
export type { KernelBytes } from "./wasm/instantiate.js";

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
export { scope, type ScopeResult } from "./tensor/scope.js";
export { Tensor, type Operand } from "./tensor/tensor.js";

export { noGrad } from "./autograd/mode.js";

export { tanh } from "./ops/activate.js";

export { Adam, AdamW, type AdamOptions } from "./optim/adam.js";
export { clipGradNorm, clipGradValue } from "./optim/clip.js";
export {
  Optimizer,
  type CommonOptions,
  type OptimizerState,
  type ParameterGroup,
  type ParametersOrGroups,
} from "./optim/optimizer.js";
export { SGD, type SGDOptions } from "./optim/sgd.js";
