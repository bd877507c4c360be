import { checkCall, checkCount } from "../core/check.js";
import { checkAlone } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { groupsOf, isCount, misfit, ratesOf, type Schedule, type Scheduled } from "./schedule.js";

export interface SequentialLROptions {
  /** Functions that make the schedules, in their order, each from the rates that the groups have now. */
  schedules: readonly ((optimizer: Scheduled) => Schedule)[];
  /** The steps at which the second, the third, … begins: one fewer than schedules, rising. */
  milestones: readonly number[];
}

/** The state of a {@link SequentialLR}. */
export interface SequentialLRState {
  readonly steps: number;
  readonly schedules: readonly unknown[];
}

/**
 * Schedules one after the other, each from its beginning.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const schedule = new SequentialLR(optimizer, {
 *   schedules: [(o) => new LinearLR(o, { totalIters: 2 }), (o) => new ExponentialLR(o, { gamma: 0.9 })],
 *   milestones: [2],
 * });
 * schedule.step();
 * ```
 */
export class SequentialLR implements Schedule {
  readonly #schedules: readonly Schedule[];
  readonly #milestones: readonly number[];
  #steps = 0;

  /** @throws OptionError for what is no list of functions, or milestones that do not fit */
  constructor(optimizer: Scheduled, options: SequentialLROptions) {
    const op = "SequentialLR";
    checkCall(op, arguments, "optimizer:object {schedules!:list milestones!:list}");
    const groups = groupsOf(op, optimizer);
    const { schedules, milestones } = options;
    if (!Array.isArray(schedules) || !schedules.every((make) => typeof make === "function"))
      throw new OptionError({
        op,
        expected: "schedules to be functions that make one each",
        got: described(schedules),
        cure: "(optimizer) => new StepLR(optimizer, { … }): made by it, each starts from the same rates.",
      });
    milestones.forEach((each, i) => checkCount(op, `milestones[${i}]`, each));
    const rises = milestones.every((each, i) => i === 0 || each > milestones[i - 1]!);
    if (milestones.length !== schedules.length - 1 || !rises)
      throw new OptionError({
        op,
        expected: `${schedules.length - 1} rising milestones for ${schedules.length} schedules`,
        got: described(milestones),
      });
    const base = ratesOf(groups);
    // The first is made last: its rates are those to begin with.
    this.#schedules = [...schedules]
      .reverse()
      .map((make) => {
        groups.forEach((group, i) => (group.lr = base[i]!));
        return make({ groups });
      })
      .reverse();
    this.#milestones = [...milestones];
  }

  /** @param metric handed to the schedule whose turn it is */
  step(metric?: number): void {
    checkCall("SequentialLR.step", arguments, "metric?:number");
    this.#steps++;
    const current = this.#current;
    if (!this.#milestones.includes(this.#steps)) return current.step(metric);
    // Its own beginning: setting its state sets the rates.
    current.loadStateDict(current.stateDict() as never);
  }

  stateDict(): SequentialLRState {
    return { steps: this.#steps, schedules: this.#schedules.map((each) => each.stateDict()) };
  }

  /**
   * Goes on from a state that {@link stateDict} gave.
   *
   * @throws StateDictError for anything else
   */
  loadStateDict(state: SequentialLRState): void {
    checkAlone("SequentialLR.loadStateDict", arguments);
    const { steps, schedules } = Object(state) as Partial<SequentialLRState>;
    if (!isCount(steps) || !Array.isArray(schedules) || schedules.length !== this.#schedules.length)
      throw misfit("SequentialLR", state);
    const before = this.stateDict();
    try {
      this.#restore(state);
    } catch (error) {
      this.#restore(before);
      throw error;
    }
  }

  #restore({ steps, schedules }: SequentialLRState): void {
    this.#schedules.forEach((each, i) => each.loadStateDict(schedules[i] as never));
    this.#steps = steps;
    // Whose turn it is sets the rates, last.
    const current = this.#current;
    current.loadStateDict(current.stateDict() as never);
  }

  get #current(): Schedule {
    const passed = this.#milestones.filter((each) => each <= this.#steps).length;
    return this.#schedules[passed]!;
  }
}
