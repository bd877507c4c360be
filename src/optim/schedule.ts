// What schedules of the learning rate have in common.
import { checkCall } from "../core/check.js";
import { checkAlone } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError, StateDictError } from "../core/errors.js";

/** What a schedule works on: an optimizer, of which it changes the rate of every group. */
export interface Scheduled {
  readonly groups: readonly { lr: number }[];
}

/** What changes learning rates as training goes on. */
export interface Schedule {
  /**
   * After each step of the optimizer, or after each epoch: a schedule counts in whatever it is called for.
   *
   * @param metric a score, where the schedule follows one
   */
  step(metric?: number): void;
  /** Its state, as plain data. */
  stateDict(): unknown;
  /** Goes on from there. All or nothing. */
  loadStateDict(state: never): void;
}

/** The state of an {@link LRSchedule}. */
export interface LRScheduleState {
  /** Calls of `step`. */
  readonly steps: number;
  /** The rate of each group that the schedule starts from. */
  readonly base: readonly number[];
}

/**
 * Base of the schedules whose rate follows from the number of steps alone. The rates that the groups have
 * when it is made are the base; from then on the schedule sets them.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * class InverseRoot extends LRSchedule {
 *   constructor() {
 *     super("InverseRoot", optimizer, (base, steps) => base / Math.sqrt(steps + 1));
 *   }
 * }
 * const schedule = new InverseRoot();
 * for (let step = 0; step < 3; step++) schedule.step();
 * optimizer.groups[0]!.lr; // 0.05
 * ```
 */
export abstract class LRSchedule implements Schedule {
  protected readonly name: string;
  readonly #groups: Scheduled["groups"];
  readonly #rate: (base: number, steps: number, group: number) => number;
  #base: readonly number[];
  #steps = 0;

  /** @param rate gives a group's rate from its base rate, the number of steps of the schedule, and its index */
  protected constructor(
    name: string,
    optimizer: Scheduled,
    rate: (base: number, steps: number, group: number) => number,
  ) {
    const groups = groupsOf(name, optimizer);
    this.name = name;
    this.#groups = groups;
    this.#rate = rate;
    this.#base = ratesOf(groups);
    this.apply();
  }

  step(): void {
    checkCall(`${this.name}.step`, arguments, "metric?:number");
    this.#steps++;
    this.apply();
  }

  stateDict(): LRScheduleState {
    return { steps: this.#steps, base: this.#base };
  }

  /**
   * Goes on from a state that {@link stateDict} gave, and sets the rates.
   *
   * @throws StateDictError for anything else, or another number of groups; nothing has changed then
   */
  loadStateDict(state: LRScheduleState): void {
    checkAlone(`${this.name}.loadStateDict`, arguments);
    this.check(state);
    this.restore(state);
    this.apply();
  }

  /** Calls of {@link step}. */
  protected get steps(): number {
    return this.#steps;
  }

  /** Sets the groups' rates. */
  protected apply(): void {
    this.#groups.forEach((group, i) => (group.lr = this.#rate(this.#base[i]!, this.#steps, i)));
  }

  /** Refuses what is no state of this schedule. */
  protected check(state: LRScheduleState): void {
    const { steps, base } = Object(state) as Partial<LRScheduleState>;
    if (!isCount(steps) || !isRates(base, this.#groups)) throw misfit(this.name, state);
  }

  /** Takes a checked state over, and leaves the rates as they are. */
  protected restore({ steps, base }: LRScheduleState): void {
    this.#steps = steps;
    this.#base = [...base];
  }
}

/** The groups of an optimizer, or of what is like one. */
export function groupsOf(op: string, optimizer: Scheduled): Scheduled["groups"] {
  const { groups } = Object(optimizer) as Scheduled;
  if (!Array.isArray(groups))
    throw new OptionError({ op, expected: "an optimizer", got: described(optimizer) });
  return groups;
}

export function ratesOf(groups: Scheduled["groups"]): number[] {
  return groups.map(({ lr }) => lr);
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isRates(value: unknown, groups: Scheduled["groups"]): boolean {
  return Array.isArray(value) && value.length === groups.length && value.every(Number.isFinite);
}

export function misfit(name: string, state: unknown): StateDictError {
  return new StateDictError({
    op: `${name}.loadStateDict`,
    expected: "the state of such a schedule for as many groups",
    got: described(state),
    cure: "Nothing was changed.",
  });
}
