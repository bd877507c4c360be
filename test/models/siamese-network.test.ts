// What a network learns that compares, and how it is asked. What works small here is measured in bench/tasks/similarity.
import { describe, expect, it } from "vitest";
import { FormatError, manualSeed, NumericError, OptionError } from "../../src/index.js";
import {
  series,
  SiameseNetwork,
  text,
  type InputPair,
  type Series,
  type SiameseExample,
} from "../../src/models/index.js";

/** Names that share letters, and other forms of them. */
const NAMES = ["stan", "nats", "sant", "tans", "arts", "star", "rats", "tsar"];
const VOWELS = "eiou";
const spelled = (name: string, at: number) => name.slice(0, at) + VOWELS[at] + name.slice(at);
const pairs: InputPair[] = NAMES.flatMap((a) => [1, 2, 3].map((at) => ({ a, b: spelled(a, at) })));
const labelled = NAMES.flatMap((label) =>
  [0, 1, 2, 3].map((at) => ({ input: spelled(label, at), label })),
);
const both: InputPair[] = [
  ...pairs.map((pair) => ({ ...pair, same: true })),
  ...pairs.map(({ a }, i) => ({ a, b: pairs[(i + 5) % pairs.length]!.b, same: false })),
];
const letters = { input: text({ tokens: "characters", embeddingSize: 16, wordDropout: 0 }) };
const small = { ...letters, encoder: "recurrent", hiddenSize: 16, outputSize: 16 } as const;
const FIT = { epochs: 12, learningRate: 0.01, batchSize: 8 };

describe("what it learns by", () => {
  it.each<[string, SiameseExample[], object]>([
    ["pairs, ranking", pairs, {}],
    ["pairs, hard triplets", pairs, { loss: "hardTriplet" }],
    ["pairs, semi-hard triplets", pairs, { loss: "hardTriplet", closest: "semiHard" }],
    ["labels, batch-hard", labelled, { loss: "batchHard" }],
    [
      "labels, batch-hard with a soft margin",
      labelled,
      { loss: "batchHard", soft: true, perLabel: 2 },
    ],
    ["labels, ranking", labelled, {}],
    ["pairs with negatives, contrastive", both, { loss: "contrastive" }],
    ["pairs with negatives, ranking", both, {}],
    ["pairs with negatives, cosine", both, { loss: "cosine" }],
  ])("%s", async (_, examples, options) => {
    manualSeed(2);
    const model = SiameseNetwork.build(examples, small);
    const before = (await model.evaluate(examples)).scores.averagePrecision!;
    const { best } = await model.fit(examples, { ...FIT, validation: examples, ...options });
    const { scores, details } = await model.evaluate(examples);
    expect(before).toBeLessThan(0.9);
    expect(scores.averagePrecision).toBeGreaterThan(0.93);
    expect(scores.accuracy).toBe(best.validation!.accuracy);
    expect(details.decisions!.threshold).toBe(model.threshold);
    expect(scores.accuracy).toBe(details.best!.accuracy.accuracy);
  });

  it("scores, in the order in which they were judged", async () => {
    manualSeed(1);
    const graded = pairs.flatMap(({ a, b }, i) => [
      { a, b, score: 0.9 },
      { a, b: pairs[(i + 5) % pairs.length]!.b, score: 0.1 },
    ]);
    const model = SiameseNetwork.build(graded, small);
    const { best } = await model.fit(graded, { ...FIT, validation: graded });
    expect(best.validation!.spearman).toBeGreaterThan(0.7);
    expect((model.notes.training!.chosen as { loss: string }).loss).toBe("cosine");
    expect(Object.keys((await model.evaluate(graded)).scores)).toEqual(["spearman", "pearson"]);
  });

  it("series, streamed pairs, and inputs changed as they are read", async () => {
    manualSeed(1);
    const wave = (step: number, phase: number) =>
      Array.from({ length: 12 }, (_, t) => [Math.sin(step * t + phase)]);
    const waves = [0.3, 0.8, 1.4].flatMap((step) =>
      [0, 0.2, 0.4, 0.6].map((phase) => ({ input: wave(step, phase), label: String(step) })),
    );
    const model = SiameseNetwork.build(waves, { input: series(), hiddenSize: 8, outputSize: 8 });
    let read = 0;
    const augment = (input: Series) => (read++, input.slice(0, 10));
    await model.fit(waves, { epochs: 15, learningRate: 0.01, batchSize: 12, augment });
    expect(read).toBe(15 * waves.length);
    const { accuracy, chance, draws } = model.evaluateOneShot(waves, { ways: 3, draws: 20 });
    expect([chance, draws]).toEqual([1 / 3, 20]);
    expect(accuracy).toBeGreaterThan(0.8);

    const streamed = await SiameseNetwork.build(() => pairs, small);
    const { steps } = await streamed.fit(() => pairs, { epochs: 2, batchSize: 8 });
    expect(steps).toBe(6);
    await expect(streamed.fit(() => labelled, { epochs: 1 })).rejects.toThrow(
      "expected labelled inputs in a list, got a stream.",
    );
  });

  it("resumes to the same bits", async () => {
    const run = async (options: object) => {
      manualSeed(3);
      const model = SiameseNetwork.build(pairs, small);
      await model.fit(pairs, { ...FIT, epochs: 2, ...options });
      return model;
    };
    let kept: Uint8Array | undefined;
    const save = (bytes: Uint8Array, step: number) => void (step === 2 && (kept = bytes.slice()));
    const whole = await run({ checkpoint: { every: 1, save } });
    const resumed = await run({ checkpoint: { save: () => {}, resume: kept } });
    expect(resumed.encode("stan")).toEqual(whole.encode("stan"));
  });
});

describe("what it is asked", () => {
  const model = () => {
    manualSeed(1);
    return SiameseNetwork.build(pairs, small);
  };

  it("gives unit vectors, whose products are the similarities", () => {
    const network = model();
    const [a, b] = network.encodeBatch(["stan", "nats"]);
    expect(network.encode("stan")).toEqual(a);
    expect(a!.length).toBe(network.dimension);
    expect(a!.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 6);
    const product = a!.reduce((sum, value, i) => sum + value * b![i]!, 0);
    expect(network.similarity("stan", "nats")).toBeCloseTo(product, 9);
    network.threshold = product - 0.01;
    const answer = network.predict({ a: "stan", b: "nats" });
    expect(answer).toEqual({ score: network.similarity("stan", "nats"), same: true });
    expect(network.predictBatch([{ a: "x", b: "y" }, { a: "stan", b: "nats" }])[1]).toEqual(answer); // prettier-ignore
    network.threshold = 1;
    expect(network.predict({ a: "stan", b: "nats" }).same).toBe(false);
  });

  it("comes back from its file, with its threshold and references", () => {
    const network = model();
    network.threshold = 0.37;
    const again = SiameseNetwork.load<string>(network.save());
    expect(again.threshold).toBe(0.37);
    expect(again.encode("stan")).toEqual(network.encode("stan"));
    const references = network.references();
    references.addBatch(labelled);
    references.add("zoe", "zoé");
    const same = again.references({ bytes: references.toBytes() });
    expect(same.size).toBe(labelled.length + 1);
    expect(same.labels).toEqual(references.labels);
    expect(same.vectors).toEqual(references.vectors);
    expect(same.match("rats", { count: 3 })).toEqual(references.match("rats", { count: 3 }));
  });

  it("matches with examples, or with what is the middle of each label's", () => {
    const network = model();
    const references = network.references();
    references.addBatch(labelled);
    const [best, ...others] = network.match("spelled", references, { count: 5 });
    expect(others.length).toBe(4);
    const scores = labelled.map(({ input }) => network.similarity("spelled", input));
    expect(best!.score).toBeCloseTo(Math.max(...scores), 5);
    expect(best!.label).toBe(labelled[best!.index]!.label);
    const queries = NAMES.map((name) => `${name}x`);
    expect(references.matchBatch(queries)).toEqual(queries.map((query) => references.match(query)));

    const middles = network.references({ prototypes: true });
    middles.addBatch(labelled);
    expect(middles.match("stan", { count: 100 }).map(({ label }) => label).sort()).toEqual([...NAMES].sort()); // prettier-ignore
    const own = network.encodeBatch(labelled.slice(0, 4).map(({ input }) => input));
    const mean = own[0]!.map((_, i) => own.reduce((sum, vector) => sum + vector[i]!, 0));
    const query = network.encode("stan");
    const cosine = mean.reduce((sum, value, i) => sum + value * query[i]!, 0) / Math.hypot(...mean);
    expect(middles.match("stan", { count: 8 }).find(({ label }) => label === "stan")!.score).toBeCloseTo(cosine, 5); // prettier-ignore
    middles.add("zoe", "zoe");
    expect(middles.match("zoe")[0]!.label).toBe("zoe");
    middles.dispose();
    expect(middles.match("zoe")[0]!.label).toBe("zoe");
  });
});

describe("what it refuses", () => {
  const build = (examples: unknown[]) => () =>
    SiameseNetwork.build(examples as SiameseExample[], small);
  it("examples that are none, with their place", () => {
    expect(build([{ a: "x" }])).toThrow("got an object with a in example 0.");
    expect(build([pairs[0]!, { a: "x", b: "y", same: 1 }])).toThrow(
      "same to be true or false, got 1 in example 1.",
    );
    expect(build([{ a: "x", b: "y", same: true, score: 1 }])).toThrow("same or score, got both");
    expect(build([{ a: "x", b: "y", score: NaN }])).toThrow("a score that is finite");
    expect(build([{ a: "x", b: 3 }])).toThrow("expected a text, got 3 in example 0.");
    expect(build([{ input: "x", label: "" }])).toThrow("a label that is a text");
    expect(build([])).toThrow(OptionError);
  });

  it("examples of several kinds, and losses that do not fit them", async () => {
    const model = SiameseNetwork.build<string>([...pairs, ...labelled], small);
    const fit = (examples: SiameseExample[], options: object = {}) =>
      expect(model.fit(examples, { epochs: 1, ...options })).rejects;
    await fit([pairs[0]!, labelled[0]!]).toThrow(
      "expected pairs, as the first example is, got labelled inputs in example 1.",
    );
    await fit([{ a: "x", b: "y", score: 3 }]).toThrow("a score from -1 to 1, got 3 in example 0.");
    await fit(pairs, { loss: "batchHard" }).toThrow(
      "labelled inputs for loss batchHard, got pairs",
    );
    await fit(pairs, { loss: "contrastive" }).toThrow("some pairs that do not belong together");
    await fit(both, { loss: "hardTriplet" }).toThrow("got 24 pairs of 48 that do not.");
    await fit(labelled, { loss: "cosine" }).toThrow("pairs for loss cosine, got labelled inputs");
    await fit(labelled.slice(0, 4)).toThrow("two labels or more with two examples or more each");
    await expect(model.evaluate([pairs[0]!, labelled[0]!])).rejects.toThrow("in example 1.");
    await expect(model.evaluate([labelled[0]!, labelled[5]!])).rejects.toThrow(
      "labelled inputs of which some have one label",
    );
  });

  it("references of another size, none, and draws that there are not", () => {
    const model = SiameseNetwork.build(pairs, small);
    const other = SiameseNetwork.build(pairs, { ...small, outputSize: 4 });
    const bytes = other.references();
    bytes.add("x", "y");
    expect(() => model.references({ bytes: bytes.toBytes() })).toThrow(FormatError);
    expect(() => model.references({ bytes: model.save() })).toThrow("got a file without.");
    expect(() => model.references().match("x")).toThrow("references to match with, got none.");
    expect(() => model.evaluateOneShot(labelled, { ways: 9 })).toThrow(
      "9 labels with more than 1 example each, got 8 of 8.",
    );
    expect(() => model.evaluateOneShot(labelled, { shots: 4 })).toThrow(OptionError);
    expect(() => (model.threshold = 2)).toThrow("a threshold from -1 to 1, got 2.");
  });

  it("weights that are not finite", () => {
    const model = SiameseNetwork.build(pairs, small);
    const { weight } = model.head!;
    weight.set(new Float32Array(weight.size).fill(NaN));
    expect(() => model.encode("x")).toThrow(NumericError);
  });
});
