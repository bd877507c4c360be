// RNN, LSTM and GRU with the nodes that bring batches in the order of time and back, and states of zeros: what a layer does by itself.
import type { GraphNode } from "../node.js";
import { isFusable, settingsOf, type RecurrentType } from "../operators/recurrent/attributes.js";
import { recurrentWith, recurrents } from "../operators/recurrent/index.js";
import type { Found, Readers } from "./readers.js";

export function recurrent(node: GraphNode, find: Readers): Found | undefined {
  if (!Object.hasOwn(recurrents, node.opType)) return undefined;
  const type = node.opType as RecurrentType;
  if (!isFusable(type, node)) return undefined;
  const { batchFirst, reverse } = settingsOf(type, node);
  const [x, ...others] = node.inputs as [number, ...number[]];
  const source = batchFirst ? undefined : swapped(x, find);
  const inputs = [source ?? x, ...others].map((slot, i) =>
    i > 4 && find.isZeros(slot) ? -1 : slot,
  );
  const { end, behind, axes } = merged(node, batchFirst, reverse.length, find);
  if (behind.length === 0 && inputs.every((slot, i) => slot === node.inputs[i])) return undefined;
  const around = {
    inputFirst: batchFirst || source !== undefined,
    outputFirst: axes[0] === "batch",
    beside: axes.length === 3,
  };
  return {
    opType: type,
    inputs,
    operator: recurrentWith(type, node, around),
    outputs: [end, ...node.outputs.slice(1)],
    behind,
  };
}

/** What is `[batch, time, features]` where a value is `[time, batch, features]`. */
function swapped(slot: number, find: Readers): number | undefined {
  const turned = find.anyGiver(slot);
  if (turned?.opType !== "Transpose" || turned.ints("perm")?.join() !== "1,0,2") return undefined;
  return turned.inputs[0];
}

type Axis = "time" | "batch" | "directions" | "hidden" | "beside";

interface Merged {
  /** The slot of Y, or of what the last of the nodes behind it gives. */
  readonly end: number;
  readonly behind: readonly GraphNode[];
  readonly axes: readonly Axis[];
}

/** The nodes behind Y that only give its elements other places, as far as a layer writes them there. */
function merged(node: GraphNode, batchFirst: boolean, directions: number, find: Readers): Merged {
  let axes: readonly Axis[] = batchFirst
    ? ["batch", "time", "directions", "hidden"]
    : ["time", "directions", "batch", "hidden"];
  const behind: GraphNode[] = [];
  let best: Merged = { end: node.outputs[0] ?? -1, behind: [], axes };
  for (let slot = best.end; slot >= 0;) {
    const next = find.onlyReader(slot);
    const moved = next?.inputs[0] === slot && after(next, axes, directions, find);
    if (!moved) break;
    behind.push(next);
    axes = moved;
    slot = next.outputs[0]!;
    if (WRITTEN.has(axes.join())) best = { end: slot, behind: [...behind], axes };
  }
  return best;
}

/** Orders of axes in which a layer writes its output. */
const WRITTEN = new Set(["time,batch,beside", "batch,time,beside"]);

/** The axes behind a node; undefined where it does more than move them. */
function after(
  node: GraphNode,
  axes: readonly Axis[],
  directions: number,
  find: Readers,
): readonly Axis[] | undefined {
  switch (node.opType) {
    case "Transpose": {
      const order = node.ints("perm");
      return order?.length === axes.length ? order.map((axis) => axes[axis]!) : undefined;
    }
    case "Squeeze": {
      const [axis, more] = find.axes(node) ?? [];
      if (axis === undefined || more !== undefined || directions !== 1) return undefined;
      if (axes.at(axis) !== "directions") return undefined;
      return axes.flatMap((each) =>
        each === "directions" ? [] : each === "hidden" ? (["beside"] as const) : [each],
      );
    }
    case "Reshape": {
      // The last two axes as one; 0 stands for an axis that stays.
      const sizes = find.numbers(node.inputs[1] ?? -1) ?? node.ints("shape");
      if (sizes?.join() !== "0,0,-1" || node.int("allowzero", 0) === 1) return undefined;
      const both = axes.slice(2).join() === "directions,hidden";
      return both ? [axes[0]!, axes[1]!, "beside"] : undefined;
    }
    default:
      return undefined;
  }
}
