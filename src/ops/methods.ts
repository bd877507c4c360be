// Puts the operations behind Tensor's methods. Importing this file is its whole effect.
import { backward } from "../autograd/backward.js";
import { methods, type Methods } from "../tensor/methods.js";
import { add, div, mul, neg, sub } from "./arithmetic.js";
import { clone, to } from "./convert.js";
import { matmul } from "./matmul.js";
import { permute } from "./permute.js";
import { mean, sum } from "./reduce.js";
import { reshape } from "./reshape.js";
import { select, slice } from "./slice.js";

Object.assign(methods, {
  backward,
  clone,
  to,
  reshape,
  add,
  sub,
  mul,
  div,
  neg,
  matmul,
  sum,
  mean,
  permute,
  slice,
  select,
} satisfies Methods);
