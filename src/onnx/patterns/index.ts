// Groups of nodes that exporters write for one operator, as that operator: a layer's kernel instead of a pass for each node.
import { GraphNode } from "../node.js";
import { operatorOf } from "../operators/index.js";
import type { NodeProto } from "../proto/messages.js";
import type { Value } from "../value.js";
import { attention } from "./attention.js";
import { gelu } from "./gelu.js";
import { layerNorm } from "./layer-norm.js";
import { Readers, type Found } from "./readers.js";
import { recurrent } from "./recurrent.js";
import { shapeOfTransposed } from "./shape.js";

type Pattern = (node: GraphNode, find: Readers) => Found | undefined;

/** In turns, each over what the one before made. */
const PATTERNS: readonly (readonly Pattern[])[] = [
  [recurrent, shapeOfTransposed],
  [layerNorm, gelu, attention],
];

/**
 * The steps, those of a pattern as one. A value within a pattern that anybody else reads leaves it as it is. Nodes before a pattern that
 * nobody reads any more are still there.
 *
 * @param outputs slots that the graph gives
 */
export function withPatterns(
  steps: readonly GraphNode[],
  outputs: readonly number[],
  values: readonly (Value | undefined)[],
): readonly GraphNode[] {
  return PATTERNS.reduce((now, patterns) => {
    const find = new Readers(now, outputs, values);
    const made = now.map((node) => {
      for (const pattern of patterns) {
        const found = pattern(node, find);
        if (!found) continue;
        for (const each of found.behind ?? []) find.done.add(each);
        return nodeOf(found, node);
      }
      return node;
    });
    return made.filter((_, i) => !find.done.has(now[i]!));
  }, steps);
}

function nodeOf(found: Found, { name, opset, outputs }: GraphNode): GraphNode {
  const { opType, inputs, attributes = [] } = found;
  const proto = { opType, name, domain: "", attribute: attributes } as unknown as NodeProto;
  return new GraphNode(
    proto,
    found.operator ?? operatorOf(proto)!,
    opset,
    { inputs, outputs: found.outputs ?? outputs },
    { graphs: new Map(), tensors: new Map() },
  );
}
