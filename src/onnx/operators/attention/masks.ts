// Masks of scores, as graphs have them, as the kernel reads them: which keys a query sees.
import { broadcastShapes, sizeOf, type Shape } from "../../../core/shape.js";
import { tensor } from "../../../tensor/create.js";
import { Tensor } from "../../../tensor/tensor.js";
import type { Value } from "../../value.js";
import { broadcastMap } from "../host-math.js";
import type { MaskPlan } from "./plan.js";

/** What is this much less than another score has a weight of 0 beside it. */
const LEAST = -1e4;

/** Which keys count, 1 where one does, and what a row of them is like. */
interface Seen {
  readonly shape: Shape;
  readonly data: Int32Array;
  /** The first key that counts in each row; the row's length where none does. */
  readonly firsts: Int32Array;
  /** How many count in each row, where these are the first ones; else -1. */
  readonly counts: Int32Array;
  /** Whether all scores that do not count are -Infinity, so that a row of them has no weights. */
  readonly isInfinite: boolean;
}

/** What the kernel takes of all masks. */
export interface KernelMasks {
  readonly causal: boolean;
  readonly mask: Tensor<"int32"> | undefined;
}

/**
 * Masks as the kernel reads them; undefined where one adds other numbers than 0 and those next to -Infinity, or where a query that sees
 * no key would have other weights than the kernel's zeros.
 *
 * @param values of the masks
 * @param clears whether weights of scores that are all -Infinity become zeros
 */
export function kernelMasks(
  plans: readonly MaskPlan[],
  values: readonly Value[],
  queries: number,
  keys: number,
  clears: boolean,
): KernelMasks | undefined {
  let causal = false;
  let rest: Seen | undefined;
  for (const [i, plan] of plans.entries()) {
    const seen = seenBy(plan, values[i]!);
    if (!seen) return undefined;
    if (isCausal(seen, queries, keys)) causal = true;
    else if (!seen.counts.every((count) => count === seen.shape.at(-1)))
      rest = rest ? both(rest, seen) : seen;
  }
  if (!rest) return { causal, mask: undefined };
  const empty = clears && rest.isInfinite && !causal;
  if (!empty && !eachSees(rest, queries, causal ? keys - queries : keys)) return undefined;
  return { causal, mask: tensor(rest.data, { shape: rest.shape }) };
}

interface Read {
  readonly version: number;
  readonly seen: Seen | undefined;
}

/** What masks were read as: all layers have one, and some stay from run to run. */
const known = /* @__PURE__ */ new WeakMap<Value, Map<string, Read>>();

function seenBy(plan: MaskPlan, value: Value): Seen | undefined {
  const version = value instanceof Tensor ? value.storage.version : 0;
  const key = `${plan.by} ${plan.least}`;
  const own = known.get(value) ?? new Map<string, Read>();
  known.set(value, own);
  const before = own.get(key);
  if (before?.version === version) return before.seen;
  const seen = readSeen(plan, value);
  own.set(key, { version, seen });
  return seen;
}

function readSeen({ by, least }: MaskPlan, value: Value): Seen | undefined {
  const numbers = value instanceof Tensor ? value.data() : value.data;
  const data = new Int32Array(numbers.length);
  let isInfinite = by === "added" || least === -Infinity;
  for (let i = 0; i < data.length; i++) {
    const x = numbers[i]!;
    if (by !== "added") data[i] = Number((x !== 0) === (by === "stays"));
    else if (x === 0) data[i] = 1;
    else if (!(x <= LEAST)) return undefined;
    else if (x !== -Infinity) isInfinite = false;
  }
  return seenOf(value.shape, data, isInfinite);
}

function seenOf(shape: Shape, data: Int32Array, isInfinite: boolean): Seen {
  const width = shape.at(-1) ?? 1;
  const rows = width === 0 ? 0 : data.length / width;
  const [firsts, counts] = [new Int32Array(rows), new Int32Array(rows)];
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * width, (row + 1) * width);
    const first = own.indexOf(1);
    const count = own.lastIndexOf(1) + 1;
    firsts[row] = first < 0 ? width : first;
    counts[row] = own.subarray(0, count).includes(0) ? -1 : count;
  }
  return { shape, data, firsts, counts, isInfinite };
}

/** Whether query i sees the keys up to its own position, counted from the last of both, and no others. */
function isCausal({ shape, counts }: Seen, queries: number, keys: number): boolean {
  if (counts.length !== queries || shape.at(-2) !== queries || shape.at(-1) !== keys) return false;
  return queries <= keys && counts.every((count, i) => count === i + 1 + keys - queries);
}

/** Whether each query sees a key: of those that all see, `reached` ones and one more with each query, or all. */
function eachSees({ shape, firsts }: Seen, queries: number, reached: number): boolean {
  const own = shape.at(-2) === queries ? queries : 1;
  return firsts.every((first, row) => first <= (row % own) + reached && first < shape.at(-1)!);
}

/** What both count. */
function both(a: Seen, b: Seen): Seen {
  const shape = broadcastShapes("attention", a.shape, b.shape);
  const [ofA, ofB] = [broadcastMap(a.shape, shape), broadcastMap(b.shape, shape)];
  const data = Int32Array.from(
    { length: sizeOf(shape) },
    (_, i) => a.data[ofA(i)]! & b.data[ofB(i)]!,
  );
  return seenOf(shape, data, a.isInfinite && b.isInfinite);
}
