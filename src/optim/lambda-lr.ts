import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { groupsOf, LRSchedule, type Scheduled } from "./schedule.js";

export interface LambdaLROptions {
  /** The share of the base after a number of steps (0 at first): one function, or one for each group. */
  lrLambda: ((steps: number) => number) | readonly ((steps: number) => number)[];
}

/**
 * The rate times what a function gives. Functions are in no state: a schedule that goes on from one is made with the same.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * new LambdaLR(optimizer, { lrLambda: (steps) => 1 / (1 + steps) }).step();
 * optimizer.groups[0]!.lr; // 0.05
 * ```
 */
export class LambdaLR extends LRSchedule {
  /** @throws OptionError for what is no function, or another number of functions than groups */
  constructor(optimizer: Scheduled, options: LambdaLROptions) {
    checkCall("LambdaLR", arguments, "optimizer:object {lrLambda!}");
    const { lrLambda } = options;
    const groups = groupsOf("LambdaLR", optimizer).length;
    const functions = typeof lrLambda === "function" ? Array(groups).fill(lrLambda) : lrLambda;
    const fits =
      Array.isArray(functions) &&
      functions.length === groups &&
      functions.every((each) => typeof each === "function");
    if (!fits)
      throw new OptionError({
        op: "LambdaLR",
        expected: `lrLambda to be a function, or ${groups} of them, one for each group`,
        got: described(lrLambda),
      });
    super("LambdaLR", optimizer, (base, steps, group) => {
      const factor: unknown = (functions as ((steps: number) => number)[])[group]!(steps);
      if (typeof factor !== "number" || !(factor >= 0 && factor < Infinity))
        throw new OptionError({
          op: "LambdaLR",
          expected: "a factor of at least 0 from lrLambda",
          got: `${described(factor)} after ${steps} steps`,
        });
      return base * factor;
    });
  }
}
