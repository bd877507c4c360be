import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";

export interface Split<Items> {
  readonly train: Items;
  readonly heldOut: Items;
}

/** What can be split: arrays and typed arrays. */
interface Sliceable {
  readonly length: number;
  slice(start: number, end: number): this;
}

/**
 * Keeps the last share of the items for evaluation: of a stream of ids its end, so that nothing learnt
 * overlaps with what is tested. Shuffle independent examples first.
 *
 * @param share above 0 and below 1; rounded to a whole number of items, at least one on each side
 * @example
 * ```ts
 * manualSeed(1);
 * const { train, heldOut } = splitHeldOut([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.2);
 * [train.length, heldOut.length]; // [8, 2]
 * ```
 */
export function splitHeldOut<T>(items: readonly T[], share: number): Split<T[]>;
export function splitHeldOut<Items extends Sliceable>(items: Items, share: number): Split<Items>;
export function splitHeldOut(items: Sliceable, share: number): Split<Sliceable> {
  checkCall("splitHeldOut", arguments, "items:list|string share:number");
  if (!(share > 0 && share < 1)) {
    throw new OptionError({
      op: "splitHeldOut",
      expected: "a share above 0 and below 1",
      got: String(share),
    });
  }
  const { length } = items;
  if (length < 2) {
    throw new OptionError({
      op: "splitHeldOut",
      expected: "at least 2 items",
      got: String(length),
    });
  }
  const cut = Math.min(length - 1, Math.max(1, length - Math.round(length * share)));
  return { train: items.slice(0, cut), heldOut: items.slice(cut, length) };
}
