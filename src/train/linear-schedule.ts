import { OptionError } from "../core/errors.js";
import { checkCount } from "../core/shape.js";
import type { CommonOptions, Optimizer } from "../optim/optimizer.js";

export interface LinearScheduleOptions {
  /** Steps of the whole run. */
  steps: number;
  /** Steps in which the learning rate rises to its full height. Default 0. */
  warmup?: number;
  /** The share of the full learning rate that the last step has. Default 0. */
  end?: number;
}

/** Where a {@link LinearSchedule} stands. */
export interface LinearScheduleState {
  /** Steps taken. */
  readonly done: number;
}

/**
 * A learning rate that rises and then falls, both along a straight line: as good as a cosine for short
 * runs, and made of additions and products alone, so the same on every engine. The full height is what
 * the optimizer's groups have when the schedule is made.
 */
export class LinearSchedule<Options extends CommonOptions> {
  readonly #optimizer: Optimizer<Options>;
  readonly #full: readonly number[];
  readonly #steps: number;
  readonly #warmup: number;
  readonly #end: number;
  #done = 0;

  constructor(
    optimizer: Optimizer<Options>,
    { steps, warmup = 0, end = 0 }: LinearScheduleOptions,
  ) {
    checkCount("LinearSchedule", "steps", steps);
    checkCount("LinearSchedule", "warmup", warmup, 0);
    if (!(end >= 0 && end <= 1))
      throw new OptionError({
        op: "LinearSchedule",
        expected: "end from 0 to 1",
        got: String(end),
      });
    this.#optimizer = optimizer;
    this.#full = optimizer.groups.map(({ lr }) => lr);
    this.#steps = steps;
    this.#warmup = warmup;
    this.#end = end;
    this.#apply();
  }

  /** After each step of the optimizer. */
  step(): void {
    this.#done++;
    this.#apply();
  }

  /** Where it stands, as plain data. */
  stateDict(): LinearScheduleState {
    return { done: this.#done };
  }

  loadStateDict({ done }: LinearScheduleState): void {
    checkCount("LinearSchedule", "done", done, 0);
    this.#done = done;
    this.#apply();
  }

  #apply(): void {
    const share = this.#share(this.#done);
    this.#optimizer.groups.forEach((group, i) => (group.lr = this.#full[i]! * share));
  }

  /** The share of the full learning rate for the step after `done` others. */
  #share(done: number): number {
    if (done < this.#warmup) return (done + 1) / this.#warmup;
    const falling = this.#steps - 1 - this.#warmup;
    const way = falling > 0 ? Math.min(1, (done - this.#warmup) / falling) : 0;
    return 1 - (1 - this.#end) * way;
  }
}
