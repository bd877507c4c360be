// Groups of nodes that exporters write for one operator, as that operator: a layer's kernel instead of a pass for each node.
import { GraphNode } from "./node.js";
import { operatorOf } from "./operators/index.js";
import { ATTRIBUTE_TYPES, type AttributeProto, type NodeProto } from "./proto/messages.js";
import { Tensor } from "../tensor/tensor.js";
import { Host, type Value } from "./value.js";

type Values = readonly (Value | undefined)[];

/** Nodes by what they give, and how often each value is read. */
class Readers {
  readonly #givers = new Map<number, GraphNode>();
  readonly #counts = new Map<number, number>();
  readonly #values: Values;

  constructor(steps: readonly GraphNode[], read: readonly number[], values: Values) {
    this.#values = values;
    for (const node of steps) for (const slot of node.outputs) this.#givers.set(slot, node);
    for (const slot of read) this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
  }

  /** The node that gives a value which so many others read, where it is of this operator. */
  giver(slot: number, opType: string, readers = 1): GraphNode | undefined {
    const node = this.#givers.get(slot);
    return node?.opType === opType && this.#counts.get(slot) === readers ? node : undefined;
  }

  /** The number that a constant of one element is. */
  number(slot: number): number | undefined {
    const value = this.#values[slot];
    return value instanceof Host && value.size === 1 ? value.data[0] : undefined;
  }

  /** A vector of parameters, or a constant one. */
  isVector(slot: number): boolean {
    const value = this.#values[slot];
    return value instanceof Tensor && value.shape.length === 1 && value.size > 1;
  }

  /** The numbers of a constant. */
  numbers(slot: number): readonly number[] | undefined {
    const value = this.#values[slot];
    return value instanceof Host ? [...value.data] : undefined;
  }
}

/** Either order of two inputs: what `take` makes of the first for which it makes something. */
function either<T>(
  { inputs }: GraphNode,
  take: (one: number, other: number) => T | undefined,
): T | undefined {
  const [a, b] = inputs as [number, number];
  return take(a, b) ?? take(b, a);
}

const near = (x: number | undefined, right: number): boolean =>
  x !== undefined && Math.abs(x - right) < 1e-6 * Math.abs(right);

interface Found {
  readonly opType: string;
  readonly inputs: readonly number[];
  readonly attributes: readonly AttributeProto[];
}

/** (x − mean) / √(mean((x − mean)²) + ε) · weight + bias, over the last axis. */
function layerNorm(last: GraphNode, find: Readers): Found | undefined {
  if (last.opType !== "Add") return undefined;
  return either(last, (scaled, bias) => {
    const product = find.isVector(bias) ? find.giver(scaled, "Mul") : undefined;
    return (
      product &&
      either(product, (normal, weight) => {
        const quotient = find.isVector(weight) ? find.giver(normal, "Div") : undefined;
        const root = quotient && find.giver(quotient.inputs[1]!, "Sqrt");
        const sum = root && find.giver(root.inputs[0]!, "Add");
        return (
          sum &&
          either(sum, (spread, small) => {
            const epsilon = find.number(small);
            const variance = epsilon === undefined ? undefined : find.giver(spread, "ReduceMean");
            const moved = quotient.inputs[0]!;
            if (!variance || !isLastAxis(variance, find)) return undefined;
            const square =
              find.giver(variance.inputs[0]!, "Pow") ?? find.giver(variance.inputs[0]!, "Mul");
            if (square?.inputs[0] !== moved) return undefined;
            const isSquare =
              square.opType === "Mul"
                ? square.inputs[1] === moved
                : find.number(square.inputs[1]!) === 2;
            // Read by the square, once or twice, and by the quotient.
            const readers = square.opType === "Mul" ? 3 : 2;
            const difference = isSquare ? find.giver(moved, "Sub", readers) : undefined;
            const mean = difference && find.giver(difference.inputs[1]!, "ReduceMean");
            const x = difference?.inputs[0];
            if (x === undefined || mean?.inputs[0] !== x || !isLastAxis(mean, find))
              return undefined;
            return {
              opType: "LayerNormalization",
              inputs: [x, weight, bias],
              attributes: [attribute("axis", { i: -1 }), attribute("epsilon", { f: epsilon! })],
            };
          })
        );
      })
    );
  });
}

/** Whether a mean is over the last axis, which stays. */
function isLastAxis(node: GraphNode, find: Readers): boolean {
  const axes = node.inputs.length > 1 ? find.numbers(node.inputs[1]!) : node.ints("axes");
  return axes?.length === 1 && axes[0] === -1 && node.int("keepdims", 1) === 1;
}

/** x · (1 + erf(x / √2)) / 2, in either of the orders that exporters write. */
function gelu(last: GraphNode, find: Readers): Found | undefined {
  if (last.opType !== "Mul") return undefined;
  return either(last, (inner, half) => {
    const product = near(find.number(half), 0.5) ? find.giver(inner, "Mul") : undefined;
    const halved = product && either(product, (x, curve) => geluOf(x, curve, find));
    if (halved) return halved;
    // (x / 2) · (1 + …)
    const scaled = find.giver(inner, "Mul");
    return (
      scaled &&
      either(scaled, (x, by) => (near(find.number(by), 0.5) ? geluOf(x, half, find) : undefined))
    );
  });
}

function geluOf(x: number, curve: number, find: Readers): Found | undefined {
  const sum = find.giver(curve, "Add");
  return (
    sum &&
    either(sum, (shaped, one) => {
      if (find.number(one) !== 1) return undefined;
      const erf = find.giver(shaped, "Erf");
      const tanh = find.giver(shaped, "Tanh");
      const read = erf ?? tanh;
      if (!read) return undefined;
      const fits = erf
        ? isOverRoot(erf.inputs[0]!, x, find)
        : isPolynomial(tanh!.inputs[0]!, x, find);
      if (!fits) return undefined;
      const approximate = new TextEncoder().encode(erf ? "none" : "tanh");
      return {
        opType: "Gelu",
        inputs: [x],
        attributes: [attribute("approximate", { s: approximate })],
      };
    })
  );
}

/** x / √2 */
function isOverRoot(slot: number, x: number, find: Readers): boolean {
  const quotient = find.giver(slot, "Div");
  if (quotient)
    return quotient.inputs[0] === x && near(find.number(quotient.inputs[1]!), Math.SQRT2);
  const product = find.giver(slot, "Mul");
  return (
    product !== undefined &&
    either(
      product,
      (own, by) => (own === x && near(find.number(by), Math.SQRT1_2)) || undefined,
    ) === true
  );
}

/** √(2 / π) · (x + 0.044715 · x³) */
function isPolynomial(slot: number, x: number, find: Readers): boolean {
  const whole = find.giver(slot, "Mul");
  return (
    whole !== undefined &&
    either(whole, (inner, by) => {
      const sum = near(find.number(by), 0.7978845608028654) ? find.giver(inner, "Add") : undefined;
      return (
        sum &&
        either(sum, (own, bent) => {
          const scaled = own === x ? find.giver(bent, "Mul") : undefined;
          return (
            scaled &&
            either(
              scaled,
              (cube, small) =>
                (near(find.number(small), 0.044715) && isCube(cube, x, find)) || undefined,
            )
          );
        })
      );
    }) === true
  );
}

function isCube(slot: number, x: number, find: Readers): boolean {
  const power = find.giver(slot, "Pow");
  if (power) return power.inputs[0] === x && find.number(power.inputs[1]!) === 3;
  const product = find.giver(slot, "Mul");
  return (
    product !== undefined &&
    either(product, (square, own) => {
      const both = own === x ? find.giver(square, "Mul") : undefined;
      return (both?.inputs[0] === x && both.inputs[1] === x) || undefined;
    }) === true
  );
}

function attribute(
  name: string,
  value: { readonly i: number } | { readonly f: number } | { readonly s: Uint8Array },
): AttributeProto {
  const kind = "i" in value ? "int" : "f" in value ? "float" : "string";
  return { name, type: ATTRIBUTE_TYPES[kind], ...value } as unknown as AttributeProto;
}

/**
 * The steps, those of a pattern as one, in the place of the last of them. A value within a pattern that anybody else reads leaves it
 * as it is.
 *
 * @param read slots by those who read them, each as often as it is read
 */
export function withPatterns(
  steps: readonly GraphNode[],
  read: readonly number[],
  values: Values,
): GraphNode[] {
  const find = new Readers(steps, read, values);
  return steps.map((node) => {
    const found = layerNorm(node, find) ?? gelu(node, find);
    if (!found) return node;
    const { opType, inputs, attributes } = found;
    const proto = {
      opType,
      name: node.name,
      domain: "",
      attribute: attributes,
    } as unknown as NodeProto;
    const slots = { inputs, outputs: node.outputs };
    const parts = { graphs: new Map(), tensors: new Map() };
    return new GraphNode(proto, operatorOf(proto)!, node.opset, slots, parts);
  });
}
