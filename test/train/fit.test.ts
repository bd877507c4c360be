import { describe, expect, test } from "vitest";
import { shuffle } from "../../src/data/shuffle.js";
import { streamBatches } from "../../src/data/stream-batches.js";
import {
  Adam,
  Dropout,
  Linear,
  LSTM,
  manualSeed,
  Module,
  mseLoss,
  NumericError,
  OptionError,
  sqrt,
  StateDictError,
  tensor,
  type Tensor,
} from "../../src/index.js";
import { CosineAnnealingLR, ReduceLROnPlateau, WarmupLR } from "../../src/optim/index.js";
import { saveSafetensors } from "../../src/io/safetensors.js";
import { EarlyStopping } from "../../src/train/early-stopping.js";
import { fit, type FitOptions } from "../../src/train/fit.js";
import { testRandom } from "../helpers/random.js";

interface Example {
  readonly x: Float32Array;
  readonly y: number;
}

const random = testRandom(5);
const EXAMPLES: Example[] = Array.from({ length: 7 }, () => {
  const x = random.uniforms(3 * 4 * 2);
  return { x, y: x[0]! - 2 * x[5]! };
});

const NO_STATE = { stateDict: () => null, loadStateDict() {} };

/** A model with every kind of state: dropout draws, batches are shuffled, a state is carried. */
class Recurrence extends Module {
  readonly lstm = new LSTM(2, 5);
  readonly dropout = new Dropout(0.3);
  readonly head = new Linear(5, 1);
}

function build(seed = 1) {
  manualSeed(seed);
  const model = new Recurrence();
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const cosine = new CosineAnnealingLR(optimizer, { tMax: 17, etaMin: 0.002 });
  const schedule = new WarmupLR(optimizer, { steps: 4, after: cosine });
  const carry = model.lstm.carry(3);
  const seen: number[] = [];
  const options = {
    model,
    optimizer,
    schedule,
    maxNorm: 1,
    batches: () => shuffle(EXAMPLES),
    epochs: 3,
    step({ x, y }: Example): Tensor {
      seen.push(y);
      const input = tensor(x, { shape: [3, 4, 2] });
      const { output, state } = model.lstm.forward(input, { state: carry });
      carry.set(state);
      const prediction = model.head.forward(model.dropout.forward(output));
      return mseLoss(prediction, tensor(new Float32Array(12).fill(y), { shape: [3, 4, 1] }));
    },
  } satisfies FitOptions<Example>;
  return { options, model, carried: { h: carry.h, c: carry.c }, seen };
}

function bits(model: Module): string {
  return Buffer.from(saveSafetensors(model.stateDict())).toString("base64");
}

describe("a run", () => {
  test("reports every step and epoch", async () => {
    const { options } = build();
    const losses: number[] = [];
    const epochs: [number, number][] = [];
    const means: number[] = [];
    const result = await fit({
      ...options,
      onStep: ({ step, loss, gradNorm }) => {
        expect(step).toBe(losses.push(loss));
        expect(gradNorm).toBeGreaterThan(0);
      },
      onEpoch: ({ epoch, step, meanLoss }) => {
        epochs.push([epoch, step]);
        means.push(meanLoss);
      },
    });
    expect(result).toEqual({ steps: 21, epochs: 3 });
    expect(epochs).toEqual([
      [0, 7],
      [1, 14],
      [2, 21],
    ]);
    const mean = (of: number[]) => of.reduce((sum, loss) => sum + loss, 0) / of.length;
    expect(means).toEqual([0, 7, 14].map((start) => mean(losses.slice(start, start + 7))));
    // The schedule is at its end: a tenth.
    expect(options.optimizer.groups[0]!.lr).toBeCloseTo(0.002, 12);
  });

  test("ends after so many steps, in the middle of an epoch or at its end", async () => {
    expect(await fit({ ...build().options, epochs: undefined, steps: 10 })).toEqual({
      steps: 10,
      epochs: 1,
    });
    expect(await fit({ ...build().options, epochs: undefined, steps: 14 })).toEqual({
      steps: 14,
      epochs: 2,
    });
  });

  test("ends where onEpoch says so", async () => {
    const stopping = new EarlyStopping({ patience: 1 });
    const scores = [3, 2, 2.5, 1];
    const result = await fit({
      ...build().options,
      epochs: 9,
      onEpoch: ({ epoch }) => (stopping.update(scores[epoch]!) ? "stop" : undefined),
    });
    expect(result).toEqual({ steps: 21, epochs: 3 });
  });

  test("is in training mode at each epoch, though onEpoch evaluates", async () => {
    const { options, model } = build();
    const modes: boolean[] = [];
    await fit({
      ...options,
      onStep: () => modes.push(model.dropout.training),
      onEpoch: () => void model.eval(),
    });
    expect(modes).toEqual(new Array(21).fill(true));
  });

  test("lets timers run", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    // As long as it takes, since turns are given by the clock and machines differ. A channel that is kept would starve
    // the timers: a thousand messages of it are handled in a row, twelve seconds for a tick.
    const { epochs } = await fit({
      ...build().options,
      epochs: 2000,
      schedule: undefined,
      onEpoch: () => (ticks > 5 ? "stop" : undefined),
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
    expect(epochs).toBeLessThan(2000);
  });

  test("refuses options that make no sense, and a source that is used up", async () => {
    const { options } = build();
    const refused = (wrong: object) =>
      expect(fit({ ...options, ...wrong })).rejects.toThrow(OptionError);
    await refused({ epochs: undefined });
    await refused({ epochs: 0 });
    await refused({ epochs: undefined, steps: 1.5 });
    await refused({ scheduleEvery: "batch" });
    await refused({ scheduleEvery: "epoch", schedule: undefined });
    await refused({ checkpoint: { every: 0, save() {} } });
    await refused({ batches: [] });
    const once = EXAMPLES[Symbol.iterator]();
    await expect(fit({ ...options, batches: once, epochs: 2 })).rejects.toThrow("none in epoch 1");
  });
});

describe("a schedule", () => {
  /** Rates are reduced by half after each epoch that is no better than the best. */
  function plateau(seed = 1) {
    const { options, ...rest } = build(seed);
    options.optimizer.groups[0]!.lr = 0.02;
    const schedule = new ReduceLROnPlateau(options.optimizer, { patience: 0, factor: 0.5 });
    return { options: { ...options, schedule, scheduleEvery: "epoch" as const }, ...rest };
  }
  const SCORES = [3, 4, 2, 2];

  test("steps after each step of the optimizer, with its loss", async () => {
    const metrics: (number | undefined)[] = [];
    const losses: number[] = [];
    const schedule = { step: (metric?: number) => void metrics.push(metric), ...NO_STATE };
    await fit({ ...build().options, schedule, onStep: ({ loss }) => void losses.push(loss) });
    expect(metrics).toEqual(losses);
    expect(losses).toHaveLength(21);
  });

  test("steps after each epoch, with the score of onEpoch or the mean loss", async () => {
    const metrics: (number | undefined)[] = [];
    const means: number[] = [];
    const schedule = { step: (metric?: number) => void metrics.push(metric), ...NO_STATE };
    await fit({
      ...build().options,
      schedule,
      scheduleEvery: "epoch",
      onEpoch: async ({ epoch, meanLoss }) => {
        means.push(meanLoss);
        return epoch === 1 ? 0 : undefined;
      },
    });
    expect(metrics).toEqual([means[0], 0, means[2]]);
  });

  test("of epochs goes on from a checkpoint within one, to the same bits", async () => {
    const whole = plateau();
    const rates: number[] = [];
    const saved: Uint8Array[] = [];
    await fit({
      ...whole.options,
      epochs: 4,
      onEpoch: ({ epoch }) => SCORES[epoch],
      onStep: () => void rates.push(whole.options.optimizer.groups[0]!.lr),
      checkpoint: { every: 1, save: (bytes) => void saved.push(bytes), tensors: whole.carried },
    });
    expect(rates.filter((_, step) => step % 7 === 0)).toEqual([0.02, 0.02, 0.01, 0.01]);
    expect(whole.options.optimizer.groups[0]!.lr).toBe(0.005);
    for (const at of [4, 6, 7, 13, 20]) {
      const rest = plateau(9);
      await fit({
        ...rest.options,
        epochs: 4,
        onEpoch: ({ epoch }) => SCORES[epoch],
        checkpoint: { save() {}, resume: saved[at], tensors: rest.carried },
      });
      expect(bits(rest.model)).toBe(bits(whole.model));
      expect(rest.options.optimizer.groups[0]!.lr).toBe(0.005);
    }
  });
});

describe("a checkpoint", () => {
  test("after any step goes on to the bits of the uninterrupted run", async () => {
    const whole = build();
    const saved: Uint8Array[] = [];
    await fit({
      ...whole.options,
      checkpoint: { every: 1, save: (bytes) => void saved.push(bytes), tensors: whole.carried },
    });
    expect(saved).toHaveLength(21);
    for (const at of [0, 3, 6, 7, 13, 20]) {
      const rest = build(99);
      const losses: number[] = [];
      await fit({
        ...rest.options,
        onEpoch: ({ meanLoss }) => void losses.push(meanLoss),
        checkpoint: { save() {}, resume: saved[at], tensors: rest.carried },
      });
      expect(bits(rest.model)).toBe(bits(whole.model));
      expect(rest.seen).toEqual(whole.seen.slice(at + 1));
    }
  });

  test("is saved after each epoch by default, and an epoch's mean loss is whole after a resume", async () => {
    const means: number[][] = [];
    const saved: [number, Uint8Array][] = [];
    const whole = build();
    await fit({
      ...whole.options,
      onEpoch: ({ epoch, meanLoss }) => void means.push([epoch, meanLoss]),
      checkpoint: {
        save: (bytes, step) => void saved.push([step, bytes]),
        tensors: whole.carried,
      },
    });
    expect(saved.map(([step]) => step)).toEqual([7, 14, 21]);

    const middle: Uint8Array[] = [];
    const halted = build();
    await fit({
      ...halted.options,
      epochs: undefined,
      steps: 10,
      checkpoint: { every: 5, save: (bytes) => void middle.push(bytes), tensors: halted.carried },
    });
    const resumed = build(50);
    const later: number[][] = [];
    await fit({
      ...resumed.options,
      onEpoch: ({ epoch, meanLoss }) => void later.push([epoch, meanLoss]),
      checkpoint: { save() {}, resume: middle[1], tensors: resumed.carried },
    });
    expect(later).toEqual(means.slice(1));
  });

  test("is saved when the signal aborts, whose reason is thrown", async () => {
    const whole = build();
    await fit(whole.options);

    const controller = new AbortController();
    const reason = new Error("enough");
    const saved: [number, Uint8Array][] = [];
    const { options, carried } = build();
    const run = fit({
      ...options,
      signal: controller.signal,
      onStep: ({ step }) => step === 9 && controller.abort(reason),
      checkpoint: {
        every: 4,
        save: (bytes, step) => void saved.push([step, bytes]),
        tensors: carried,
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(saved.map(([step]) => step)).toEqual([4, 8, 9]);

    const rest = build(3);
    await fit({
      ...rest.options,
      checkpoint: { save() {}, resume: saved[2]![1], tensors: rest.carried },
    });
    expect(bits(rest.model)).toBe(bits(whole.model));
  });

  test("is saved even if the run had not begun", async () => {
    const saved: number[] = [];
    const run = fit({
      ...build().options,
      signal: AbortSignal.abort(),
      checkpoint: { save: (_, step) => void saved.push(step) },
    });
    await expect(run).rejects.toThrow("aborted");
    expect(saved).toEqual([0]);
  });

  test("keeps early stopping", async () => {
    const saved: Uint8Array[] = [];
    const first = new EarlyStopping({ patience: 2 });
    const whole = build();
    await fit({
      ...whole.options,
      onEpoch: () => void first.update(1),
      checkpoint: {
        save: (bytes) => void saved.push(bytes),
        tensors: whole.carried,
        parts: { stopping: first },
      },
    });
    const second = new EarlyStopping({ patience: 2 });
    const rest = build();
    const { epochs } = await fit({
      ...rest.options,
      epochs: 9,
      onEpoch: () => (second.update(1) ? "stop" : undefined),
      checkpoint: {
        save() {},
        resume: saved[1],
        tensors: rest.carried,
        parts: { stopping: second },
      },
    });
    expect(epochs).toBe(3);
  });

  test("of another run is refused", async () => {
    const saved: Uint8Array[] = [];
    const whole = build();
    await fit({
      ...whole.options,
      checkpoint: { save: (bytes) => void saved.push(bytes), tensors: whole.carried },
    });
    const other = build();
    await expect(
      fit({ ...other.options, checkpoint: { save() {}, resume: saved[0] } }),
    ).rejects.toThrow(StateDictError);
  });
});

describe("batches that stream", () => {
  /** The examples one by one: as many to a buffer. */
  const streamed = (bufferSize: number) => ({
    batches: streamBatches(
      async function* () {
        for (const example of EXAMPLES) yield await Promise.resolve(example);
      },
      { batchSize: 1, shuffle: true, bufferSize },
    ),
  });
  /** A step takes the only example of its batch. */
  function buildStreamed(bufferSize: number, seed?: number) {
    const { options, ...rest } = build(seed);
    const step = ([example]: Example[]) => options.step(example!);
    return { options: { ...options, ...streamed(bufferSize), step }, ...rest };
  }

  test("give the bits of those at hand, where they fit the buffer", async () => {
    const held = build();
    await fit(held.options);
    const whole = buildStreamed(7);
    await fit(whole.options);
    expect(whole.seen).toEqual(held.seen);
    expect(bits(whole.model)).toBe(bits(held.model));
  });

  test("go on from a checkpoint after any step, to the bits of the uninterrupted run", async () => {
    const whole = buildStreamed(3);
    const saved: Uint8Array[] = [];
    await fit({
      ...whole.options,
      checkpoint: { every: 1, save: (bytes) => void saved.push(bytes), tensors: whole.carried },
    });
    expect(saved).toHaveLength(21);
    // In the first buffer, at its end, in the others, at the end of an epoch and of all.
    for (const at of [0, 2, 3, 4, 6, 7, 10, 12, 20]) {
      const rest = buildStreamed(3, 99);
      await fit({
        ...rest.options,
        checkpoint: { save() {}, resume: saved[at], tensors: rest.carried },
      });
      expect(rest.seen).toEqual(whole.seen.slice(at + 1));
      expect(bits(rest.model)).toBe(bits(whole.model));
    }
  });

  test("are closed where the run ends within them, and must not be used up", async () => {
    let [opened, closed] = [0, 0];
    async function* source() {
      opened++;
      try {
        for (const example of EXAMPLES) yield await Promise.resolve(example);
      } finally {
        closed++;
      }
    }
    const run = { ...build().options, batches: source, epochs: undefined };
    expect(await fit({ ...run, steps: 10 })).toEqual({ steps: 10, epochs: 1 });
    expect([opened, closed]).toEqual([2, 2]);
    const once = source();
    await expect(fit({ ...run, batches: once, steps: 10 })).rejects.toThrow("none in epoch 1");
  });
});

describe("numbers that are not finite", () => {
  test("end the run at the step's name, before the parameters are touched", async () => {
    const { options, model, carried } = build();
    const saved: number[] = [];
    let before = "";
    const run = fit({
      ...options,
      step(example) {
        const loss = options.step(example);
        if (saved.length < 11) return loss;
        before = bits(model);
        return loss.mul(Infinity);
      },
      checkpoint: { every: 1, save: (_, step) => void saved.push(step), tensors: carried },
    });
    await expect(run).rejects.toThrow(NumericError);
    await expect(run).rejects.toThrow("step 12 (epoch 1, batch 4)");
    expect(saved.at(-1)).toBe(11);
    expect(bits(model)).toBe(before);
  });

  test("in a gradient end the run, which names the parameter, before any is touched", async () => {
    const { options, model } = build();
    const before = bits(model);
    const run = fit({
      ...options,
      maxNorm: undefined,
      step(example) {
        const { weight } = model.head;
        // The derivative of a root at 0 is infinite, though the loss is not.
        return options.step(example).add(sqrt(weight.mul(0)).sum());
      },
    });
    await expect(run).rejects.toThrow(NumericError);
    await expect(run).rejects.toThrow(
      "step 1 (epoch 0, batch 0, gradient of head.weight): NaN in that of parameter 4 [1, 5] of group 0",
    );
    expect(bits(model)).toBe(before);
  });

  test("in the parameters are never saved", async () => {
    const { options, model, carried } = build();
    const saved: number[] = [];
    const run = fit({
      ...options,
      onStep: ({ step }) => {
        if (step === 6) model.head.bias!.set([NaN]);
      },
      checkpoint: { every: 2, save: (_, step) => void saved.push(step), tensors: carried },
    });
    await expect(run).rejects.toThrow("NaN or Infinity in head.bias after step 6");
    expect(saved).toEqual([2, 4]);
  });
});
