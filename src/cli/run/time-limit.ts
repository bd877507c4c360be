// How many steps fit into some minutes: measured on a trial that is thrown away, so that the run itself counts steps and
// never the clock.
import type { FitOptions, FitPlan } from "../../models/kit/fit-options.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";

/** Steps of the trial; the first few, in which the engine compiles, are not timed. */
const WARM_UP = 5;
const TIMED = 25;

/** The steps of a run that ends within some minutes, evaluations included. */
export async function stepsWithin(
  minutes: number,
  build: () => Promise<ReadyModel<unknown>>,
  { train, valid, fit }: { train: unknown; valid: unknown; fit: FitOptions },
): Promise<number> {
  const model = await build();
  let plan: FitPlan | undefined;
  let [began, ended] = [0, 0];
  const { epochs, steps: asked, ...options } = fit;
  await model.fit(train, {
    ...withoutValidation(options),
    steps: WARM_UP + TIMED,
    onBegin: (begun) => (plan = begun),
    onStep({ step }) {
      if (step <= WARM_UP) began = performance.now();
      ended = performance.now();
    },
  });
  const secondsAStep = (ended - began) / 1000 / TIMED;
  const before = performance.now();
  if (valid !== undefined) await model.evaluate(valid);
  const secondsAnEvaluation = (performance.now() - before) / 1000;
  model.dispose();
  const every = fit.evaluateEvery ?? plan!.stepsPerEpoch;
  const most = asked ?? (epochs === undefined ? Infinity : epochs * plan!.stepsPerEpoch);
  const within = (60 * minutes) / (secondsAStep + secondsAnEvaluation / every);
  return Math.max(1, Math.min(most, Math.floor(within)));
}

function withoutValidation({ metric: _, patience: __, evaluateEvery: ___, ...rest }: FitOptions) {
  return rest;
}
