// How many steps fit into some minutes: measured on a trial that is thrown away, so that the run itself counts steps and
// never the clock.
import type { FitOptions, FitPlan } from "../../models/kit/fit-options.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";

/** Steps of the trial; the first few, in which the engine compiles, are not timed. */
const WARM_UP = 5;
const TIMED = 25;

interface Run {
  readonly train: unknown;
  readonly valid: unknown;
  readonly fit: FitOptions;
}

/** The steps of a run that ends within some minutes, evaluations included; never more than it would have without them. */
export async function stepsWithin(
  minutes: number,
  build: () => Promise<ReadyModel<unknown>>,
  run: Run,
): Promise<number> {
  const model = await build();
  const aStep = await secondsAStep(model, run);
  const before = performance.now();
  if (run.valid !== undefined) await model.evaluate(run.valid);
  const anEvaluation = (performance.now() - before) / 1000;

  const all = await planOf(model, run);
  const most = Math.min(all.steps, Math.max(1, Math.floor((60 * minutes) / aStep)));
  const { evaluateEvery } = await planOf(model, { ...run, fit: ofSteps(run.fit, most) });
  model.dispose();
  // Where the data decide, a shorter run is scored about as often in all.
  const within =
    run.fit.evaluateEvery === undefined
      ? (60 * minutes - Math.ceil(most / evaluateEvery) * anEvaluation) / aStep
      : (60 * minutes) / (aStep + anEvaluation / evaluateEvery);
  return Math.max(1, Math.min(most, Math.floor(within)));
}

async function secondsAStep(model: ReadyModel<unknown>, { train, fit }: Run): Promise<number> {
  let [began, ended] = [0, 0];
  await model.fit(train, {
    ...withoutValidation(ofSteps(fit, WARM_UP + TIMED)),
    onStep({ step }) {
      if (step <= WARM_UP) began = performance.now();
      ended = performance.now();
    },
  });
  return (ended - began) / 1000 / TIMED;
}

/** What a training would do; nothing is done. */
async function planOf(model: ReadyModel<unknown>, { train, valid, fit }: Run): Promise<FitPlan> {
  const stop = new AbortController();
  let plan: FitPlan | undefined;
  const begun = model.fit(train, {
    ...fit,
    validation: valid,
    signal: stop.signal,
    onBegin(begun) {
      plan = begun;
      stop.abort();
    },
  });
  await begun.catch((error: unknown) => {
    if (!plan) throw error;
  });
  return plan!;
}

function ofSteps({ epochs: _, ...options }: FitOptions, steps: number): FitOptions {
  return { ...options, steps };
}

function withoutValidation(options: FitOptions): FitOptions {
  const { metric: _, patience: __, patienceShare: ___, evaluateEvery: ____, ...rest } = options;
  return rest;
}
