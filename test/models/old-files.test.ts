// Files that earlier versions wrote, with their names for options, are read still.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LanguageModel, SequenceClassifier, SequenceTagger } from "../../src/models/index.js";

const folder = new URL("old-files/", import.meta.url);
const read = (name: string) => readFileSync(new URL(`${name}.safetensors`, folder));
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Record<
  string,
  { probabilities: Record<string, number> }
>;

test.each([
  ["language-model-characters", "to be", 12],
  ["language-model-words", "to be", 6],
])("%s", (name, prompt, length) => {
  const model = LanguageModel.load(read(name));
  expect([...model.generate(prompt, { length, seed: 1 })].join("")).toBe(expected[name]);
});

test("taggers", () => {
  const spans = SequenceTagger.load(read("tagger-spans"));
  expect(spans.options).toMatchObject({ scheme: "IOB1", trainingScheme: "BIOES" });
  expect(spans.predict("Ann went to New York")).toEqual(expected["tagger-spans"]);
  const plain = SequenceTagger.load(read("tagger-plain"));
  expect(plain.options).toMatchObject({ scheme: "none", trainingScheme: undefined });
  // `intent` is undefined, which JSON leaves out.
  expect(plain.predict("a dog barks")).toEqual({ intent: undefined, ...expected["tagger-plain"] });
});

test.each([
  ["classifier-rnn", "recurrent", "a film"],
  ["classifier-cnn", "convolutional", "a film"],
  [
    "classifier-series",
    "mean",
    [
      [2, 1],
      [1, 1],
    ],
  ],
])("%s", (name, encoder, input) => {
  const model = SequenceClassifier.load(read(name));
  expect(model.options.encoder).toBe(encoder);
  const { probabilities } = model.predict(input);
  for (const [label, probability] of Object.entries(expected[name]!.probabilities))
    expect(probabilities[label]).toBeCloseTo(probability, 5);
  expect(SequenceClassifier.load(model.save()).predict(input)).toEqual(model.predict(input));
});
