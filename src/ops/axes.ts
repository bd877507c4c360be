// Lists of axes, as reductions, squeeze and permute take them.
import { OptionError } from "../core/errors.js";
import { formatShape, normalizeAxis } from "../core/shape.js";

/** Which axes an operation works on: one, several, or (undefined or an empty list) all. */
export type Axes = number | readonly number[] | undefined;

/** Distinct axes in 0..rank-1, ascending. */
export function normalizeAxes(op: string, axes: Axes, rank: number): readonly number[] {
  if (axes === undefined || (typeof axes === "object" && axes.length === 0))
    return Array.from({ length: rank }, (_, i) => i);
  // A scalar has the axes 0 and -1 by courtesy, as in PyTorch: working on them is working on it.
  const least = Math.max(rank, 1);
  if (typeof axes === "number") return [normalizeAxis(op, axes, least)].slice(0, rank);
  const normal = axes.map((axis) => normalizeAxis(op, axis, least));
  refuseDuplicates(op, axes, normal);
  return normal.sort((a, b) => a - b).slice(0, rank);
}

/** The axes of a permutation in 0..rank-1. */
export function normalizePermutation(
  op: string,
  axes: readonly number[],
  rank: number,
): readonly number[] {
  const normal = axes.map((axis) => normalizeAxis(op, axis, rank));
  if (normal.length !== rank)
    throw new OptionError({ op, expected: `an order of all ${rank} axes`, got: formatShape(axes) });
  refuseDuplicates(op, axes, normal);
  return normal;
}

function refuseDuplicates(op: string, axes: readonly number[], normal: readonly number[]): void {
  if (new Set(normal).size !== normal.length)
    throw new OptionError({ op, expected: "each axis at most once", got: formatShape(axes) });
}
