// Attention as one operator: by the library's kernel, which reads heads by strides and makes no matrix of weights.
import { records } from "../../../autograd/mode.js";
import { fusedAttention } from "../../../ops/attention/fused.js";
import type { Strides } from "../../../ops/attention/layout.js";
import { maskFor } from "../../../ops/attention/mask.js";
import { stridesOf } from "../../../ops/strided.js";
import { Tensor } from "../../../tensor/tensor.js";
import type { GraphNode } from "../../node.js";
import type { Operator } from "../../operator.js";
import type { Run } from "../../run.js";
import { floatsOf, Host } from "../../value.js";
import { kernelMasks } from "./masks.js";
import type { AttentionPlan, Operand } from "./plan.js";

/**
 * Attention by its plan. What the kernel does not compute (masks of any numbers, heads that broadcast, what only the run shows), the nodes do
 * that the plan was made of.
 */
export function attentionBy(plan: AttentionPlan, nodes: readonly GraphNode[]): Operator {
  const [result] = nodes.at(-1)!.outputs as [number];
  return {
    inputs: [3, Infinity],
    run(_inputs, _node, run) {
      const made = byKernel(plan, run);
      if (made) return made;
      for (const each of nodes) run.node(each);
      return run.values[result]!;
    },
  };
}

/** A tensor whose last two axes are steps and features, and where these lie. */
interface View {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

function byKernel(plan: AttentionPlan, run: Run): Tensor | undefined {
  const query = viewOf(plan.query, run);
  const key = viewOf(plan.keys, run, true);
  const value = viewOf(plan.value, run);
  const scale = scaleOf(plan, run);
  if (!query || !key || !value || scale === undefined) return undefined;
  const leading = query.shape.slice(0, -2);
  const order = plan.order ?? [...query.shape.keys()];
  const [queries, size] = query.shape.slice(-2) as [number, number];
  const [keys, valueSize] = value.shape.slice(-2) as [number, number];
  const isSame = ({ shape }: View, steps: number, features: number): boolean =>
    [...leading, steps, features].every((n, axis) => n === shape[axis]);
  const ranks = [key.shape.length, value.shape.length, order.length];
  if (ranks.some((rank) => rank !== query.shape.length)) return undefined;
  if (!isSame(key, keys, size) || !isSame(value, keys, valueSize)) return undefined;
  if ([...leading, queries, keys, size, valueSize].includes(0)) return undefined;
  const masks = plan.masks.map(({ slot }) => run.values[slot]!);
  // A mask that learns is more than a mask.
  if (TRAINING && records(masks.filter((each) => each instanceof Tensor))) return undefined;
  const read = kernelMasks(plan.masks, masks, queries, keys, plan.clears);
  const mask = read?.mask && maskFor("attention", read.mask, [...leading, queries, keys]);
  if (!read || (read.mask && !mask)) return undefined;
  const whole = [...leading, queries, valueSize];
  const shape = order.map((axis) => whole[axis]!);
  const written = stridesOf(shape);
  const place = (input: number) => ({ input, first: 0 });
  const [heads = 1, batch = 1] = [...leading].reverse();
  return fusedAttention(
    {
      from: [query.tensor, key.tensor, value.tensor],
      ...{ query: place(0), key: place(1), value: place(2) },
    },
    {
      ...{ batch, heads, queries, keys, size, valueSize },
      ...{ query: strided(query), key: strided(key), value: strided(value) },
      output: strided({ strides: order.map((_, axis) => written[order.indexOf(axis)]!) }),
      ...{ mask, causal: read.causal, lengths: undefined, scale },
      ...{ dropout: 0, block: undefined },
    },
    shape,
  );
}

/** An operand where it lies; undefined unless it has two to four axes, with features side by side. */
function viewOf({ slot, order }: Operand, run: Run, isTurned = false): View | undefined {
  const given = run.values[slot];
  const rank = given?.shape.length ?? 0;
  if (!given || rank < 2 || rank > 4 || (order && order.length !== rank)) return undefined;
  const axes = [...(order ?? given.shape.keys())];
  if (isTurned) axes.push(...axes.splice(-2).reverse());
  const tensor = floatsOf(given);
  const strides = stridesOf(tensor.shape);
  if (axes.at(-1) !== rank - 1) return undefined;
  return {
    tensor,
    shape: axes.map((axis) => tensor.shape[axis]!),
    strides: axes.map((axis) => strides[axis]!),
  };
}

/** Strides of the batch, heads and steps. */
function strided({ strides }: Pick<View, "strides">): Strides {
  const [, step, head = 0, batch = 0] = [...strides].reverse() as [number, number];
  return [batch, head, step];
}

/** What the scores are multiplied with; undefined where that is no single number on the host. */
function scaleOf({ scale, scales }: AttentionPlan, run: Run): number | undefined {
  let all = scale;
  for (const { slot, divides } of scales) {
    const value = run.values[slot];
    if (!(value instanceof Host) || value.size !== 1 || value.shape.length > 1) return undefined;
    all = divides ? all / value.data[0]! : all * value.data[0]!;
  }
  return Number.isFinite(all) ? all : undefined;
}
