// The axes of a shape in runs: neighbours that an operation treats alike, merged.
import type { Shape } from "../core/shape.js";

/** One run seen from its place: elements before it, in it, after it. */
export interface Run {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/**
 * The chosen axes as runs, innermost first, each seen in what is left when the ones before it are
 * gone: reducing (or, in reverse order, repeating) run by run treats all chosen axes.
 */
export function chosenRuns(shape: Shape, isChosen: (axis: number) => boolean): Run[] {
  const sizes: number[] = [];
  const chosen: boolean[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const is = isChosen(axis);
    if (chosen.at(-1) === is) sizes[sizes.length - 1]! *= size;
    else {
      sizes.push(size);
      chosen.push(is);
    }
  });
  const runs: Run[] = [];
  let inner = 1;
  for (let i = sizes.length - 1; i >= 0; i--) {
    if (!chosen[i]) inner *= sizes[i]!;
    else runs.push({ outer: product(sizes.slice(0, i)), length: sizes[i]!, inner });
  }
  return runs;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
