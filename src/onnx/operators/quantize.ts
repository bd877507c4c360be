// Numbers as bytes with a scale, and back: computed as floats.
import { normalizeAxis } from "../../core/shape.js";
import { add, div, mul, sub } from "../../ops/arithmetic.js";
import { clamp } from "../../ops/clamp.js";
import { matmul } from "../../ops/matmul.js";
import { indexSelect } from "../../ops/index-select.js";
import { round } from "../../ops/round.js";
import { max } from "../../ops/reduce.js";
import { min } from "../../ops/statistics.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import { TYPES, typeOf, type ElementType } from "../types.js";
import { elementType, Host, type Value } from "../value.js";
import { roundEven } from "./host-math.js";

/** A scale, or a zero point, to stand beside x: one number, one along an axis, one for each block of it. */
function beside(x: Value, numbers: Tensor, node: GraphNode): Tensor {
  if (numbers.size === 1) return numbers.reshape([]);
  const rank = x.shape.length;
  const axis = normalizeAxis(String(node), node.int("axis", 1), rank);
  if (numbers.shape.length === 1)
    return numbers.reshape(x.shape.map((n, i) => (i === axis ? n : 1)));
  const block = node.int("block_size", 0);
  const places = Int32Array.from({ length: x.shape[axis]! }, (_, i) => Math.floor(i / block));
  return indexSelect(numbers, axis, tensor(places));
}

function dequantized(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const scale = beside(x, inputs.floats(1), node);
  const zero = inputs.optional(2);
  const from = zero ? sub(inputs.floats(0), beside(x, zero, node)) : inputs.floats(0);
  return mul(from, scale);
}

/** Rounded, half to even, within the type's range. */
function asBytes(x: Tensor, type: ElementType): Host {
  const [least, greatest] = TYPES[type].range!;
  return new Host(type, x.shape, clamp(x.detach(), least, greatest).to("int32"));
}

function quantized(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.floats(0);
  const zero = inputs.values[2];
  const type = zero ? elementType(zero) : (typeOf(node.int("output_dtype", 0)) ?? "uint8");
  const steps = round(div(x, beside(x, inputs.floats(1), node)));
  return asBytes(zero ? add(steps, beside(x, inputs.floats(2), node)) : steps, type);
}

function dynamicallyQuantized(inputs: Inputs): Value[] {
  const x = inputs.floats(0);
  const high = Math.max(0, max(x).item());
  const low = Math.min(0, min(x).item());
  const scale = Math.fround(Math.fround(high - low) / 255);
  const zero = scale === 0 ? 0 : Math.max(0, Math.min(255, roundEven(Math.fround(-low / scale))));
  const steps = scale === 0 ? x : add(round(div(x, scale)), zero);
  return [asBytes(steps, "uint8"), new Host("float", [], [scale]), new Host("uint8", [], [zero])];
}

/** Products of bytes, exact in float32 up to 2^24. */
function integerProduct(inputs: Inputs): Value {
  const centred = (i: number, per: "row" | "column"): Tensor => {
    const zero = inputs.optional(i + 2);
    const x = inputs.floats(i);
    if (!zero) return x;
    const shaped = zero.size === 1 ? [] : per === "row" ? [zero.size, 1] : zero.shape;
    return sub(x, zero.reshape(shaped));
  };
  const made = matmul(centred(0, "row"), centred(1, "column"));
  return new Host("int32", made.shape, made.detach().to("int32"));
}

export const quantization: Readonly<Record<string, Operator>> = {
  DequantizeLinear: {
    inputs: [2, 3],
    attributes: "axis block_size output_dtype",
    run: dequantized,
  },
  QuantizeLinear: {
    inputs: [2, 3],
    attributes: "axis block_size output_dtype precision saturate",
    run: quantized,
  },
  DynamicQuantizeLinear: { inputs: [1, 1], run: dynamicallyQuantized },
  MatMulInteger: { inputs: [2, 4], run: integerProduct },
};
