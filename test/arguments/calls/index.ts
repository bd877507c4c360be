import type { Call } from "../wrong-calls.js";
import { LOSS_CALLS } from "./losses.js";
import { OPS_CALLS } from "./ops.js";
import { OPTIM_CALLS } from "./optim.js";
import { TENSOR_CALLS } from "./tensor.js";

/** A right call of everything that the package exports. */
export const CALLS: Readonly<Record<string, Call>> = {
  ...TENSOR_CALLS,
  ...OPS_CALLS,
  ...LOSS_CALLS,
  ...OPTIM_CALLS,
};
