// Elements in other places: one way for tensors and for numbers on the host, by where each element comes from.
import { sizeOf, type Shape } from "../../core/shape.js";
import { concat } from "../../ops/join.js";
import { indexSelect } from "../../ops/index-select.js";
import { full, tensor } from "../../tensor/create.js";
import { asked, Host, hostOf, LARGEST_ON_HOST, type Value } from "../value.js";

/**
 * A value of another shape: element i is element `from(i)` of x, or `fill` where that is below 0. Kernels copy what has
 * gradients.
 */
export function rearranged(x: Value, shape: Shape, from: (i: number) => number, fill = 0): Value {
  if (x instanceof Host) {
    const out = hostOf("rearrange", x.type, shape);
    for (let i = 0; i < out.data.length; i++) {
      const place = from(i);
      out.data[i] = place < 0 ? fill : x.data[place]!;
    }
    return out.done();
  }
  const length = sizeOf(asked("rearrange", shape, LARGEST_ON_HOST));
  const places = Int32Array.from({ length }, (_, i) => from(i));
  const flat = x.reshape([x.size]);
  const outside = places.some((place) => place < 0);
  const all = outside ? concat([flat, full([1], fill)]) : flat;
  if (outside) places.forEach((place, i) => (places[i] = place < 0 ? x.size : place));
  if (places.length === 0) return full(shape, 0);
  return indexSelect(all, 0, tensor(places)).reshape(shape);
}

/** By the place of an element on each axis: `from(at)`, where `at` is used again for the next. */
export function byPlace(
  shape: Shape,
  from: (at: readonly number[]) => number,
): (i: number) => number {
  const at = new Array<number>(shape.length).fill(0);
  return (i) => {
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return from(at);
  };
}

/** The place of an element by its places on the axes. */
export function placeOf(at: readonly number[], strides: readonly number[]): number {
  let place = 0;
  for (let axis = 0; axis < at.length; axis++) place += at[axis]! * strides[axis]!;
  return place;
}
