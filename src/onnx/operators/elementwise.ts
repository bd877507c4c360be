// Operators that compute each element for itself.
import { broadcastShapes } from "../../core/shape.js";
import { abs, exp, log, relu, sigmoid, sqrt, tanh } from "../../ops/unary.js";
import { add, div, mul, neg, sub } from "../../ops/arithmetic.js";
import { clamp } from "../../ops/clamp.js";
import { elu, gelu, leakyRelu, silu, softplus } from "../../ops/activations.js";
import { maximum, minimum } from "../../ops/extremes.js";
import { pow, reciprocal } from "../../ops/power.js";
import { ceil, floor, round, sign } from "../../ops/round.js";
import { cos, sin } from "../../ops/sine.js";
import { where } from "../../ops/where.js";
import { equal, greater, greaterEqual, less, lessEqual } from "../../ops/compare.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import { isFloat, typeOf, type ElementType } from "../types.js";
import {
  elementType,
  floatsOf,
  Host,
  hostOf,
  hostsOnly,
  isHosts,
  isFloats,
  onHost,
  type Value,
} from "../value.js";
import { broadcastMap, mapHost, roundEven, zipHosts } from "./host-math.js";

type Unary = (x: Tensor, node: GraphNode) => Tensor;

/** An operator of one tensor; `host` where it is of whole numbers too. */
function unary(f: Unary, host?: (x: number) => number, attributes = ""): Operator {
  return {
    inputs: [1, 1],
    attributes,
    run(inputs, node) {
      const x = inputs.at(0);
      if (host && isHosts(x)) return mapHost(x, x.type, host);
      return f(floatsOf(x), node);
    },
  };
}

/** As {@link unary}, of a function without numbers of its own. */
function plain(f: (x: Tensor) => Tensor, host?: (x: number) => number): Operator {
  return unary((x) => f(x), host);
}

/** The normal distribution's integral, times 2, less 1: Φ(z) is gelu(z) / z. */
function erf(x: Tensor): Tensor {
  const z = mul(x, Math.SQRT2);
  // Where z is 0 the quotient is not.
  const safe = where(equal(z, 0), 1, z);
  const integral = where(equal(z, 0), 0.5, div(gelu(safe), safe));
  return sub(mul(integral, 2), 1);
}

function hyperbolic(x: Tensor, end: 1 | -1): Tensor {
  const [up, down] = [exp(x), exp(neg(x))];
  return div(end > 0 ? add(up, down) : sub(up, down), 2);
}

/** A number where a tensor has one element and no more axes than the other: no kernel need broadcast it. */
function operand(x: Value, other: Value): Tensor | number {
  if (x instanceof Host && x.size === 1 && x.shape.length <= other.shape.length) return x.data[0]!;
  return floatsOf(x);
}

type Operands = (a: Tensor | number, b: Tensor | number) => Tensor;

/** f of two values, on the host where both are there. */
export function combine(
  op: string,
  a: Value,
  b: Value,
  f: Operands,
  host: (a: number, b: number) => number,
): Value {
  const both = [a, b];
  if (hostsOnly(both) || !(isFloats(a) || isFloats(b)))
    return zipHosts(op, onHost(a), onHost(b), elementType(a), host);
  const left = a instanceof Host && b instanceof Host ? floatsOf(a) : operand(a, b);
  return f(left, operand(b, a));
}

/** A number first needs a tensor where the function is typed for one. */
const float = (f: unknown): Operands => f as Operands;

function binary(f: Operands, host: (a: number, b: number) => number): Operator {
  return {
    inputs: [2, 2],
    // Of versions before 7, which no exporter in use writes.
    run: (inputs, node) => combine(node.opType, inputs.at(0), inputs.at(1), f, host),
  };
}

/** Of any number of inputs, from the first on. */
function variadic(f: Operands, host: (a: number, b: number) => number): Operator {
  return { inputs: [1, Infinity], run: (inputs, node) => folded(inputs, node, f, host) };
}

function folded(
  inputs: Inputs,
  node: GraphNode,
  f: Operands,
  host: (a: number, b: number) => number,
): Value {
  let all = inputs.at(0);
  for (let i = 1; i < inputs.length; i++) all = combine(node.opType, all, inputs.at(i), f, host);
  return all;
}

/** What compares gives conditions, which stay where they were computed until somebody reads them. */
function comparison(f: Operands, host: (a: number, b: number) => boolean): Operator {
  return {
    inputs: [2, 2],
    run(inputs, node) {
      const both = [inputs.at(0), inputs.at(1)];
      const [a, b] = both as [Value, Value];
      if (hostsOnly(both) || !(isFloats(a) || isFloats(b)))
        return zipHosts(node.opType, onHost(a), onHost(b), "bool", (x, y) => Number(host(x, y)));
      const made = f(floatsOf(a), operand(b, a)) as unknown as Tensor<"int32">;
      return new Host("bool", made.shape, made);
    },
  };
}

function logical(f: (a: number, b: number) => number): Operator {
  return {
    inputs: [2, 2],
    run: (inputs, node) => zipHosts(node.opType, inputs.host(0), inputs.host(1), "bool", f),
  };
}

/** Towards zero, as C++ divides whole numbers. */
function quotient(a: number, b: number, type: ElementType): number {
  return isFloat(type) ? a / b : Math.trunc(a / b);
}

function modulo(a: number, b: number, likeC: boolean): number {
  const rest = a % b;
  return likeC || rest === 0 || rest < 0 === b < 0 ? rest : rest + b;
}

/** x to a whole power, by squaring. */
function power(x: number, exponent: number): number {
  if (exponent === 0.5) return Math.sqrt(x);
  if (!Number.isInteger(exponent)) return NaN;
  let [result, square, rest] = [1, x, Math.abs(exponent)];
  for (; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}

const hardSigmoidOf = (x: Tensor, alpha: number, beta: number): Tensor =>
  clamp(add(mul(x, alpha), beta), 0, 1);

/** The type that `Cast` asks for. */
function castType(node: GraphNode): ElementType | undefined {
  return typeOf(node.int("to", 0));
}

/** Whole numbers that become more floats than this are a tensor then. */
const LARGE = 64;

/** A value as another type. */
export function cast(x: Value, type: ElementType): Value {
  if (x instanceof Host) {
    if (isFloat(type) && x.size > LARGE) return x.floats();
    return mapHost(x, type, (each) => each);
  }
  if (isFloat(type)) return x;
  if (type === "bool") return new Host("bool", x.shape, whereNotZero(x));
  if (type === "int32" || type === "int64") return new Host(type, x.shape, x.detach().to("int32"));
  return mapHost(onHost(x), type, (each) => each);
}

function whereNotZero(x: Tensor): Tensor<"int32"> {
  return equal(equal(x, 0), 0);
}

/** The bounds of Clip: attributes until version 11, inputs since. */
function clip(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const low = inputs.has(1) ? inputs.number(1) : node.float("min", -Infinity);
  const high = inputs.has(2) ? inputs.number(2) : node.float("max", Infinity);
  if (isHosts(x)) return mapHost(x, x.type, (each) => Math.min(high, Math.max(low, each)));
  // Of bounds that cross, the upper one is right.
  return low > high ? minimum(maximum(floatsOf(x), low), high) : clamp(floatsOf(x), low, high);
}

export const elementwise: Readonly<Record<string, Operator>> = {
  Abs: plain(abs, Math.abs),
  Neg: plain(neg, (x) => -x),
  Exp: plain(exp),
  Log: plain(log),
  Sqrt: plain(sqrt, Math.sqrt),
  Reciprocal: plain(reciprocal, (x) => 1 / x),
  Floor: plain(floor, Math.floor),
  Ceil: plain(ceil, Math.ceil),
  Round: plain(round, roundEven),
  Sign: plain(sign, Math.sign),
  Sin: plain(sin),
  Cos: plain(cos),
  Tan: unary((x) => div(sin(x), cos(x))),
  Sinh: unary((x) => hyperbolic(x, -1)),
  Cosh: unary((x) => hyperbolic(x, 1)),
  Tanh: plain(tanh),
  Sigmoid: plain(sigmoid),
  Erf: plain(erf),
  Relu: plain(relu, (x) => Math.max(0, x)),
  LeakyRelu: unary((x, node) => leakyRelu(x, node.float("alpha", 0.01)), undefined, "alpha"),
  Elu: unary((x, node) => elu(x, node.float("alpha", 1)), undefined, "alpha"),
  Celu: unary(
    (x, node) => {
      const alpha = node.float("alpha", 1);
      return mul(elu(div(x, alpha), 1), alpha);
    },
    undefined,
    "alpha",
  ),
  Selu: unary(
    (x, node) =>
      mul(elu(x, node.float("alpha", 1.6732632423543772)), node.float("gamma", 1.0507009873554805)),
    undefined,
    "alpha gamma",
  ),
  Softplus: unary((x) => softplus(x)),
  Softsign: unary((x) => div(x, add(abs(x), 1))),
  Mish: unary((x) => mul(x, tanh(softplus(x)))),
  Swish: unary(
    (x, node) => {
      const alpha = node.float("alpha", 1);
      return alpha === 1 ? silu(x) : mul(x, sigmoid(mul(x, alpha)));
    },
    undefined,
    "alpha",
  ),
  Gelu: unary(
    (x, node) => gelu(x, { approximate: node.string("approximate", "none") as "none" | "tanh" }),
    undefined,
    "approximate",
  ),
  HardSigmoid: unary(
    (x, node) => hardSigmoidOf(x, node.float("alpha", 0.2), node.float("beta", 0.5)),
    undefined,
    "alpha beta",
  ),
  HardSwish: unary((x) => mul(x, hardSigmoidOf(x, 1 / 6, 0.5))),
  ThresholdedRelu: unary(
    (x, node) => where(greater(x, node.float("alpha", 1)), x, 0),
    undefined,
    "alpha",
  ),
  Shrink: unary(
    (x, node) => {
      const [lambd, bias] = [node.float("lambd", 0.5), node.float("bias", 0)];
      const above = where(greater(x, lambd), sub(x, bias), 0);
      return where(less(x, -lambd), add(x, bias), above);
    },
    undefined,
    "lambd bias",
  ),
  PRelu: {
    inputs: [2, 2],
    run(inputs) {
      const [x, slope] = [inputs.floats(0), inputs.floats(1)];
      return where(less(x, 0), mul(x, slope), x);
    },
  },
  Add: binary(float(add), (a, b) => a + b),
  Sub: binary(float(sub), (a, b) => a - b),
  Mul: binary(float(mul), (a, b) => a * b),
  Div: {
    inputs: [2, 2],
    run(inputs, node) {
      const [a, b] = [inputs.at(0), inputs.at(1)];
      return combine(node.opType, a, b, float(div), (x, y) => quotient(x, y, elementType(a)));
    },
  },
  Pow: {
    inputs: [2, 2],
    run(inputs, node) {
      const [x, y] = [inputs.at(0), inputs.at(1)];
      if (
        hostsOnly([x, y]) &&
        onHost(y).data.every((each) => Number.isInteger(each) || each === 0.5)
      )
        return zipHosts(node.opType, onHost(x), onHost(y), elementType(x), power);
      return pow(floatsOf(x), operand(y, x));
    },
  },
  Mod: {
    inputs: [2, 2],
    attributes: "fmod",
    run(inputs, node) {
      const [a, b] = [inputs.at(0), inputs.at(1)];
      const likeC = node.int("fmod", 0) === 1;
      return zipHosts(node.opType, onHost(a), onHost(b), elementType(a), (x, y) =>
        modulo(x, y, likeC),
      );
    },
  },
  Max: variadic(float(maximum), Math.max),
  Min: variadic(float(minimum), Math.min),
  Sum: variadic(float(add), (a, b) => a + b),
  Mean: {
    inputs: [1, Infinity],
    run: (inputs, node) => {
      const total = folded(inputs, node, float(add), (a, b) => a + b);
      return div(floatsOf(total), inputs.length);
    },
  },
  Equal: comparison(float(equal), (a, b) => a === b),
  Greater: comparison(float(greater), (a, b) => a > b),
  GreaterOrEqual: comparison(float(greaterEqual), (a, b) => a >= b),
  Less: comparison(float(less), (a, b) => a < b),
  LessOrEqual: comparison(float(lessEqual), (a, b) => a <= b),
  And: logical((a, b) => a && b),
  Or: logical((a, b) => a || b),
  Xor: logical((a, b) => Number(a !== b)),
  Not: {
    inputs: [1, 1],
    run: (inputs) => mapHost(inputs.host(0), "bool", (x) => Number(x === 0)),
  },
  IsNaN: {
    inputs: [1, 1],
    run: (inputs) => mapHost(inputs.host(0), "bool", (x) => Number(Number.isNaN(x))),
  },
  IsInf: {
    inputs: [1, 1],
    attributes: "detect_negative detect_positive",
    run(inputs, node) {
      const [below, above] = [node.int("detect_negative", 1), node.int("detect_positive", 1)];
      return mapHost(inputs.host(0), "bool", (x) =>
        Number((above === 1 && x === Infinity) || (below === 1 && x === -Infinity)),
      );
    },
  },
  Clip: { inputs: [1, 3], attributes: "min max", run: clip },
  Where: {
    inputs: [3, 3],
    run(inputs, node) {
      const [condition, a, b] = [inputs.host(0), inputs.at(1), inputs.at(2)];
      const both = [a, b];
      if (hostsOnly(both) || !(isFloats(a) || isFloats(b))) {
        return whereHosts(node.opType, condition, onHost(a), onHost(b));
      }
      return where(condition.ints(), floatsOf(a), operand(b, condition));
    },
  },
  Cast: {
    inputs: [1, 1],
    attributes: "to saturate round_mode",
    refuses: (node) =>
      castType(node)
        ? undefined
        : `Cast to ${node.int("to", 0) === 8 ? "strings" : "a type that cannot be read"}`,
    run: (inputs, node) => cast(inputs.at(0), castType(node)!),
  },
  CastLike: {
    inputs: [2, 2],
    attributes: "saturate round_mode",
    run: (inputs) => cast(inputs.at(0), elementType(inputs.at(1))),
  },
};

/** Numbers on the host chosen by a condition, broadcasting all three. */
function whereHosts(op: string, condition: Host, a: Host, b: Host): Value {
  const shape = [a, b].reduce((all, { shape }) => broadcastShapes(op, all, shape), condition.shape);
  const out = hostOf(op, a.type, shape);
  const [chosen, first, second] = [condition, a, b].map((each) => broadcastMap(each.shape, shape));
  for (let i = 0; i < out.data.length; i++)
    out.data[i] = condition.data[chosen!(i)] ? a.data[first!(i)]! : b.data[second!(i)]!;
  return out.done();
}
