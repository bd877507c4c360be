// The order of elements along an axis. Positions are found on the host; values keep their gradient.
import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { running } from "../core/running.js";
import { OptionError } from "../core/errors.js";
import { normalizeAxis, splitAtAxis } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { gather } from "./gather.js";

/** Elements in an order, and the position of each in the axis they come from. */
export interface Ordered<D extends DType> {
  values: Tensor<D>;
  indices: Tensor<"int32">;
}

/** Below 0 where a comes first, ascending; NaN counts as the largest. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b);
}

/** The first `count` positions along an axis in the order of its elements; of equals the first comes first. */
function positions(
  op: string,
  x: Tensor<DType>,
  axis: number,
  descending: boolean,
  count?: number,
): Tensor<"int32"> {
  running.op = op;
  const normal = normalizeAxis(op, axis, x.shape.length);
  const { outer, length, inner } = splitAtAxis(x.shape, normal);
  const kept = count ?? length;
  if (!Number.isInteger(kept) || kept < 0 || kept > length)
    throw new OptionError({ op, expected: `k from 0 to ${length}`, got: described(kept) });
  const values = x.data();
  const found = new Int32Array(outer * kept * inner);
  const line = new Float64Array(length);
  const precedes = (i: number, j: number): number =>
    (descending ? compare(line[j]!, line[i]!) : compare(line[i]!, line[j]!)) || i - j;
  for (let block = 0; block < outer; block++)
    for (let column = 0; column < inner; column++) {
      for (let i = 0; i < length; i++) line[i] = values[(block * length + i) * inner + column]!;
      const order = firstInOrder(length, kept, precedes);
      for (let i = 0; i < kept; i++) found[(block * kept + i) * inner + column] = order[i]!;
    }
  return tensor(found, { shape: x.shape.map((size, i) => (i === normal ? kept : size)) });
}

function firstInOrder(
  length: number,
  count: number,
  precedes: (i: number, j: number) => number,
): Int32Array {
  // Few of many: nearly every element is refused by one comparison with the last that is kept.
  if (count * 8 > length) return Int32Array.from({ length }, (_, i) => i).sort(precedes);
  const kept = new Int32Array(count);
  for (let i = 0, held = 0; i < length; i++) {
    if (held === count && (count === 0 || precedes(i, kept[count - 1]!) > 0)) continue;
    let at = held < count ? held++ : count - 1;
    for (; at > 0 && precedes(i, kept[at - 1]!) < 0; at--) kept[at] = kept[at - 1]!;
    kept[at] = i;
  }
  return kept;
}

/**
 * The k largest elements along an axis, the largest first; of equals the first comes first, and NaN counts as
 * the largest.
 *
 * @param axis default -1
 * @param options `largest: false` for the smallest, the smallest first
 * @throws OptionError for a k beyond the axis' length or an axis out of range
 */
export function topk<D extends DType>(
  x: Tensor<D>,
  k: number,
  axis = -1,
  options: { largest?: boolean | undefined } = {},
): Ordered<D> {
  checkCall("topk", arguments, "x:tensor k:number axis?:number {largest:boolean}");
  const { largest = true } = options;
  const indices = positions("topk", x, axis, largest, k);
  return { values: gather(x, axis, indices), indices };
}

/**
 * The elements along an axis in ascending order; equals keep theirs, NaN comes last.
 *
 * @param axis default -1
 * @param options `descending: true` for the other order
 * @throws OptionError for an axis out of range
 */
export function sort<D extends DType>(
  x: Tensor<D>,
  axis = -1,
  options: { descending?: boolean | undefined } = {},
): Ordered<D> {
  checkCall("sort", arguments, "x:tensor axis?:number {descending:boolean}");
  const { descending = false } = options;
  const indices = positions("sort", x, axis, descending);
  return { values: gather(x, axis, indices), indices };
}

/** The positions that {@link sort} gives. */
export function argsort(
  x: Tensor<DType>,
  axis = -1,
  options: { descending?: boolean | undefined } = {},
): Tensor<"int32"> {
  checkCall("argsort", arguments, "x:tensor axis?:number {descending:boolean}");
  const { descending = false } = options;
  return positions("argsort", x, axis, descending);
}
