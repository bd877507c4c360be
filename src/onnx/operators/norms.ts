// Normalizations and the softmax family.
import { normalizeAxis, sizeOf } from "../../core/shape.js";
import { add, div, mul, sub } from "../../ops/arithmetic.js";
import { layerNorm } from "../../ops/layer-norm.js";
import { rmsNorm } from "../../ops/rms-norm.js";
import { rsqrt, square } from "../../ops/power.js";
import { mean, sum } from "../../ops/reduce.js";
import { abs, sqrt } from "../../ops/unary.js";
import { maximum } from "../../ops/extremes.js";
import { logSoftmax, softmax } from "../../ops/softmax.js";
import { argmax } from "../../ops/reduce.js";
import { to } from "../../ops/convert.js";
import { oneHot } from "../../ops/one-hot.js";
import { transpose } from "../../ops/permute.js";
import { full } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import type { Value } from "../value.js";

/** A number for each channel, to stand beside `[batch, channels, …]`. */
function perChannel(x: Tensor, weight: Tensor): Tensor {
  return weight.reshape([weight.size, ...x.shape.slice(2).map(() => 1)]);
}

function batchNorm(inputs: Inputs, node: GraphNode): Value {
  const [x, weight, bias, center, spread] = [0, 1, 2, 3, 4].map((i) => inputs.floats(i)) as [
    ...[Tensor, Tensor, Tensor, Tensor, Tensor],
  ];
  const scale = mul(weight, rsqrt(add(spread, node.float("epsilon", 1e-5))));
  const shift = sub(bias, mul(center, scale));
  return add(mul(x, perChannel(x, scale)), perChannel(x, shift));
}

/** Each group of channels of each example over its own elements. */
function groupNorm(x: Tensor, groups: number, eps: number): Tensor {
  const [batch, channels] = x.shape as [number, number];
  const width = (channels / groups) * sizeOf(x.shape.slice(2));
  return layerNorm(x.reshape([batch * groups, width]), width, { eps }).reshape(x.shape);
}

function scaled(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return add(mul(x, perChannel(x, weight)), perChannel(x, bias));
}

function groupNormalization(inputs: Inputs, node: GraphNode): Value {
  const [x, weight, bias] = [inputs.floats(0), inputs.floats(1), inputs.floats(2)];
  const groups = node.int("num_groups", 1);
  const made = groupNorm(x, groups, node.float("epsilon", 1e-5));
  // A number for each group until version 21.
  const all = (each: Tensor): Tensor => {
    if (each.size === x.shape[1]) return each;
    const repeated = mul(each.reshape([groups, 1]), onesLikeRow(x.shape[1]! / groups));
    return repeated.reshape([x.shape[1]!]);
  };
  return scaled(made, all(weight), all(bias));
}

function onesLikeRow(count: number): Tensor {
  return full([1, count], 1);
}

function layerNormalization(inputs: Inputs, node: GraphNode): Value | Value[] {
  const [x, weight, bias] = [inputs.floats(0), inputs.floats(1), inputs.optional(2)];
  const axis = inputs.axis(x.shape.length, -1);
  const eps = node.float("epsilon", 1e-5);
  const shape = x.shape.slice(axis);
  const fits = weight.shape.length === shape.length && weight.size === sizeOf(shape);
  const y = fits
    ? layerNorm(x, shape, { weight, eps, ...(bias && { bias }) })
    : affine(layerNorm(x, shape, { eps }), weight, bias);
  if (node.outputs.length === 1) return y;
  const axes = shape.map((_, i) => axis + i);
  const center = mean(x, axes, true);
  const spread = mean(square(sub(x, center)), axes, true);
  return [y, center, rsqrt(add(spread, eps))];
}

function affine(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  const made = mul(x, weight);
  return bias ? add(made, bias) : made;
}

function lpNormalization(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.floats(0);
  const axis = inputs.axis(x.shape.length, -1);
  const size = node.int("p", 2) === 1 ? sum(abs(x), axis, true) : sqrt(sum(square(x), axis, true));
  return div(x, maximum(size, Number.MIN_VALUE));
}

/** Until version 12 x is a matrix: what stands before the axis, and from it on. */
function softmaxOf(f: (x: Tensor, axis: number) => Tensor): Operator {
  return {
    inputs: [1, 1],
    attributes: "axis",
    run(inputs, node) {
      const x = inputs.floats(0);
      if (x.shape.length === 0) return f(x.reshape([1]), 0).reshape([]);
      if (node.opset >= 13) return f(x, inputs.axis(x.shape.length, -1));
      const axis = inputs.axis(x.shape.length, 1);
      const width = sizeOf(x.shape.slice(axis));
      return f(x.reshape([-1, width]), -1).reshape(x.shape);
    },
  };
}

/** 1 where the greatest is, the first of several. */
function hardmax(x: Tensor, axis: number): Tensor {
  const last = normalizeAxis("Hardmax", axis, x.shape.length);
  const end = x.shape.length - 1;
  const moved = last === end ? x : transpose(x, last, end);
  const hot = to(oneHot(argmax(moved, -1), moved.shape.at(-1)!), "float32");
  return last === end ? hot : transpose(hot, last, end);
}

export const norms: Readonly<Record<string, Operator>> = {
  BatchNormalization: {
    inputs: [5, 5],
    attributes: "epsilon momentum training_mode spatial",
    refuses(node) {
      if (node.int("training_mode", 0) === 1)
        return "training_mode: export the model for inference";
      return node.int("spatial", 1) === 1 ? undefined : "spatial 0";
    },
    run: batchNorm,
  },
  InstanceNormalization: {
    inputs: [3, 3],
    attributes: "epsilon",
    run(inputs, node) {
      const x = inputs.floats(0);
      const made = groupNorm(x, x.shape[1]!, node.float("epsilon", 1e-5));
      return scaled(made, inputs.floats(1), inputs.floats(2));
    },
  },
  GroupNormalization: {
    inputs: [3, 3],
    attributes: "epsilon num_groups stash_type",
    run: groupNormalization,
  },
  LayerNormalization: {
    inputs: [2, 3],
    attributes: "axis epsilon stash_type",
    run: layerNormalization,
  },
  RMSNormalization: {
    inputs: [2, 2],
    attributes: "axis epsilon stash_type",
    run(inputs, node) {
      const [x, weight] = [inputs.floats(0), inputs.floats(1)];
      const axis = inputs.axis(x.shape.length, -1);
      return rmsNorm(x, x.shape.slice(axis), { weight, eps: node.float("epsilon", 1e-5) });
    },
  },
  MeanVarianceNormalization: {
    inputs: [1, 1],
    attributes: "axes",
    run(inputs, node) {
      const x = inputs.floats(0);
      const axes = node.ints("axes") ?? [0, 2, 3];
      const moved = sub(x, mean(x, axes, true));
      return div(moved, add(sqrt(mean(square(moved), axes, true)), 1e-9));
    },
  },
  LpNormalization: { inputs: [1, 1], attributes: "axis p", run: lpNormalization },
  Softmax: softmaxOf(softmax),
  LogSoftmax: softmaxOf(logSoftmax),
  Hardmax: softmaxOf(hardmax),
};
