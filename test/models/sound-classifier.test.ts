// Recordings to labels: sound() as an input of classifiers.
import { expect, test } from "vitest";
import { manualSeed, OptionError } from "../../src/index.js";
import * as infer from "../../src/infer/models/index.js";
import {
  SequenceClassifier,
  sound,
  SoundInput,
  type SoundOptions,
} from "../../src/models/index.js";

const RATE = 8000;
const tone = (hertz: number, seconds: number) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, t) => 0.3 * Math.sin((2 * Math.PI * hertz * t) / RATE),
  );
/** Tones of several heights and lengths; what is to be told is which half of the scale they are of. */
const examples = (from: number) =>
  Array.from({ length: 12 }, (_, i) => {
    const high = i % 2 === 1;
    const hertz = (high ? 2000 : 300) + from + 40 * i;
    return {
      input: { samples: tone(hertz, 0.2 + 0.02 * i), sampleRate: RATE },
      label: high ? "high" : "low",
    };
  });

const build = (options: SoundOptions = {}) => {
  manualSeed(1);
  return SequenceClassifier.build(examples(0), { input: sound(options), hiddenSize: 8 });
};

test("recordings are told, and the model comes back from its file", async () => {
  const model = build();
  await model.fit(examples(0), { epochs: 12, learningRate: 0.01 });
  const { scores } = await model.evaluate(examples(15));
  expect(scores.accuracy).toBe(1);
  const [{ input }] = examples(15) as [ReturnType<typeof examples>[number]];
  const expected = model.predict(input);
  for (const { load } of [SequenceClassifier, infer.SequenceClassifier])
    expect(load(model.save()).predict(input as never)).toEqual(expected);
});

test("what changes recordings is for training alone, and repeats itself by the seed", () => {
  const model = build();
  const samples = examples(0).map(({ input }) => input.samples);
  const read = () => model.input.forward(samples).x.data();
  const plain = () => {
    model.eval();
    return read();
  };
  const changed = (seed: number) => {
    model.train();
    manualSeed(seed);
    return read();
  };
  expect(plain()).toEqual(plain());
  expect(changed(1)).toEqual(changed(1));
  expect(changed(1)).not.toEqual(changed(2));
  // Nothing of it is left where all is turned off.
  const none = build({ speed: 0, gain: 0, noise: 0, frequencyMasks: 0, timeMasks: 0 });
  const own = none.input.forward(samples).x.data();
  expect(own).toEqual(none.eval().input.forward(samples).x.data());
  expect(own).toEqual(plain());
});

test("features have mean 0 and deviation 1 over the examples", () => {
  const { input } = build().eval();
  const { x, lengths } = input.forward(examples(0).map((one) => one.input.samples));
  const [, time, size] = x.shape as [number, number, number];
  const values = x.data();
  let [sum, squares, count] = [0, 0, 0];
  lengths.forEach((length, row) => {
    for (const value of values.subarray(row * time * size, (row * time + length) * size)) {
      sum += value;
      squares += value * value;
      count++;
    }
  });
  expect(sum / count).toBeCloseTo(0, 3);
  expect(squares / count).toBeCloseTo(1, 2);
});

test("a step is ten milliseconds, whatever the rate, and lengths are those of the features", () => {
  for (const rate of [8000, 11_025, 16_000, 44_100]) {
    const samples = new Float32Array(rate).fill(0.1);
    const counter = sound().counter("test");
    counter.add({ samples, sampleRate: rate });
    const input = counter.layer() as SoundInput;
    expect(input.frameSeconds).toBeCloseTo(0.01, 3);
    for (const length of [1, 100, 1234, rate]) {
      const some = samples.subarray(0, length);
      expect(input.timeOf(some)).toBe(input.extractor.extract(some).shape[0]);
    }
  }
});

test("what is no recording is refused with its place", async () => {
  const wrong = [{ input: { samples: [0, "1"] } as never, label: "low" }];
  expect(() => SequenceClassifier.build(wrong, { input: sound() })).toThrow(OptionError);
  await expect(build().fit([{ input: new Float32Array(0), label: "low" }])).rejects.toThrow(
    "a recording with samples, got none in example 0",
  );
});
