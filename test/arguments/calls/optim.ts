import { Linear, Parameter } from "../../../src/index.js";
import * as hs from "../../../src/optim/index.js";
import { call, made, method, type Call } from "../wrong-calls.js";
import { floats } from "../values.js";

const parameters = () => [new Parameter(floats(2))];
const adam = () => new hs.Adam(parameters());
const stepLR = () => new hs.StepLR(adam(), { stepSize: 2, gamma: 0.1 });
const plateau = () => new hs.ReduceLROnPlateau(adam());
const sequential = () =>
  new hs.SequentialLR(adam(), {
    schedules: [(o) => new hs.LinearLR(o), (o) => new hs.StepLR(o, { stepSize: 1 })],
    milestones: [2],
  });
const warmup = () => new hs.WarmupLR(adam(), { steps: 2 });

const optimizer = (Class: abstract new (...given: never[]) => unknown, options: object): Call =>
  made(Class, () => [parameters(), { lr: 0.1, weightDecay: 0.1, ...options }]);
/** Any object with groups is as good as an optimizer. */
const schedule = (Class: abstract new (...given: never[]) => unknown, options: object): Call =>
  made(Class, () => [adam(), options]);

export const OPTIM_CALLS = {
  "new Adam": optimizer(hs.Adam, { betas: [0.9, 0.99], eps: 1e-8, amsgrad: true }),
  "new AdamW": optimizer(hs.AdamW, { betas: [0.9, 0.99], eps: 1e-8, amsgrad: true }),
  "new SparseAdam": made(hs.SparseAdam, () => [
    parameters(),
    { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0 },
  ]),
  "new SGD": optimizer(hs.SGD, { momentum: 0.9, dampening: 0, nesterov: true }),
  "new Adagrad": optimizer(hs.Adagrad, { lrDecay: 0.1, initialAccumulatorValue: 1, eps: 1e-8 }),
  "new RMSprop": optimizer(hs.RMSprop, { alpha: 0.9, eps: 1e-8, momentum: 0.9, centered: true }),
  "Optimizer.step": method(adam, "step", () => []),
  "Optimizer.zeroGrad": method(adam, "zeroGrad", () => []),
  "Optimizer.stateDict": method(adam, "stateDict", () => []),
  "Optimizer.loadStateDict": method(adam, "loadStateDict", () => [adam().stateDict()], {
    named: [0],
  }),
  "Optimizer.dispose": method(adam, "dispose", () => []),
  clipGradNorm: call(hs.clipGradNorm, () => [
    new Linear(2, 2).parameters(),
    1,
    { normType: 2, errorIfNonfinite: true },
  ]),
  clipGradValue: call(hs.clipGradValue, () => [new Linear(2, 2).parameters(), 1]),
  "new StepLR": schedule(hs.StepLR, { stepSize: 2, gamma: 0.1 }),
  "new MultiStepLR": made(hs.MultiStepLR, () => [adam(), { milestones: [2, 3], gamma: 0.1 }]),
  "new ExponentialLR": schedule(hs.ExponentialLR, { gamma: 0.1 }),
  "new CosineAnnealingLR": schedule(hs.CosineAnnealingLR, { tMax: 10, etaMin: 0.1 }),
  "new LinearLR": schedule(hs.LinearLR, { startFactor: 0.5, endFactor: 1, totalIters: 5 }),
  "new LambdaLR": made(hs.LambdaLR, () => [adam(), { lrLambda: () => 0.5 }], {
    also: { "1.lrLambda": "array" },
  }),
  "new OneCycleLR": made(
    hs.OneCycleLR,
    () => [
      adam(),
      {
        ...{ maxLr: 0.1, totalSteps: 9, pctStart: 0.3, annealStrategy: "linear" },
        ...{ cycleMomentum: true, baseMomentum: 0.8, maxMomentum: 0.9 },
        ...{ divFactor: 20, finalDivFactor: 100, threePhase: true },
      },
    ],
    { also: { "1.maxLr": "array" } },
  ),
  "OneCycleLR.step": method(
    () => new hs.OneCycleLR(adam(), { maxLr: 0.1, totalSteps: 9 }),
    "step",
    () => [1],
  ),
  "new SequentialLR": made(hs.SequentialLR, () => [
    adam(),
    {
      schedules: [
        (o: hs.Scheduled) => new hs.LinearLR(o),
        (o: hs.Scheduled) => new hs.StepLR(o, { stepSize: 1 }),
      ],
      milestones: [2],
    },
  ]),
  "SequentialLR.step": method(sequential, "step", () => [1]),
  "SequentialLR.loadStateDict": method(
    sequential,
    "loadStateDict",
    () => [sequential().stateDict()],
    { named: [0] },
  ),
  "new WarmupLR": made(hs.WarmupLR, () => [adam(), { steps: 5, after: stepLR() }]),
  "new ReduceLROnPlateau": schedule(hs.ReduceLROnPlateau, {
    ...{ mode: "max", factor: 0.5, patience: 2, threshold: 0.1, thresholdMode: "abs" },
    ...{ cooldown: 1, minLr: 0.001, eps: 1e-8 },
  }),
  "LRSchedule.step": method(stepLR, "step", () => []),
  "LRSchedule.stateDict": method(stepLR, "stateDict", () => []),
  "LRSchedule.loadStateDict": method(stepLR, "loadStateDict", () => [stepLR().stateDict()], {
    named: [0],
  }),
  "ReduceLROnPlateau.step": method(plateau, "step", () => [1]),
  "ReduceLROnPlateau.stateDict": method(plateau, "stateDict", () => []),
  "ReduceLROnPlateau.loadStateDict": method(
    plateau,
    "loadStateDict",
    () => [plateau().stateDict()],
    { named: [0] },
  ),
  "WarmupLR.step": method(warmup, "step", () => [1]),
  "WarmupLR.stateDict": method(warmup, "stateDict", () => []),
  "WarmupLR.loadStateDict": method(warmup, "loadStateDict", () => [warmup().stateDict()], {
    named: [0],
  }),
};
