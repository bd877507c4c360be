// Products of matrices, by weights that are kept in the layout of the kernels.
import { add, mul } from "../../ops/arithmetic.js";
import { einsum } from "../../ops/einsum.js";
import { linear } from "../../ops/linear.js";
import { matmul } from "../../ops/matmul.js";
import { transpose } from "../../ops/permute.js";
import { Buffer, Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import type { Run } from "../run.js";
import type { Value } from "../value.js";

/** Whether a tensor stays from run to run: a parameter, or what was made of some. */
function stays(x: Tensor): boolean {
  return x instanceof Parameter || x instanceof Buffer;
}

/** x times a matrix; one that stays is turned once, so that the kernels keep it packed. */
export function multiplied(x: Tensor, matrix: Tensor, key: unknown, run: Run): Tensor {
  if (matrix.shape.length !== 2 || x.shape.length < 2 || !stays(matrix)) return product(x, matrix);
  const [turned] = run.derived.of(key, [matrix], () => [transpose(matrix, 0, 1)]);
  return linear(x, turned!);
}

/** Vectors are matrices of one row or column. */
function product(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length > 1 && b.shape.length > 1) return matmul(a, b);
  const left = a.shape.length === 1 ? a.reshape([1, a.size]) : a;
  const right = b.shape.length === 1 ? b.reshape([b.size, 1]) : b;
  const made = matmul(left, right);
  const shape = [...made.shape];
  if (b.shape.length === 1) shape.pop();
  if (a.shape.length === 1) shape.splice(b.shape.length === 1 ? -1 : -2, 1);
  return made.reshape(shape);
}

function gemm(inputs: Inputs, node: GraphNode, run: Run): Value {
  const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
  const given = inputs.floats(0);
  const a = node.int("transA", 0) === 1 ? transpose(given, 0, 1) : given;
  const b = inputs.floats(1);
  const c = inputs.optional(2);
  const turned = node.int("transB", 0) === 1;
  const columns = b.shape[turned ? 0 : 1]!;
  const plain = alpha === 1 && beta === 1 && c?.shape.length === 1 && c.size === columns;
  if (turned && plain) return linear(a, b, c);
  const made = turned ? linear(a, b) : multiplied(a, b, node, run);
  const scaled = alpha === 1 ? made : mul(made, alpha);
  if (!c || beta === 0) return scaled;
  return add(scaled, beta === 1 ? c : mul(c, beta));
}

/** Axes that "..." stands for get letters of their own. */
function einsumOf(inputs: Inputs, node: GraphNode): Value {
  const tensors = inputs.values.map((_, i) => inputs.floats(i));
  const equation = node.string("equation", "").replaceAll(" ", "");
  if (!equation.includes("...")) return einsum(equation, ...tensors);
  const spare = [..."ZYXWVUTSRQPO"].filter((letter) => !equation.includes(letter));
  const [left = "", right] = equation.split("->");
  const terms = left.split(",");
  const counts = terms.map((term, i) =>
    term.includes("...") ? tensors[i]!.shape.length - (term.length - 3) : 0,
  );
  const most = Math.max(...counts);
  const letters = (count: number): string => spare.slice(most - count, most).join("");
  const named = terms.map((term, i) => term.replace("...", letters(counts[i]!))).join(",");
  const result = right ?? `...${onceIn(left)}`;
  return einsum(`${named}->${result.replace("...", letters(most))}`, ...tensors);
}

/** Letters that come once, in alphabetical order. */
function onceIn(terms: string): string {
  const letters = [...terms].filter((each) => /[a-zA-Z]/.test(each));
  return letters
    .filter((each) => letters.indexOf(each) === letters.lastIndexOf(each))
    .sort()
    .join("");
}

export const products: Readonly<Record<string, Operator>> = {
  MatMul: {
    inputs: [2, 2],
    run: (inputs, node, run) => multiplied(inputs.floats(0), inputs.floats(1), node, run),
  },
  Gemm: { inputs: [2, 3], attributes: "alpha beta transA transB", run: gemm },
  Einsum: {
    inputs: [1, 2],
    attributes: "equation",
    run: einsumOf,
  },
};
