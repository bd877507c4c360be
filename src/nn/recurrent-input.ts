// What a recurrent layer takes: its checks.
import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sameShape, type Shape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export { checkLengths, type Lengths } from "../ops/lengths.js";

/** Refuses an input of the wrong shape. */
export function checkInput(op: string, { shape }: Tensor, features: number, rank: 2 | 3): void {
  if (shape.length === rank && shape[rank - 1] === features) return;
  const axes = rank === 3 ? "batch, time" : "batch";
  throw new ShapeError({
    op,
    expected: `input [${axes}, ${features}]`,
    got: formatShape(shape),
    cure:
      shape.length === rank
        ? `The last axis must equal inputSize (${features}).`
        : `Give it ${rank} axes: ${axes}, features.`,
  });
}

/**
 * Refuses a state that lacks a part or has one of the wrong shape.
 *
 * @param axes what those of a part with three are, for the error; empty: of each part something else
 */
export function checkState(
  op: string,
  state: Readonly<Record<string, Tensor>>,
  shapes: Readonly<Record<string, Shape>>,
  axes = "numLayers · directions, batch, hidden",
): void {
  const parts = Object.keys(shapes);
  checkCall(
    op,
    parts.map((part) => state[part]),
    parts.map((part) => `state.${part}:tensor`).join(" "),
  );
  for (const [part, shape] of Object.entries(shapes))
    if (!sameShape(state[part]!.shape, shape))
      throw new ShapeError({
        op,
        expected: `state.${part} ${formatShape(shape)}${shape.length === 3 && axes ? ` ([${axes}])` : ""}`,
        got: formatShape(state[part]!.shape),
      });
}
