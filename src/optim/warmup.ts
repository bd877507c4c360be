import { checkAlone } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { checkCall, checkCount } from "../core/check.js";
import { LRSchedule, type LRScheduleState, type Schedule, type Scheduled } from "./schedule.js";

export interface WarmupLROptions {
  /** Steps in which the rate rises. */
  steps: number;
  /** A schedule of the same optimizer that takes over then, from its beginning. Default: the rate stays. */
  after?: Schedule | undefined;
}

/** The state of a {@link WarmupLR}. */
export interface WarmupLRState extends LRScheduleState {
  /** The state of the schedule after it; null without one. */
  readonly after: unknown;
}

/**
 * The rate rises along a straight line: 1 / steps of it, 2 / steps, … and all of it at step number `steps`.
 * Then another schedule goes on.
 *
 * @example
 * ```ts
 * const optimizer = new Adam(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const after = new CosineAnnealingLR(optimizer, { tMax: 900 });
 * const schedule = new WarmupLR(optimizer, { steps: 100, after });
 * optimizer.groups[0]!.lr.toFixed(3); // "0.001"
 * schedule.step();
 * ```
 */
export class WarmupLR extends LRSchedule {
  readonly #warmup: number;
  readonly #after: Schedule | undefined;

  constructor(optimizer: Scheduled, options: WarmupLROptions) {
    checkCall("WarmupLR", arguments, "optimizer:object {steps!:number after:object}");
    const { steps, after } = options;
    checkCount("WarmupLR", "steps", steps, 0);
    if (after && typeof after.step !== "function")
      throw new OptionError({
        op: "WarmupLR",
        expected: "a schedule as after",
        got: described(after),
      });
    super("WarmupLR", optimizer, (base, done) => base * Math.min(1, (done + 1) / steps));
    this.#warmup = steps;
    this.#after = after;
  }

  /** @param metric handed to the schedule that goes on, once it does */
  override step(metric?: number): void {
    checkCall("WarmupLR.step", arguments, "metric?:number");
    if (this.steps < this.#warmup) super.step();
    else this.#after?.step(metric);
  }

  override stateDict(): WarmupLRState {
    return { ...super.stateDict(), after: this.#after?.stateDict() ?? null };
  }

  override loadStateDict(state: WarmupLRState): void {
    checkAlone("WarmupLR.loadStateDict", arguments);
    this.check(state);
    this.#after?.loadStateDict(state.after as never);
    this.restore(state);
    // Whose turn it is sets the rates: the other schedule has.
    if (!this.#after || this.steps < this.#warmup) this.apply();
  }
}
