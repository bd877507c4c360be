import { describe, expect, test } from "vitest";
import {
  Dropout,
  Linear,
  manualSeed,
  memoryUsage,
  Module,
  mseLoss,
  NumericError,
  scope,
  SGD,
  tensor,
} from "../../src/index.js";
import { saveSafetensors } from "../../src/io/index.js";
import { batches } from "../../src/data/index.js";
import { fitModel as train, type TrainingTask } from "../../src/models/kit/fit-model.js";
import {
  FIT_OPTIONS,
  fitSettings,
  type EvaluationReport,
  type FitOptions,
} from "../../src/models/kit/fit-options.js";
import { inEvaluation } from "../../src/nn/in-evaluation.js";
import { LOSS, SHARE } from "../../src/metrics/metric.js";
import type { OptionTable } from "../../src/core/options.js";
import { testRandom } from "../helpers/random.js";

type Example = { readonly x: Float32Array; readonly y: number };
type Fitness = { readonly loss: number; readonly nearness: number };

const random = testRandom(8);
const examples = Array.from({ length: 10 }, () => {
  const x = random.uniforms(3);
  return { x, y: x[0]! - 2 * x[2]! };
});

/** A training of the examples, as ready models do it. */
async function fitModel(task: Task, options: FitOptions<Fitness> = {}) {
  const table = FIT_OPTIONS as OptionTable<FitOptions<Fitness>>;
  const validated = task.validate !== undefined;
  const settings = fitSettings(task.op, options, { table, validated });
  const { batchSize } = settings;
  const bucketBy = ({ y }: Example) => Math.round(y);
  const source = batches(examples, { batchSize, shuffle: true, bucketBy });
  const whole = { ...task, batches: source, stepsPerEpoch: source.length, length: 30 };
  return train<Example[], Fitness>(whole, settings);
}

type Task = Omit<TrainingTask<Example[], Fitness>, "batches" | "stepsPerEpoch" | "length">;

class Regression extends Module {
  readonly dropout = new Dropout(0.2);
  readonly linear = new Linear(3, 1);
}

function buildRegression(seed = 3) {
  manualSeed(seed);
  const model = new Regression();
  const lossOf = (batch: readonly Example[]) => {
    const x = tensor(Float32Array.from(batch.flatMap((each) => [...each.x])), {
      shape: [batch.length, 3],
    });
    const y = tensor(
      Float32Array.from(batch, (each) => each.y),
      { shape: [batch.length, 1] },
    );
    return mseLoss(model.linear.forward(model.dropout.forward(x)), y);
  };
  const task: Task = {
    op: "Regression.fit",
    model,
    examples: examples.length,
    loss: lossOf,
    validate: () => {
      const loss = inEvaluation(model, () => scope(() => lossOf(examples).item()));
      return { loss, nearness: 1 / (1 + loss) };
    },
    metrics: { nearness: SHARE, loss: LOSS },
  };
  return { model, task };
}

const build = buildRegression;

const OPTIONS: FitOptions<Fitness> = {
  epochs: 6,
  batchSize: 4,
  learningRate: 0.05,
  schedule: "cosine",
  warmup: 0.2,
};

const bits = (model: Module) => Buffer.from(saveSafetensors(model.stateDict())).toString("base64");

/** A task whose scores are given: what the loss says does not matter. */
function scored(scores: number[]) {
  const { model, task } = build();
  const weights: string[] = [];
  const validate = () => {
    weights.push(bits(model));
    return { loss: 1, nearness: scores[weights.length - 1]! };
  };
  return { model, task: { ...task, validate }, weights };
}

describe("the weights in the end", () => {
  test("are those of the best score, the last of them; and the report says which", async () => {
    const { model, task, weights } = scored([0.2, 0.7, 0.5, 0.7, 0.1, 0.6]);
    const seen: EvaluationReport<Fitness>[] = [];
    const { steps, evaluations, best } = await fitModel(task, {
      ...OPTIONS,
      onEvaluation: (report) => seen.push(report),
    });
    expect(new Set(weights).size).toBe(6);
    expect(bits(model)).toBe(weights[3]);
    expect(model.training).toBe(false);
    expect(steps).toBe(18);
    expect(seen).toEqual(evaluations);
    expect(best).toBe(evaluations[3]);
    expect(
      evaluations.map(({ epoch, step, improved, validation }) => [
        epoch,
        step,
        improved,
        validation!.nearness,
      ]),
    ).toEqual([
      [0, 3, true, 0.2],
      [1, 6, true, 0.7],
      [2, 9, false, 0.5],
      [3, 12, true, 0.7],
      [4, 15, false, 0.1],
      [5, 18, false, 0.6],
    ]);
  });

  test("are those of the lowest loss where the loss decides", async () => {
    const { model, task } = build();
    const losses = [0.4, 0.6, 0.3, 0.5];
    const weights: string[] = [];
    const validate = () => {
      weights.push(bits(model));
      return { loss: losses[weights.length - 1]!, nearness: 0 };
    };
    await fitModel({ ...task, validate }, { ...OPTIONS, epochs: 4, metric: "loss" });
    expect(bits(model)).toBe(weights[2]);
  });

  test("are the last without validation data", async () => {
    const { model, task } = build();
    const { best, evaluations } = await fitModel({ ...task, validate: undefined }, OPTIONS);
    expect(best).toBe(evaluations[5]);
    expect(best.validation).toBeNull();
    const other = build();
    await fitModel(
      {
        ...other.task,
        validate: () => ({ loss: 0, nearness: examples.length + count++ }),
      },
      OPTIONS,
    );
    expect(bits(other.model)).toBe(bits(model));
  });
  let count = 0;

  test("are averages where these are asked for; the training itself does not change", async () => {
    const plain = build();
    const own: number[] = [];
    await fitModel(plain.task, { ...OPTIONS, onStep: ({ loss }) => own.push(loss) });
    const { model, task } = build();
    const mean = new Float64Array(3);
    const losses: number[] = [];
    await fitModel(
      { ...task, validate: undefined },
      {
        ...OPTIONS,
        // Of all weights so far, once there are 18: the plain mean.
        averageEpochs: 6,
        onStep: ({ loss }) => {
          losses.push(loss);
          model.linear.weight.data().forEach((weight, i) => (mean[i]! += weight / 18));
        },
      },
    );
    expect(losses).toEqual(own);
    model.linear.weight.data().forEach((weight, i) => expect(weight).toBeCloseTo(mean[i]!, 5));
    expect(bits(model)).not.toBe(bits(plain.model));
  });

  test("are none where both ways of averaging say 0, and what the other says where one does", async () => {
    const after = async (options: FitOptions<Fitness>) => {
      const { model, task } = build();
      await fitModel({ ...task, validate: undefined }, { ...OPTIONS, ...options });
      return bits(model);
    };
    const plain = await after({});
    expect(await after({ averageEpochs: 0, averageShare: 0 })).toBe(plain);
    const averaged = await after({ averageEpochs: 2 });
    expect(averaged).not.toBe(plain);
    expect(await after({ averageEpochs: 2, averageShare: 0 })).toBe(averaged);
  });

  test("are averages over a share of the steps so far, wherever the run ends", async () => {
    const { model, task } = build();
    const mean = new Float64Array(3);
    let seen = 0;
    await fitModel(
      { ...task, validate: undefined },
      {
        ...OPTIONS,
        averageShare: 0.25,
        onStep: ({ step }) => {
          // A step's share of the mean is 1 / (0.25 step): less and less.
          const share = Math.min(1, 4 / step);
          seen = step;
          model.linear.weight
            .data()
            .forEach((weight, i) => (mean[i]! += share * (weight - mean[i]!)));
        },
      },
    );
    expect(seen).toBe(18);
    model.linear.weight.data().forEach((weight, i) => expect(weight).toBeCloseTo(mean[i]!, 5));
  });
});

describe("patienceShare", () => {
  const run = async (scores: number[], options: FitOptions<Fitness>) => {
    const { task } = scored(scores);
    const { evaluations } = await fitModel(task, {
      ...OPTIONS,
      epochs: scores.length,
      ...options,
    });
    return evaluations.length;
  };

  test("ends a run whose best score is older than that share of its steps", async () => {
    // The best is of epoch 4; 2 of 6 epochs later it is old enough, 1 of 5 is too few.
    const scores = [0.1, 0.2, 0.3, 0.9, 0.4, 0.5, 0.6, 0.7, 0.8, 0.8];
    expect(await run(scores, { patienceShare: 0.25 })).toBe(6);
    expect(await run(scores, { patienceShare: 0.6 })).toBe(10);
  });

  test("not in the first 30 % of the steps", async () => {
    const scores = [0.9, ...new Array<number>(19).fill(0.1)];
    expect(await run(scores, { patienceShare: 0.25 })).toBe(6);
    expect(await run(scores.slice(0, 10), { patienceShare: 0.25 })).toBe(3);
  });

  test("not while the score is 0", async () => {
    const scores = [0, 0, 0, 0, 0, 0, 0, 0.1, 0.05, 0.05, 0.05, 0.05];
    expect(await run(scores, { patienceShare: 0.2 })).toBe(10);
  });

  test("with patience: where both say so", async () => {
    const scores = [0.1, 0.2, 0.3, 0.9, 0.4, 0.5, 0.6, 0.7, 0.8, 0.8];
    expect(await run(scores, { patienceShare: 0.25, patience: 4 })).toBe(8);
    expect(await run(scores, { patienceShare: 0.5, patience: 1 })).toBe(8);
  });
});

test("ends after so many epochs without a better score", async () => {
  const { model, task, weights } = scored([0.5, 0.4, 0.6, 0.1, 0.6, 0.9]);
  const { evaluations } = await fitModel(task, { ...OPTIONS, patience: 2 });
  // The last is as good as the best: it is kept, and is none the better.
  expect(evaluations).toHaveLength(5);
  expect(bits(model)).toBe(weights[4]);
});

describe("a checkpoint", () => {
  const whole: FitOptions<Fitness> = { ...OPTIONS, averageEpochs: 2, patience: 4 };

  test.each<[string, FitOptions<Fitness>]>([
    ["epochs", whole],
    ["shares", { ...OPTIONS, epochs: 12, averageShare: 0.2, patienceShare: 0.6 }],
  ])(
    "resumes to the same bits and the same report, wherever it was cut off: %s",
    async (_, whole) => {
      // Scores that follow from the weights, and go up and down.
      const build = (seed?: number) => {
        const { model, task } = buildRegression(seed);
        const validate = () => ({
          loss: 1,
          nearness: (Math.abs(model.linear.bias!.item()) * 777) % 1,
        });
        return { model, task: { ...task, validate } };
      };
      const saved: Uint8Array[] = [];
      const first = build();
      const save = (bytes: Uint8Array) => void saved.push(bytes);
      const expected = await fitModel(first.task, { ...whole, checkpoint: { every: 2, save } });
      expect(saved.length).toBeGreaterThan(5);
      const improved = expected.evaluations.map(({ improved }) => improved);
      expect(improved.indexOf(false)).toBeLessThan(improved.lastIndexOf(true));
      expect(improved.at(-1)).toBe(false);
      for (const resume of saved) {
        const { model, task } = build(99);
        const result = await fitModel(task, { ...whole, checkpoint: { save: () => {}, resume } });
        expect(bits(model)).toBe(bits(first.model));
        expect(result).toEqual(expected);
      }
    },
  );

  test("is saved when the signal ends the run, which goes on from it", async () => {
    const first = build();
    const expected = await fitModel(first.task, whole);
    const stop = new AbortController();
    let resume: Uint8Array | undefined;
    const cut = fitModel(build().task, {
      ...whole,
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === 7) stop.abort(new Error("enough"));
      },
      checkpoint: { save: (bytes) => void (resume = bytes) },
    });
    await expect(cut).rejects.toThrow("enough");
    const { model, task } = build();
    const result = await fitModel(task, { ...whole, checkpoint: { save: () => {}, resume } });
    expect(bits(model)).toBe(bits(first.model));
    expect(result).toEqual(expected);
  });
});

test("takes another optimizer", async () => {
  const { model, task } = build();
  const before = bits(model);
  await fitModel(task, {
    epochs: 1,
    optimizer: (parameters) => new SGD(parameters, { lr: 0.1 }),
    schedule: "constant",
  });
  expect(bits(model)).not.toBe(before);
});

test.each<[string, FitOptions<Fitness>, Partial<Task>]>([
  ["epochs", { epochs: 0 }, {}],
  ["batchSize", { batchSize: 1.5 }, {}],
  [
    'schedule to be one of constant, linear, cosine, got "stairs"',
    { schedule: "stairs" as never },
    {},
  ],
  ["warmup to be a number of at least 0 and below 1, got 1", { warmup: 1 }, {}],
  ["maxNorm to be a number above 0", { maxNorm: 0 }, {}],
  ["averageEpochs to be a number of at least 0, got -1", { averageEpochs: -1 }, {}],
  ["averageEpochs or averageShare, got both", { averageEpochs: 1, averageShare: 0.1 }, {}],
  ["patienceShare to be a number above 0 and below 1, got 1", { patienceShare: 1 }, {}],
  ["validation data for patienceShare", { patienceShare: 0.2 }, { validate: undefined }],
  ['metric to be one of nearness, loss, got "f1"', { metric: "f1" as never }, {}],
  ["validation data for patience", { patience: 2 }, { validate: undefined }],
  ["patience", { patience: 0 }, {}],
  [
    "an optimizer that has its own",
    { learningRate: 1, optimizer: (parameters) => new SGD(parameters, { lr: 1 }) },
    {},
  ],
])("refuses what cannot be: %s", async (message, options, other) => {
  await expect(fitModel({ ...build().task, ...other }, options)).rejects.toThrow(message);
});

test("leaves neither an optimizer nor gradients behind", async () => {
  const { model, task } = build();
  let optimizer: SGD | undefined;
  await fitModel(task, {
    ...{ epochs: 1, schedule: "constant" },
    optimizer: (parameters) => (optimizer = new SGD(parameters, { lr: 0.1 })),
  });
  expect(() => optimizer!.step()).toThrow("disposed");
  expect(model.parameters().every(({ grad }) => grad === undefined)).toBe(true);
  const before = memoryUsage();
  for (let i = 0; i < 4; i++) await fitModel(task, OPTIONS);
  // Garbage of other tests may go meanwhile.
  expect(memoryUsage().tensors).toBeLessThanOrEqual(before.tensors);
});

describe("evaluations within epochs", () => {
  // 3 steps an epoch.
  const often: FitOptions<Fitness> = { ...OPTIONS, evaluateEvery: 2, epochs: 5, averageEpochs: 1 };

  test("come every so many steps and at the end, and resume to the same bits", async () => {
    const saved: Uint8Array[] = [];
    const first = build();
    const expected = await fitModel(first.task, {
      ...often,
      checkpoint: { every: 1, save: (bytes) => void saved.push(bytes) },
    });
    expect(expected.evaluations.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12, 14, 15]);
    for (const resume of saved) {
      const { model, task } = build(99);
      const result = await fitModel(task, { ...often, checkpoint: { save: () => {}, resume } });
      expect(result).toEqual(expected);
      expect(bits(model)).toBe(bits(first.model));
    }
  });

  test("count for patience", async () => {
    const { task } = scored([0.5, 0.4, 0.3, 0.6]);
    const { steps } = await fitModel(task, { ...often, patience: 2 });
    expect(steps).toBe(6);
  });
});

test("steps instead of epochs: the schedule ends with them, and the last weights are scored", async () => {
  const { task } = build();
  const plans: number[] = [];
  const { steps, evaluations } = await fitModel(task, {
    batchSize: 4,
    steps: 7,
    onBegin: (plan) => plans.push(plan.steps, plan.stepsPerEpoch),
  });
  expect(plans).toEqual([7, 3]);
  expect(steps).toBe(7);
  expect(evaluations.map(({ step }) => step)).toEqual([3, 6, 7]);
  await expect(fitModel(task, { steps: 7, epochs: 2 })).rejects.toThrow(
    "epochs or steps, got both",
  );
});

test("a score that is not finite ends the run with a cure", async () => {
  const { task } = scored([0.5, NaN]);
  const run = fitModel(task, OPTIONS);
  await expect(run).rejects.toThrow(NumericError);
  await expect(run).rejects.toThrow(
    "got nearness NaN after step 6, learning rate 0.05. The training diverged",
  );
});
