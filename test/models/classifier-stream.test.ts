// A classifier that reads a series as it comes: what predict gives for all steps so far.
import { describe, expect, it } from "vitest";
import {
  FormatError,
  manualSeed,
  memoryUsage,
  NumericError,
  OptionError,
} from "../../src/index.js";
import { SequenceClassifier, series, type EncoderOptions } from "../../src/models/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(3);
const steps = Array.from({ length: 6 }, () => [...random.uniforms(2)]);
const examples = ["up", "down", "level"].map((label) => ({
  label,
  input: Array.from({ length: 4 }, () => [...random.uniforms(2)]),
}));
const build = (options: EncoderOptions) => {
  manualSeed(1);
  return SequenceClassifier.build(examples, { input: series(), ...options });
};

const ENCODERS: EncoderOptions[] = [
  { encoder: "recurrent", cell: "gru", hiddenSize: 5, numLayers: 2, bidirectional: false, pooling: "last" },
  { encoder: "recurrent", cell: "lstm", hiddenSize: 5, bidirectional: false, pooling: "mean" },
  { encoder: "recurrent", cell: "rnn", hiddenSize: 5, bidirectional: false, pooling: "max" },
  { encoder: "mean", hiddenSize: 4 },
  { encoder: "mean" },
]; // prettier-ignore

describe("SequenceClassifier.stream", () => {
  it.each(ENCODERS)("answers each step as predict the series so far: %j", (options) => {
    const model = build(options);
    const stream = model.stream();
    steps.forEach((step, t) => {
      expect(stream.push(step)).toEqual(model.predict(steps.slice(0, t + 1)));
    });
    stream.reset();
    expect(stream.push(steps[0]!)).toEqual(model.predict([steps[0]!]));
    stream.dispose();
    model.dispose();
  });

  it.each(ENCODERS)(
    "goes on from bytes and in a clone, and leaves nothing behind: %j",
    (options) => {
      const model = build(options);
      const [stream, other] = [model.stream(), model.stream()];
      stream.push(steps[0]!);
      stream.push(steps[1]!);
      const bytes = stream.toBytes();
      other.fromBytes(bytes);
      const copy = stream.clone();
      const before = memoryUsage();
      const answers = steps.slice(2).map((step) => stream.push(step));
      expect(memoryUsage()).toEqual(before);
      expect(steps.slice(2).map((step) => other.push(step))).toEqual(answers);
      expect(steps.slice(2).map((step) => copy.push(step))).toEqual(answers);
      const damaged = bytes.slice();
      damaged[damaged.length - 1]! ^= 1;
      expect(() => other.fromBytes(damaged)).toThrow(FormatError);
      for (const each of [stream, other, copy, model]) each.dispose();
    },
  );

  it.each([
    [{ encoder: "recurrent", bidirectional: true, pooling: "last" }, "a bidirectional one"],
    [{ encoder: "recurrent", bidirectional: false, pooling: "attention" }, "pooling by attention"],
    [{ encoder: "convolutional", filters: 3 }, "a convolutional one"],
    [{ encoder: "transformer", hiddenSize: 8 }, "a transformer"],
    [{ encoder: "lstm-fcn", hiddenSize: 3 }, "an LSTM-FCN"],
  ] as [EncoderOptions, string][])(
    "refuses what needs the whole series: %j",
    (options, message) => {
      const model = build(options);
      expect(() => model.stream()).toThrow(OptionError);
      expect(() => model.stream()).toThrow(message);
      model.dispose();
    },
  );

  it("refuses models of texts, steps of another size, and weights that are not finite", () => {
    const texts = SequenceClassifier.build([
      { input: "good", label: "yes" },
      { input: "bad", label: "no" },
    ]);
    expect(() => texts.stream()).toThrow(
      'SequenceClassifier.stream: expected a model of series, got one of input "text". Texts and recordings are answered whole: predict().',
    );
    const model = build(ENCODERS[0]!);
    const stream = model.stream();
    expect(() => stream.push([1])).toThrow("expected 2 numbers at every step");
    expect(() => stream.push([1, NaN])).toThrow("NaN at step 0, feature 1");
    model.head.weight.set(new Float32Array(model.head.weight.size).fill(NaN));
    expect(stream.push(steps[0]!).label).toBeDefined();
    expect(() => model.stream().push(steps[0]!)).toThrow(NumericError);
    for (const each of [texts, stream, model]) each.dispose();
  });
});
