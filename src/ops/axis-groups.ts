// The axes of a shape in groups: neighbours that an operation treats alike, merged.
import { sizeOf, type Shape } from "../core/shape.js";

/** One group seen from its place: elements before it, in it, after it. */
export interface AxisGroup {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/**
 * The chosen axes in groups, innermost first, each seen in what is left when the ones before it are
 * gone: reducing (or, in reverse order, repeating) group by group treats all chosen axes.
 */
export function axisGroups(shape: Shape, isChosen: (axis: number) => boolean): AxisGroup[] {
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
  const groups: AxisGroup[] = [];
  let inner = 1;
  for (let i = sizes.length - 1; i >= 0; i--) {
    if (!chosen[i]) inner *= sizes[i]!;
    else groups.push({ outer: sizeOf(sizes.slice(0, i)), length: sizes[i]!, inner });
  }
  return groups;
}
