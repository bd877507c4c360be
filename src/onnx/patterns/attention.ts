// Softmax(scale · q kᵀ, masked) · v, with the transpositions around it: attention of heads by the library's kernel.
import type { GraphNode } from "../node.js";
import { attentionBy } from "../operators/attention/index.js";
import type { AttentionPlan, MaskPlan, Operand } from "../operators/attention/plan.js";
import { either, type Found, type Readers } from "./readers.js";

export function attention(last: GraphNode, find: Readers): Found | undefined {
  const order = last.opType === "Transpose" ? last.ints("perm") : undefined;
  // A row of a head's features stays one.
  const isOuter = order !== undefined && order.at(-1) === order.length - 1;
  const product = isOuter ? find.giver(last.inputs[0]!, "MatMul") : last;
  if (product?.opType !== "MatMul") return undefined;
  const nodes = new Set([last, product]);
  const weights = weightsOf(product.inputs[0]!, nodes, find);
  const scores = weights && scoresOf(weights.slot, find);
  if (!scores) return undefined;
  const factors: Factor[] = [...scores.factors];
  const [q, k] = scores.product.inputs as [number, number];
  const query = sourceOf(q, nodes, find, factors);
  const keys = sourceOf(k, nodes, find, factors);
  const value = sourceOf(product.inputs[1]!, nodes, find);
  // The last axis by its number: keys that were turned say how many there are.
  const isLast = weights.axis === -1 || weights.axis === (keys.order?.length ?? 0) - 1;
  if (!keys.order || !isLast) return undefined;
  for (const each of scores.nodes) nodes.add(each);
  const plan: AttentionPlan = {
    ...{ query, keys, value, order },
    ...{ masks: scores.masks, clears: weights.clears },
    scale: factors.reduce((all, { number = 1 }) => all * number, 1),
    scales: factors.flatMap(({ scaled }) => scaled ?? []),
  };
  const ordered = find.inOrder(nodes);
  const own = new Set(ordered.flatMap(({ outputs }) => outputs));
  const inputs = ordered.flatMap((node) => node.inputs).filter((slot) => !own.has(slot));
  return { opType: "Attention", inputs, operator: attentionBy(plan, ordered) };
}

interface Weights {
  /** Of the scores. */
  readonly slot: number;
  readonly axis: number;
  readonly clears: boolean;
}

/** Softmax, and behind it zeros where that is not a number: Where(IsNaN(weights), 0, weights). */
function weightsOf(slot: number, nodes: Set<GraphNode>, find: Readers): Weights | undefined {
  const cleared = find.giver(slot, "Where");
  const test = cleared && find.giver(cleared.inputs[0]!, "IsNaN");
  if (cleared && (cleared.inputs[2] !== test?.inputs[0] || find.number(cleared.inputs[1]!) !== 0))
    return undefined;
  const softmax = test ? find.giver(test.inputs[0]!, "Softmax", 2) : find.giver(slot, "Softmax");
  if (!softmax) return undefined;
  for (const each of [softmax, test, cleared]) if (each) nodes.add(each);
  const axis = softmax.int("axis", softmax.opset < 13 ? 1 : -1);
  return { slot: softmax.inputs[0]!, axis, clears: test !== undefined };
}

/** What scores are multiplied with: a constant, or a number that a run knows. */
interface Factor {
  readonly number?: number | undefined;
  readonly scaled?: AttentionPlan["scales"][number] | undefined;
}

interface Scores {
  readonly product: GraphNode;
  readonly factors: readonly Factor[];
  readonly masks: readonly MaskPlan[];
  readonly nodes: readonly GraphNode[];
}

/** More masks than any exporter writes. */
const MOST_MASKS = 4;

/** Scores through masks, the last first, then through their scale. */
function scoresOf(slot: number, find: Readers, most = MOST_MASKS): Scores | undefined {
  const masked = (from: number, mask: MaskPlan, node: GraphNode): Scores | undefined => {
    const inner = most > 0 ? scoresOf(from, find, most - 1) : undefined;
    return inner && { ...inner, masks: [mask, ...inner.masks], nodes: [...inner.nodes, node] };
  };
  const sum = find.giver(slot, "Add");
  if (sum)
    return either(sum, (from, mask) =>
      masked(from, { slot: mask, by: "added", least: -Infinity }, sum),
    );
  const chosen = find.giver(slot, "Where");
  if (chosen) {
    const [condition, yes, no] = chosen.inputs as [number, number, number];
    const [least, other] = [find.number(yes), find.number(no)];
    if (isLeast(other)) return masked(yes, { slot: condition, by: "stays", least: other }, chosen);
    if (isLeast(least)) return masked(no, { slot: condition, by: "goes", least }, chosen);
    return undefined;
  }
  const factors: Factor[] = [];
  const nodes = new Set<GraphNode>();
  const product = find.giver(scaledOf(slot, nodes, find, factors), "MatMul");
  return product && { product, factors, masks: [], nodes: [product, ...nodes] };
}

/** Whether no weight is left of a score of this. */
const isLeast = (x: number | undefined): x is number => x !== undefined && x <= -1e4;

/** What a value is of, through products with single numbers. */
function scaledOf(slot: number, nodes: Set<GraphNode>, find: Readers, factors: Factor[]): number {
  let at = slot;
  for (;;) {
    const quotient = find.giver(at, "Div");
    const scaled = quotient ?? find.giver(at, "Mul");
    if (!scaled) return at;
    const by = (from: number, scale: number): number | undefined => {
      const number = find.number(scale);
      if (number === undefined && !find.isOfSizes(scale)) return undefined;
      const divides = quotient !== undefined;
      factors.push(
        number === undefined
          ? { scaled: { slot: scale, divides } }
          : { number: divides ? 1 / number : number },
      );
      return from;
    };
    const [left, right] = scaled.inputs as [number, number];
    const from = quotient ? by(left, right) : either(scaled, by);
    if (from === undefined) return at;
    nodes.add(scaled);
    at = from;
  }
}

/** What an operand is of, through transpositions and, where there are `factors`, products with single numbers. */
function sourceOf(slot: number, nodes: Set<GraphNode>, find: Readers, factors?: Factor[]): Operand {
  let at = slot;
  let order: readonly number[] | undefined;
  for (;;) {
    if (factors) at = scaledOf(at, nodes, find, factors);
    const turned = find.anyGiver(at);
    const axes = turned?.opType === "Transpose" ? turned.ints("perm") : undefined;
    if (!turned || !axes) return { slot: at, order };
    order = order ? order.map((axis) => axes[axis]!) : axes;
    nodes.add(turned);
    at = turned.inputs[0]!;
  }
}
