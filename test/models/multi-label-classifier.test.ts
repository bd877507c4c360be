import { describe, expect, test } from "vitest";
import { FormatError, manualSeed, NumericError, OptionError, tensor } from "../../src/index.js";
import { labelSetScores } from "../../src/metrics/index.js";
import { MultiLabelClassifier, type MultiLabelExample } from "../../src/models/index.js";
import { testRandom } from "../helpers/random.js";

type Topic = "music" | "sad" | "sea";
type Example = MultiLabelExample<string, Topic>;

const WORDS: Readonly<Record<Topic, readonly string[]>> = {
  music: ["song", "band", "guitar"],
  sad: ["tears", "grief", "lonely"],
  sea: ["ship", "wave", "harbour"],
};
const TOPICS = ["music", "sad", "sea"] as const;

/** A word for each topic that a text has, between others. */
function examples(count: number, seed: number): Example[] {
  const random = testRandom(seed);
  const pick = (list: readonly string[]) => list[random.integer(0, list.length - 1)]!;
  return Array.from({ length: count }, () => {
    const labels = TOPICS.filter(() => random.uniform(0, 1) < 0.4);
    const words = labels.flatMap((topic) => [pick(["the", "an", "old"]), pick(WORDS[topic])]);
    return { input: ["it", "was", ...words].join(" "), labels };
  });
}

const training = examples(120, 1);
const validation = examples(40, 2);
const FIT = { epochs: 12, batchSize: 8, learningRate: 0.01 };

function build(seed = 1): MultiLabelClassifier<Topic> {
  manualSeed(seed);
  return MultiLabelClassifier.build(training, { encoder: "mean", hiddenSize: 12 });
}

test("learns which labels hold, none among them, and comes back from its file", async () => {
  const model = build();
  const { best } = await model.fit(training, { ...FIT, validation });
  expect(best.validation!.microF1).toBeGreaterThan(0.95);
  expect((await model.evaluate(validation)).scores).toEqual(best.validation);
  expect([...model.predict("it was the song an old wave").labels].sort()).toEqual(["music", "sea"]);
  expect(model.predict("it was").labels).toEqual([]);
  const loaded = MultiLabelClassifier.load<Topic>(model.save(), { labels: TOPICS });
  expect(loaded.threshold).toBe(model.threshold);
  const inputs = validation.map(({ input }) => input);
  expect(loaded.predictBatch(inputs)).toEqual(model.predictBatch(inputs));
  expect(loaded.save()).toEqual(model.save());
});

test("its loss is the mean binary cross-entropy, its probabilities are sigmoids", async () => {
  const model = build();
  model.head.weight.set(model.head.weight.mul(0));
  model.head.bias!.set(tensor(Float32Array.of(0, 1, -2)));
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const { probabilities, labels } = model.predict("a song");
  expect(labels).toEqual(["sad", "music"]);
  expect(probabilities.sad).toBeCloseTo(sigmoid(1), 6);
  const { scores } = await model.evaluate([{ input: "a song", labels: ["music", "sea"] }]);
  const losses = [-Math.log(0.5), -Math.log(1 - sigmoid(1)), -Math.log(sigmoid(-2))];
  expect(scores.loss).toBeCloseTo(losses.reduce((a, b) => a + b) / 3, 6);
});

describe("its threshold", () => {
  test("is the one of 99 with the best F1 on the validation data", async () => {
    const model = build();
    await model.fit(training, { ...FIT, epochs: 2, validation });
    const found = model.predictBatch(validation.map(({ input }) => input));
    const wanted = validation.map(({ labels }) => labels);
    const f1At = (threshold: number) => {
      const given = found.map(({ probabilities }) =>
        TOPICS.filter((topic) => probabilities[topic] >= threshold),
      );
      return labelSetScores(given, wanted).microF1;
    };
    const all = Array.from({ length: 99 }, (_, i) => f1At((i + 1) / 100));
    expect(new Set(all).size).toBeGreaterThan(5);
    expect(f1At(model.threshold)).toBe(Math.max(...all));
    const { scores, details } = await model.evaluate(validation);
    const counted = labelSetScores(
      found.map(({ labels }) => labels),
      wanted,
    );
    expect(scores).toMatchObject({
      microF1: counted.microF1,
      macroF1: counted.macroF1,
      sampleAccuracy: counted.sampleAccuracy,
    });
    expect(details.byLabel.sea).toEqual(counted.byLabel.sea);
  });

  test("is 0.5 without validation data, and can be set", async () => {
    const model = build();
    await model.fit(training, { ...FIT, epochs: 1 });
    expect(model.threshold).toBe(0.5);
    model.threshold = 0.01;
    expect(model.predict("it was").labels).toHaveLength(3);
    for (const wrong of [0, 1, NaN]) expect(() => (model.threshold = wrong)).toThrow(OptionError);
  });
});

test("a label that was never learnt counts as missed, in every score", async () => {
  const model = build();
  await model.fit(training, { ...FIT, validation });
  const { scores, details } = await model.evaluate([
    { input: "the song", labels: ["music"] },
    { input: "the song", labels: ["music", "jazz" as Topic] },
  ]);
  expect(scores.sampleAccuracy).toBe(0.5);
  expect(scores.microF1).toBeCloseTo(4 / 5, 10);
  expect(details.byLabel).toMatchObject({ jazz: { recall: 0, support: 1 } });
});

test("resumes to the same bits and the same threshold", async () => {
  const whole = build();
  const saved: Uint8Array[] = [];
  const options = { ...FIT, epochs: 3, validation, sampling: "balanced" as const };
  await whole.fit(training, {
    ...options,
    checkpoint: { every: 10, save: (bytes) => void saved.push(bytes) },
  });
  for (const resume of [saved[0]!, saved[2]!]) {
    const model = build(7);
    await model.fit(training, { ...options, checkpoint: { save() {}, resume } });
    expect(model.save()).toEqual(whole.save());
  }
});

test("chooses by the F1 of one label where that is asked for", async () => {
  const { best } = await build().fit(training, {
    ...FIT,
    epochs: 1,
    validation,
    metric: "f1:sea",
  });
  expect(Object.keys(best.validation!)).toContain("f1:sea");
  await expect(build().fit(training, { ...FIT, validation, metric: "f1:land" })).rejects.toThrow(
    /metric to be one of microF1, .*f1:sea.*got "f1:land"/,
  );
});

describe("what cannot be is refused", () => {
  test.each<[string, unknown]>([
    ['labels, a list of texts, got "sad" in example 1', { input: "x", labels: "sad" }],
    ["a label that is a text, not an empty one", { input: "x", labels: [""] }],
    ["got undefined in example 1", { input: "x" }],
  ])("%s", (message, odd) => {
    expect(() => MultiLabelClassifier.build([training[0]!, odd as Example])).toThrow(message);
  });

  test("a new label in further training, files of others, weights that are not finite", async () => {
    const model = build();
    const jazz = { input: "x", labels: ["jazz" as Topic] };
    await expect(model.fit([jazz])).rejects.toThrow('got "jazz" in example 0');
    expect(() => MultiLabelClassifier.load(model.save(), { labels: ["sad"] })).toThrow(FormatError);
    model.head.bias!.set(tensor(Float32Array.of(NaN, 0, 0)));
    expect(() => model.predict("a song")).toThrow(NumericError);
  });
});
