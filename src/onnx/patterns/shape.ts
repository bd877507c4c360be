// The shape of a value whose axes were moved, without moving them.
import type { GraphNode } from "../node.js";
import { shapePart } from "../operators/shapes.js";
import type { Found, Readers } from "./readers.js";

/** Shape(Transpose(x)): who asks only for sizes must not keep a transposition alive. */
export function shapeOfTransposed(node: GraphNode, find: Readers): Found | undefined {
  if (node.opType !== "Shape") return undefined;
  const turned = find.anyGiver(node.inputs[0]!);
  const order = turned?.opType === "Transpose" ? turned.ints("perm") : undefined;
  if (!turned || !order) return undefined;
  return {
    opType: "Shape",
    inputs: turned.inputs,
    operator: {
      inputs: [1, 1],
      run: (inputs) => {
        const { shape } = inputs.at(0);
        return shapePart(
          order.map((axis) => shape[axis]!),
          node,
        );
      },
    },
  };
}
