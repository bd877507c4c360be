// Series to vectors and back. What works small here is measured in bench/tasks/sound.
import { beforeAll, describe, expect, it } from "vitest";
import { FormatError, manualSeed, OptionError, randn, scope } from "../../src/index.js";
import {
  readModelInfo,
  SequenceAutoencoder,
  series,
  SeriesInput,
  type AutoencoderExample,
} from "../../src/models/index.js";

/** Waves of two frequencies, of 10 to 14 steps, each with its cosine. */
const wave = (i: number, step = i % 2 === 0 ? 0.5 : 0.9) =>
  Array.from({ length: 10 + (i % 5) }, (_, t) => {
    const phase = step * t + i;
    return [3 * Math.sin(phase), 100 + Math.cos(phase)];
  });
const normal: AutoencoderExample[] = Array.from({ length: 40 }, (_, i) => ({ input: wave(i) }));
const strange = (i: number) => ({ input: wave(i, 2.4), anomaly: true });
const OPTIONS = { hiddenSize: 16, outputSize: 6 };
const FIT = { steps: 250, batchSize: 10, learningRate: 0.02, schedule: "linear" as const };

describe("a trained one", () => {
  let model: SequenceAutoencoder;
  const validation = [
    ...Array.from({ length: 10 }, (_, i) => ({ input: wave(i + 0.5) })),
    strange(1),
  ];
  beforeAll(async () => {
    manualSeed(1);
    model = SequenceAutoencoder.build(normal, OPTIONS);
    await model.fit(normal, { ...FIT, validation });
  });

  it("gives series back, in their units, from a vector of one size", () => {
    const input = wave(7.3);
    const vector = model.encode(input);
    expect(vector.length).toBe(6);
    const back = model.reconstruct(input);
    const away = input.flat().map((value, i) => Math.abs(value - back[i]!));
    expect(back.length).toBe(2 * input.length);
    // A wave of height 3, and one of height 1 around 100.
    expect(Math.max(...away.filter((_, i) => i % 2 === 0))).toBeLessThan(1.5);
    expect(Math.max(...away.filter((_, i) => i % 2 === 1))).toBeLessThan(0.5);
  });

  it("tells what is unlike the series it learnt", async () => {
    const anomalies = Array.from({ length: 10 }, (_, i) => strange(i));
    const test = [
      ...Array.from({ length: 20 }, (_, i) => ({ input: wave(i + 0.2) })),
      ...anomalies,
    ];
    const { scores, details } = await model.evaluate(test);
    expect(scores.error).toBeLessThan(0.1);
    expect(scores.auc).toBeGreaterThan(0.98);
    expect(details.decisions!.recall).toBeGreaterThan(0.8);
    expect([details.normal, details.anomalies]).toEqual([20, 10]);
    const called = test.filter(({ input }) => model.predict(input).anomaly);
    expect(called.filter((one) => !("anomaly" in one)).length).toBe(details.falseAlarms);
    model.threshold = 0;
    expect(model.predict(wave(0)).anomaly).toBe(true);
  });

  it("has the same answers for many at once as one by one", () => {
    const many = [wave(3), wave(4.2), wave(8), strange(2).input];
    expect(model.encodeBatch(many)).toEqual(many.map((one) => model.encode(one)));
    expect(model.predictBatch(many)).toEqual(many.map((one) => model.predict(one)));
    expect([...model.anomalyScores(many)]).toEqual(many.map((one) => model.anomalyScore(one)));
    const { score, stepErrors } = model.predict(many[1]!);
    expect(score).toBeCloseTo(stepErrors.reduce((a, b) => a + b) / stepErrors.length, 9);
  });

  it("reads one Float32Array as it reads steps", () => {
    const input = wave(5);
    expect(model.predict(Float32Array.from(input.flat()))).toEqual(
      model.predict(input.map((step) => Float32Array.from(step))),
    );
  });

  it("comes back from its file, with its threshold", () => {
    const bytes = model.save();
    const loaded = SequenceAutoencoder.load(bytes);
    expect(readModelInfo(bytes).kind).toBe("sequence-autoencoder");
    expect(loaded.threshold).toBe(model.threshold);
    expect(loaded.predict(wave(2))).toEqual(model.predict(wave(2)));
    expect(loaded.notes).toEqual(model.notes);
    const untrained = SequenceAutoencoder.build(normal, OPTIONS);
    expect(SequenceAutoencoder.load(untrained.save()).threshold).toBe(Infinity);
    expect(() => SequenceAutoencoder.load(bytes.slice(0, 500))).toThrow(FormatError);
  });
});

describe("the threshold", () => {
  const scored = (model: SequenceAutoencoder, examples: readonly AutoencoderExample[]) =>
    [...model.anomalyScores(examples.map(({ input }) => input))].sort((a, b) => a - b);
  const fitted = async (options: object) => {
    manualSeed(4);
    const model = SequenceAutoencoder.build(normal, OPTIONS);
    await model.fit(normal, { steps: 4, ...options });
    return model;
  };

  it("is a quantile of the errors of the normal series for validation", async () => {
    const held = Array.from({ length: 11 }, (_, i) => ({ input: wave(i + 0.5) }));
    const model = await fitted({ validation: [...held, strange(1)], quantile: 0.9 });
    expect(model.threshold).toBe(scored(model, held)[9]);
  });

  it("and without any of those that were learnt, of streams too", async () => {
    const model = await fitted({ quantile: 1 });
    expect(model.threshold).toBe(scored(model, normal).at(-1));
    manualSeed(4);
    const streamed = await SequenceAutoencoder.build(() => normal, OPTIONS);
    await streamed.fit(() => normal, { steps: 4, quantile: 1 });
    expect(streamed.threshold).toBe(model.threshold);
  });

  it("is at least 0", () => {
    const model = new SequenceAutoencoder(new SeriesInput(1), OPTIONS);
    expect(model.threshold).toBe(Infinity);
    expect(() => (model.threshold = -1)).toThrow(OptionError);
    expect(() => (model.threshold = NaN)).toThrow(OptionError);
  });
});

describe("a training", () => {
  const run = async (options: object, model: object = {}) => {
    manualSeed(3);
    const own = SequenceAutoencoder.build(normal, { ...OPTIONS, ...model });
    const { evaluations } = await own.fit(normal, { epochs: 2, batchSize: 8, ...options });
    const [loss, last] = [evaluations[0]!.trainLoss, evaluations.at(-1)!.trainLoss];
    return { vector: own.encode(wave(1)), loss, last };
  };

  it.each([
    ["GRU", { cell: "gru" }],
    ["layers, forwards only", { numLayers: 2, bidirectional: false }],
  ])("%s", async (_, model) => {
    const short = await run({ epochs: 1, learningRate: 0.02 }, model);
    const { vector, last } = await run({ epochs: 12, learningRate: 0.02 }, model);
    expect(vector.length).toBe(6);
    expect(last).toBeLessThan(0.8 * short.last);
  });

  it("adds noise to what is read, not to what is to come out", async () => {
    const plain = await run({});
    const noisy = await run({ noise: 0.5 });
    const masked = await run({ masking: 0.3 });
    expect(new Set([plain, noisy, masked].map(({ loss }) => loss)).size).toBe(3);
    expect((await run({ noise: 0.5 })).vector).toEqual(noisy.vector);
    // Nothing but noise is read; still the series come out, as far as their mean goes.
    const deaf = await run({ noise: 1e6, learningRate: 1e-6 });
    expect(deaf.loss).toBeLessThan(1.5);
  });

  it("resumes to the same bits", async () => {
    let kept: Uint8Array | undefined;
    const save = (bytes: Uint8Array, step: number) => void (step === 6 && (kept = bytes.slice()));
    const noise = 0.1;
    const whole = await run({ noise, checkpoint: { every: 1, save } });
    const resumed = await run({ noise, checkpoint: { save: () => {}, resume: kept } });
    expect(resumed.vector).toEqual(whole.vector);
  });
});

describe("what is past a series", () => {
  it("has no influence: a batch gives the bits of each alone", () => {
    manualSeed(2);
    const model = SequenceAutoencoder.build(normal, { ...OPTIONS, numLayers: 2 });
    const long = scope(() => Array.from({ length: 30 }, () => [...randn([2]).data()]));
    const [alone] = model.predictBatch([wave(0)]);
    expect(model.predictBatch([long, wave(0)])[1]).toEqual(alone);
  });
});

describe("what cannot be", () => {
  const model = SequenceAutoencoder.build(normal, OPTIONS);
  it.each<[string, () => unknown]>([
    ["an empty series", () => model.encode([])],
    ["steps of another size", () => model.predict([[1]])],
    ["numbers that are not finite", () => model.predict([[1, NaN]])],
    ["an unknown option", () => SequenceAutoencoder.build(normal, { size: 3 } as never)],
    ["no input kind", () => SequenceAutoencoder.build(normal, { input: {} as never })],
    ["no example", () => SequenceAutoencoder.build([])],
  ])("is refused: %s", (_, run) => {
    expect(run).toThrow(OptionError);
  });

  it("anomalies among what is learnt, with their place", async () => {
    await expect(model.fit([...normal, strange(3)])).rejects.toThrow(
      "expected normal series to learn from, got anomaly: true in series 40.",
    );
    await expect(model.fit([{ input: wave(1), anomaly: 1 as never }])).rejects.toThrow(
      "expected anomaly to be true or false, got 1",
    );
    await expect(model.evaluate([strange(1)])).rejects.toThrow("at least one normal series");
    await expect(model.fit(normal, { quantile: 0 })).rejects.toThrow(OptionError);
  });

  it("series() says how series are read", () => {
    const flat = [{ input: Float32Array.of(1, 2, 3, 4) }];
    const one = SequenceAutoencoder.build(flat, { input: series({ features: 2 }), ...OPTIONS });
    expect(one.reconstruct(Float32Array.of(1, 2)).length).toBe(2);
  });
});

it("series that are no examples are told how they become some", () => {
  const series = [[1], [2]] as never;
  expect(() => SequenceAutoencoder.build([series])).toThrow(/series 0.*\{ input: series \}/);
});
