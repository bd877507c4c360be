// What a group of nodes that are attention said of it.

/** A value, and the axes of it that stand for those of the product's operand. */
export interface Operand {
  readonly slot: number;
  /** Axis i is axis `order[i]` of the value. Default: as they are. */
  readonly order: readonly number[] | undefined;
}

/** What of the scores counts. */
export interface MaskPlan {
  readonly slot: number;
  /**
   * How a number says so: `added` to the score, 0 or next to -Infinity; or a condition under which the score stays, or does not.
   */
  readonly by: "added" | "stays" | "goes";
  /** What stands for a score that does not count; of `added` it is read. */
  readonly least: number;
}

/** softmax(scale · q kᵀ, masked) · v */
export interface AttentionPlan {
  readonly query: Operand;
  /** Of `[…, size, keys]`. */
  readonly keys: Operand;
  readonly value: Operand;
  /** The product of all constants that scores are multiplied with. */
  readonly scale: number;
  /** Slots of numbers that are known as the graph runs: multiplied with, or divided by. */
  readonly scales: readonly { readonly slot: number; readonly divides: boolean }[];
  /** The last is applied first. */
  readonly masks: readonly MaskPlan[];
  /** Whether a query that sees no key gives zeros where its weights are not numbers. */
  readonly clears: boolean;
  /** Axes of the result in another order, the last in its place. */
  readonly order: readonly number[] | undefined;
}
