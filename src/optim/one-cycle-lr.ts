import { checkCall, checkChoice, checkCount } from "../core/check.js";
import { cosineOfHalfTurns } from "../core/cosine.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { groupsOf, LRSchedule, type LRScheduleState, type Scheduled } from "./schedule.js";

export interface OneCycleLROptions {
  /** The highest rate: one, or one for each group. */
  maxLr: number | readonly number[];
  /** Steps of the whole cycle: of all epochs together. */
  totalSteps: number;
  /** The share of the steps in which the rate rises. Default 0.3. */
  pctStart?: number | undefined;
  /** Along half a cosine (default) or a straight line. */
  annealStrategy?: "cos" | "linear" | undefined;
  /**
   * Whether the momentum of SGD, or the first beta of Adam, falls as the rate rises, and rises as it falls. Default true.
   */
  cycleMomentum?: boolean | undefined;
  /** The lowest momentum. Default 0.85. */
  baseMomentum?: number | undefined;
  /** The highest momentum. Default 0.95. */
  maxMomentum?: number | undefined;
  /** The first rate is maxLr / divFactor. Default 25. */
  divFactor?: number | undefined;
  /** The last rate is the first / finalDivFactor. Default 10000. */
  finalDivFactor?: number | undefined;
  /** Whether the rate first falls back as slowly as it rose, and then on to the last. Default false: at once. */
  threePhase?: boolean | undefined;
}

interface Phase {
  /** The step at which it ends. */
  readonly end: number;
  /** Rates as shares of maxLr: at its start, at its end. */
  readonly rate: readonly [number, number];
  /** 0: the base momentum, 1: the highest. */
  readonly momentum: readonly [number, number];
}

/** What a group may hold beside its rate. */
interface Cycled {
  lr: number;
  momentum?: number | undefined;
  betas?: readonly [number, number] | undefined;
}

/**
 * One rise of the rate to its highest and one fall to nearly nothing, the momentum against it (Smith & Topin 2018, arXiv
 * 1708.07120), as PyTorch. It sets the rates whatever they were before. Call `step()` after each step of the optimizer.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const schedule = new OneCycleLR(optimizer, { maxLr: 0.5, totalSteps: 100 });
 * schedule.step();
 * ```
 */
export class OneCycleLR extends LRSchedule {
  readonly #groups: readonly Cycled[];
  readonly #totalSteps: number;
  readonly #momentumAt: ((steps: number) => number) | undefined;

  /**
   * @throws OptionError for options that make no sense, or an optimizer without momentum or betas to cycle
   */
  constructor(optimizer: Scheduled, options: OneCycleLROptions) {
    const op = "OneCycleLR";
    checkCall(op, arguments, `optimizer:object {${KNOWN}}`);
    const { pctStart = 0.3, annealStrategy = "cos", threePhase = false } = options;
    const { baseMomentum = 0.85, maxMomentum = 0.95, cycleMomentum = true } = options;
    const { maxLr, totalSteps, divFactor = 25, finalDivFactor = 1e4 } = options;
    const groups: readonly Cycled[] = groupsOf(op, optimizer);
    checkCount(op, "totalSteps", totalSteps);
    checkChoice(op, "annealStrategy", annealStrategy, ["cos", "linear"]);
    const require = (ok: boolean, expected: string, got: unknown): void => {
      if (!ok) throw new OptionError({ op, expected, got: described(got) });
    };
    const highest: readonly number[] = typeof maxLr === "number" ? groups.map(() => maxLr) : maxLr;
    require(Array.isArray(highest) &&
      highest.length === groups.length &&
      highest.every(
        (rate) => rate > 0 && rate < Infinity,
      ), `maxLr above 0, or ${groups.length} of them, one for each group`, maxLr);
    require(pctStart >= 0 && pctStart <= 1, "pctStart from 0 to 1", pctStart);
    require(divFactor > 0, "divFactor above 0", divFactor);
    require(finalDivFactor > 0, "finalDivFactor above 0", finalDivFactor);
    for (const [name, momentum] of Object.entries({ baseMomentum, maxMomentum }))
      require(momentum >= 0 && momentum < 1, `${name} from 0 to below 1`, momentum);
    require(!cycleMomentum ||
      groups.every(
        (group) => "momentum" in group || "betas" in group,
      ), "an optimizer with momentum or betas, or cycleMomentum: false", "one without");
    const first = 1 / divFactor;
    const phases = phasesOf(totalSteps, pctStart, threePhase, first, first / finalDivFactor);
    const between = annealStrategy === "cos" ? alongCosine : alongLine;
    const rateAt = (_base: number, steps: number, group: number): number => {
      const { rate, way } = within(phases, steps);
      return between(rate[0], rate[1], way) * highest[group]!;
    };
    super(op, optimizer, rateAt);
    this.#groups = groups;
    this.#totalSteps = totalSteps;
    if (cycleMomentum)
      this.#momentumAt = (steps) => {
        const { momentum, way } = within(phases, steps);
        const [from, to] = momentum.map(
          (share) => baseMomentum + (maxMomentum - baseMomentum) * share,
        );
        return between(from!, to!, way);
      };
    this.#cycle();
  }

  /** @throws OptionError after `totalSteps` steps */
  override step(): void {
    checkCall("OneCycleLR.step", arguments, "metric?:number");
    if (this.steps >= this.#totalSteps)
      throw new OptionError({
        op: "OneCycleLR.step",
        expected: `at most totalSteps (${this.#totalSteps}) steps`,
        got: "one more",
        cure: "totalSteps counts the steps of all epochs together.",
      });
    super.step();
    this.#cycle();
  }

  override loadStateDict(state: LRScheduleState): void {
    super.loadStateDict(state);
    this.#cycle();
  }

  /** Sets the groups' momenta. */
  #cycle(): void {
    if (!this.#momentumAt) return;
    const momentum = this.#momentumAt(this.steps);
    for (const group of this.#groups)
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
  }
}

const KNOWN =
  "maxLr! totalSteps! pctStart:number annealStrategy cycleMomentum:boolean baseMomentum:number maxMomentum:number divFactor:number finalDivFactor:number threePhase:boolean";

function phasesOf(
  totalSteps: number,
  pctStart: number,
  threePhase: boolean,
  first: number,
  last: number,
): Phase[] {
  const top = pctStart * totalSteps - 1;
  const rise: Phase = { end: top, rate: [first, 1], momentum: [1, 0] };
  if (!threePhase) return [rise, { end: totalSteps - 1, rate: [1, last], momentum: [0, 1] }];
  return [
    rise,
    { end: 2 * top, rate: [1, first], momentum: [0, 1] },
    { end: totalSteps - 1, rate: [first, last], momentum: [1, 1] },
  ];
}

/** The phase a step is in, and how far it has gone, 0 to 1. */
function within(phases: readonly Phase[], steps: number): Phase & { way: number } {
  const found = phases.findIndex(({ end }) => steps <= end);
  const index = found < 0 ? phases.length - 1 : found;
  const phase = phases[index]!;
  const start = index === 0 ? 0 : phases[index - 1]!.end;
  const way = phase.end > start ? Math.min((steps - start) / (phase.end - start), 1) : 1;
  return { ...phase, way };
}

function alongCosine(from: number, to: number, way: number): number {
  return to + ((from - to) / 2) * (1 + cosineOfHalfTurns(way));
}

function alongLine(from: number, to: number, way: number): number {
  return from + (to - from) * way;
}
