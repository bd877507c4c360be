// Puts operations on Tensor's prototype as methods. Importing this file is its effect.
import { backward } from "../autograd/backward.js";
import { Tensor } from "../tensor/tensor.js";
import { add, div, mul, neg, sub } from "./arithmetic.js";
import { clone, to } from "./convert.js";
import { matmul } from "./matmul.js";
import { permute, transpose } from "./permute.js";
import { mean, sum } from "./reduce.js";
import { reshape, squeeze, unsqueeze } from "./reshape.js";
import { select, slice, unbind } from "./slice.js";
import { exp } from "./unary.js";

/** The operations that are methods, by name. */
export const methods = {
  ...{ backward, clone, to, reshape, add, sub, mul, div, neg },
  ...{ matmul, sum, mean, permute, slice, select },
  ...{ exp, squeeze, transpose, unbind, unsqueeze },
};

for (const [name, operation] of Object.entries(methods))
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(...given: never[]) {
      return (operation as (...given: never[]) => unknown)(this as never, ...given);
    },
  });
