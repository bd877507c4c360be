// What PyTorch's recorded rates (test/oracle/schedules.test.ts) do not show.
import { describe, expect, it } from "vitest";
import {
  Adam,
  OptionError,
  Parameter,
  scope,
  SGD,
  StateDictError,
  tensor,
  zeros,
} from "../../src/index.js";
import {
  CosineAnnealingLR,
  ExponentialLR,
  LambdaLR,
  LRSchedule,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
  WarmupLR,
  type OneCycleLROptions,
  type Schedule,
  type Scheduled,
  type SequentialLROptions,
} from "../../src/optim/index.js";

const groupsOf = (...rates: number[]) => ({ groups: rates.map((lr) => ({ lr })) });
const rates = ({ groups }: Scheduled) => groups.map(({ lr }) => lr);

describe("a schedule", () => {
  it("sets the rates of an optimizer's groups", () => {
    const [a, b] = [new Parameter(zeros([1])), new Parameter(zeros([1]))];
    const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 4 }], { lr: 8 });
    const schedule = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
    schedule.step();
    expect(rates(optimizer)).toEqual([4, 2]);
  });

  it("may be written by its users, and resumes as the others", () => {
    class InverseRoot extends LRSchedule {
      constructor(optimizer: Scheduled) {
        super("InverseRoot", optimizer, (base, steps) => base / Math.sqrt(steps + 1));
      }
    }
    const optimizer = groupsOf(6);
    const schedule = new InverseRoot(optimizer);
    for (let i = 0; i < 8; i++) schedule.step();
    expect(rates(optimizer)).toEqual([2]);
    const other = groupsOf(1);
    new InverseRoot(other).loadStateDict(schedule.stateDict());
    expect(rates(other)).toEqual([2]);
  });

  it("does not lose its way over a million steps", () => {
    const optimizer = groupsOf(1);
    const [gamma, tMax] = [1 - 2 ** -20, 300_000];
    const state = { steps: 1_000_000, base: [1] };
    new ExponentialLR(optimizer, { gamma }).loadStateDict(state);
    expect(optimizer.groups[0]!.lr / Math.exp(1e6 * Math.log1p(-(2 ** -20)))).toBeCloseTo(1, 9);
    new CosineAnnealingLR(optimizer, { tMax }).loadStateDict(state);
    expect(optimizer.groups[0]!.lr).toBeCloseTo(0.25, 12);
  });

  it("refuses a state that is not its own, and stays as it was", () => {
    const makers: ((optimizer: Scheduled) => Schedule)[] = [
      (optimizer) => new StepLR(optimizer, { stepSize: 2 }),
      (optimizer) => new ReduceLROnPlateau(optimizer, { patience: 0 }),
      (optimizer) =>
        new WarmupLR(optimizer, {
          steps: 1,
          after: new ReduceLROnPlateau(optimizer, { patience: 0 }),
        }),
    ];
    for (const make of makers) {
      const optimizer = groupsOf(1, 2);
      const schedule = make(optimizer);
      for (let step = 0; step < 4; step++) schedule.step(1);
      const before = [rates(optimizer), schedule.stateDict()];
      const good = schedule.stateDict() as Record<string, unknown>;
      const bad = [
        null,
        {},
        ...Object.keys(good).map((key) => ({ ...good, [key]: [1] })),
        ...Object.keys(good).map((key) => ({ ...good, [key]: -1 })),
        make(groupsOf(1)).stateDict(),
      ].filter((state) => (state as { best?: unknown } | null)?.best !== -1);
      for (const state of bad) {
        expect(() => schedule.loadStateDict(state as never)).toThrow(StateDictError);
        expect([rates(optimizer), schedule.stateDict()]).toEqual(before);
      }
    }
  });

  it.each<[string, () => unknown, string]>([
    ["stepSize", () => new StepLR(groupsOf(1), { stepSize: 0 }), "StepLR: expected stepSize"],
    ["gamma", () => new StepLR(groupsOf(1), { stepSize: 1, gamma: -1 }), "expected gamma of"],
    ["gamma", () => new ExponentialLR(groupsOf(1), { gamma: NaN }), "got NaN"],
    ["gamma", () => new ExponentialLR(groupsOf(1), { gamma: Infinity }), "got Infinity"],
    [
      "milestones",
      () => new MultiStepLR(groupsOf(1), { milestones: [3, 1.5] }),
      "MultiStepLR: expected milestones[1] to be a whole number of at least 0, got 1.5.",
    ],
    ["tMax", () => new CosineAnnealingLR(groupsOf(1), { tMax: 0 }), "expected tMax to be"],
    ["etaMin", () => new CosineAnnealingLR(groupsOf(1), { tMax: 1, etaMin: -1 }), "got -1"],
    [
      "startFactor",
      () => new LinearLR(groupsOf(1), { startFactor: 1.5 }),
      "LinearLR: expected startFactor from 0 to 1, got 1.5.",
    ],
    ["totalIters", () => new LinearLR(groupsOf(1), { totalIters: 0 }), "expected totalIters"],
    ["steps", () => new WarmupLR(groupsOf(1), { steps: -1 }), "WarmupLR: expected steps"],
    ["mode", () => new ReduceLROnPlateau(groupsOf(1), { mode: "up" as never }), '"min" or "max"'],
    [
      "thresholdMode",
      () => new ReduceLROnPlateau(groupsOf(1), { thresholdMode: "relative" as never }),
      'expected thresholdMode "rel" or "abs", got "relative".',
    ],
    [
      "factor",
      () => new ReduceLROnPlateau(groupsOf(1), { factor: 1 }),
      "ReduceLROnPlateau: expected factor from 0 to below 1, got 1.",
    ],
    ["patience", () => new ReduceLROnPlateau(groupsOf(1), { patience: -1 }), "expected patience"],
    ["cooldown", () => new ReduceLROnPlateau(groupsOf(1), { cooldown: 0.5 }), "expected cooldown"],
    ["minLr", () => new ReduceLROnPlateau(groupsOf(1), { minLr: -1 }), "minLr of at least 0"],
  ])("refuses a bad %s", (_, make, message) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  it("changes no rate where it refuses", () => {
    const optimizer = groupsOf(1);
    expect(() => new LinearLR(optimizer, { startFactor: 0.5, totalIters: 0 })).toThrow();
    expect(rates(optimizer)).toEqual([1]);
  });
});

describe("WarmupLR", () => {
  it("hands over to a schedule that follows a score, and resumes on either side", () => {
    const make = (optimizer: Scheduled) =>
      new WarmupLR(optimizer, {
        steps: 3,
        after: new ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 }),
      });
    const optimizer = groupsOf(6);
    let schedule = make(optimizer);
    // Scores of the warm-up count for nothing.
    const scores = [1, 1, 9, 5, 6, 4, 4];
    const seen = scores.map((score) => {
      const [rate] = rates(optimizer);
      schedule.step(score);
      const next = make(groupsOf(1));
      next.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())) as never);
      expect(next.stateDict()).toEqual(schedule.stateDict());
      const state = schedule.stateDict();
      schedule = make(optimizer);
      schedule.loadStateDict(state);
      return rate;
    });
    expect(seen).toEqual([2, 4, 6, 6, 6, 3, 3]);
    expect(rates(optimizer)).toEqual([1.5]);
  });

  it("goes back to an earlier state of its own", () => {
    const optimizer = groupsOf(8);
    const after = new ExponentialLR(optimizer, { gamma: 0.5 });
    const schedule = new WarmupLR(optimizer, { steps: 2, after });
    const start = schedule.stateDict();
    for (let i = 0; i < 5; i++) schedule.step();
    expect(rates(optimizer)).toEqual([1]);
    schedule.loadStateDict(start);
    expect(rates(optimizer)).toEqual([4]);
    for (let i = 0; i < 3; i++) schedule.step();
    expect(rates(optimizer)).toEqual([4]);
  });

  it("of no steps is what comes after it", () => {
    const optimizer = groupsOf(8);
    const after = new ExponentialLR(optimizer, { gamma: 0.5 });
    const schedule = new WarmupLR(optimizer, { steps: 0, after });
    expect(rates(optimizer)).toEqual([8]);
    schedule.step();
    expect(rates(optimizer)).toEqual([4]);
  });
});

describe("ReduceLROnPlateau", () => {
  it("needs a score", () => {
    const schedule = new ReduceLROnPlateau(groupsOf(1));
    expect(() => schedule.step(undefined as never)).toThrow(
      "ReduceLROnPlateau: expected step to get a score, got undefined. step(validationLoss)",
    );
  });

  it.each(["min", "max"] as const)("takes an equal score for no improvement (%s)", (mode) => {
    const optimizer = groupsOf(1);
    const options = { mode, patience: 0, threshold: 0, factor: 0.5 };
    const schedule = new ReduceLROnPlateau(optimizer, options);
    for (const score of [3, 3, 3]) schedule.step(score);
    expect(rates(optimizer)).toEqual([0.25]);
  });

  it("takes no score that is not finite for the best: a checkpoint could not hold it", () => {
    for (const mode of ["min", "max"] as const) {
      const optimizer = groupsOf(1);
      const schedule = new ReduceLROnPlateau(optimizer, { mode, patience: 2, factor: 0.5 });
      for (const score of [NaN, Infinity, 3, -Infinity, Infinity, NaN]) schedule.step(score);
      expect(schedule.stateDict()).toMatchObject({ best: 3, bad: 0 });
      expect(rates(optimizer)).toEqual([0.5]);
    }
  });
});

describe("OneCycleLR", () => {
  it("moves the first beta of Adam against the rate, and refuses a step too many", () => {
    const parameter = scope(() => new Parameter(tensor([1])));
    const optimizer = new Adam([parameter], { lr: 7, betas: [0.5, 0.99] });
    const schedule = new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 200, pctStart: 0.5 });
    expect(optimizer.groups[0]!.betas).toEqual([0.95, 0.99]);
    for (let step = 0; step < 200; step++) {
      optimizer.zeroGrad();
      scope(() => parameter.mul(parameter).sum().backward());
      optimizer.step();
      schedule.step();
      if (step === 98) expect(optimizer.groups[0]!.betas[0]).toBeCloseTo(0.85, 9);
    }
    expect(Math.abs(parameter.item())).toBeLessThan(0.05);
    expect(() => schedule.step()).toThrow(
      "OneCycleLR.step: expected at most totalSteps (200) steps",
    );
    optimizer.dispose();
    parameter.dispose();
  });

  it.each([
    [{ maxLr: 0, totalSteps: 5 }, "maxLr above 0"],
    [{ maxLr: [1, 2], totalSteps: 5 }, "one for each group, got [1, 2]"],
    [{ maxLr: 1, totalSteps: 0 }, "totalSteps"],
    [{ maxLr: 1, totalSteps: 5, pctStart: 2 }, "pctStart from 0 to 1, got 2"],
    [{ maxLr: 1, totalSteps: 5, maxMomentum: 1 }, "maxMomentum from 0 to below 1"],
    [{ maxLr: 1, totalSteps: 5, annealStrategy: "poly" }, "annealStrategy"],
    [{ maxLr: 1, totalSteps: 5 }, "an optimizer with momentum or betas, or cycleMomentum: false"],
  ])("refuses %j", (options, message) => {
    expect(() => new OneCycleLR({ groups: [{ lr: 1 }] }, options as OneCycleLROptions)).toThrow(
      message,
    );
  });
});

describe("LambdaLR", () => {
  it("refuses what is no function, and factors that are no shares", () => {
    const optimizer = { groups: [{ lr: 1 }, { lr: 2 }] };
    expect(() => new LambdaLR(optimizer, { lrLambda: 0.5 as never })).toThrow(
      "LambdaLR: expected lrLambda to be a function, or 2 of them, one for each group, got 0.5.",
    );
    expect(() => new LambdaLR(optimizer, { lrLambda: [() => 1] })).toThrow("or 2 of them");
    const schedule = new LambdaLR(optimizer, { lrLambda: (steps) => (steps < 2 ? 1 : NaN) });
    schedule.step();
    expect(() => schedule.step()).toThrow(
      "a factor of at least 0 from lrLambda, got NaN after 2 steps",
    );
  });
});

describe("SequentialLR", () => {
  it("refuses schedules that are made already, and milestones that do not fit", () => {
    const optimizer = { groups: [{ lr: 1 }] };
    const make = (o: Scheduled) => new ExponentialLR(o, { gamma: 0.5 });
    const of = (schedules: unknown, milestones: number[]) => () =>
      new SequentialLR(optimizer, { schedules, milestones } as SequentialLROptions);
    expect(of([make(optimizer)], [])).toThrow("functions that make one each");
    expect(of([make, make], [])).toThrow("1 rising milestones for 2 schedules, got []");
    expect(of([make, make, make], [3, 3])).toThrow("2 rising milestones");
  });

  it("leaves all as it was where a state does not fit", () => {
    const optimizer = { groups: [{ lr: 1 }] };
    const make = (o: Scheduled) => new ExponentialLR(o, { gamma: 0.5 });
    const schedule = new SequentialLR(optimizer, { schedules: [make, make], milestones: [2] });
    schedule.step();
    const state = schedule.stateDict();
    const broken = { ...state, schedules: [state.schedules[0], { steps: -1 }] };
    expect(() => schedule.loadStateDict(broken)).toThrow(StateDictError);
    expect(schedule.stateDict()).toEqual(state);
    expect(optimizer.groups[0]!.lr).toBe(0.5);
  });
});
