// Layer normalization, as exporters before version 17 write it.
import type { GraphNode } from "../node.js";
import { attribute, either, type Found, type Readers } from "./readers.js";

/** (x − mean) / √(mean((x − mean)²) + ε) · weight + bias, over the last axis. */
export function layerNorm(last: GraphNode, find: Readers): Found | undefined {
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
  const axes = find.axes(node);
  return axes?.length === 1 && axes[0] === -1 && node.int("keepdims", 1) === 1;
}
