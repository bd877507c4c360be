// What the plain build of `hiddenstate` has saved runs in the inference build, bit for bit as it runs there: layers, their
// streams, models. every-operation.test.ts goes through operations and layers one by one.
import { describe, expect, it } from "vitest";
import * as main from "../../src/index.js";
import {
  Captioner,
  LanguageModel,
  MusicModel,
  Seq2Seq,
  SequenceClassifier,
  SequenceTagger,
  SeriesForecaster,
} from "../../src/models/index.js";
import { CharTokenizer } from "../../src/text/index.js";
import { load } from "./bundle.js";
import { numbers } from "./cases.js";

const infer = await load();

/** What both have, as far as these tests go. */
type Library = Pick<typeof main, keyof typeof main & keyof typeof infer>;
const asMain = infer as unknown as Library;

const bits = (values: Float32Array | Int32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

interface Sequential {
  forward(
    x: main.Tensor,
    options?: { lengths?: readonly number[] },
  ): { output: main.Tensor; state: object };
}

const layers: Record<string, (lib: Library) => main.Module & Sequential> = {
  "an LSTM": (lib) => new lib.LSTM(5, 17),
  "two projected LSTM layers": (lib) => new lib.LSTM(5, 16, { numLayers: 2, projSize: 6 }),
  "an LSTM in both directions, summed": (lib) =>
    new lib.LSTM(5, 9, { bidirectional: true, mergeMode: "sum" }),
  "a residual stack of LSTM layers": (lib) =>
    new lib.LSTM(5, 8, { numLayers: 3, skip: "residual" }),
  "a GRU": (lib) => new lib.GRU(5, 13, { numLayers: 2, dropout: 0.5 }),
  "a GRU that resets before": (lib) => new lib.GRU(5, 7, { resetAfter: false }),
  "an RNN of rectifiers": (lib) =>
    new lib.RNN(5, 11, { numLayers: 2, nonlinearity: "relu", skip: "concat" }),
};

describe.each(Object.entries(layers))("%s", (_name, make) => {
  const trained = make(main).eval();
  const file = main.saveSafetensors(trained.stateDict());
  const loaded = make(asMain).eval();
  loaded.loadStateDict(asMain.loadSafetensors(file));

  function outputs(lib: Library, layer: main.Module & Sequential, batch: number): Uint32Array[] {
    const x = lib.tensor(numbers(batch * 6 * 5), { shape: [batch, 6, 5] });
    const lengths = batch > 1 ? { lengths: [4, 6, 1] } : {};
    const { output, state } = layer.forward(x, lengths);
    return [output, ...(Object.values(state) as main.Tensor[])].map((y) => bits(y.data()));
  }

  it.each([1, 3])("gives the same outputs and states, %i sequences", (batch) => {
    expect(outputs(asMain, loaded, batch)).toEqual(outputs(main, trained, batch));
  });

  // A stream reads forwards only.
  it.skipIf((trained as main.LSTM).bidirectional)("streams the same", () => {
    const [ours, theirs] = [trained, loaded].map((layer) => (layer as main.LSTM).stream());
    for (let step = 0; step < 4; step++) {
      const x = numbers(5, step);
      expect(bits(theirs!.push(x))).toEqual(bits(ours!.push(x)));
    }
    // A state that one build has saved goes on in the other.
    theirs!.reset();
    theirs!.fromBytes(ours!.toBytes());
    expect(bits(theirs!.push(numbers(5)))).toEqual(bits(ours!.push(numbers(5))));
  });
});

describe("a language model's file", () => {
  const text = "to be or not to be, that is the question";
  const model = new LanguageModel(CharTokenizer.build(text), {
    embeddingSize: 12,
    hiddenSize: 20,
    numLayers: 2,
    dropout: 0.3,
  }).eval();
  const file = model.save();
  const loaded = infer.LanguageModel.load(file);

  it("generates the same text", () => {
    const options = { length: 40, seed: 3, temperature: 0.8 };
    const written = [...loaded.generate("to be", options)].join("");
    expect(written).toBe([...model.generate("to be", options)].join(""));
    expect(new Set(written).size).toBeGreaterThan(3);
  });

  it("scores a text the same", async () => {
    expect(await loaded.evaluate(text)).toEqual(await model.evaluate(text));
  });

  it("is written again as it was", () => {
    expect(loaded.save()).toEqual(file);
  });
});

describe("a tagger's file", () => {
  const sentences = [
    { words: ["Ann", "met", "Bob"], tags: ["B-PER", "O", "B-PER"], intent: "meet" },
    { words: ["to", "New", "York"], tags: ["O", "B-LOC", "I-LOC"], intent: "go" },
  ] as const;

  it.each(["cnn", "lstm", "none"] as const)(
    "labels the same, characters: %s",
    async (characters) => {
      main.manualSeed(4);
      const options = { scheme: "IOB2", characters, embeddingSize: 6, hiddenSize: 7 } as const;
      const tagger = SequenceTagger.build([...sentences], options).eval();
      const loaded = infer.SequenceTagger.load(tagger.save());
      const asked = ["Ann went to York", "Bob"];
      expect(loaded.predictBatch(asked)).toEqual(tagger.predictBatch(asked));
      expect(await loaded.evaluate(sentences as never)).toEqual(
        await tagger.evaluate([...sentences]),
      );
      await expect(loaded.fit(sentences as never)).rejects.toThrow(infer.BackendError);
    },
  );
});

describe("a classifier's file", () => {
  const examples = [
    { input: "a good film", label: "good" },
    { input: "not a good film at all", label: "bad" },
  ] as const;

  it.each([
    { encoder: "mean", hiddenSize: 6 },
    { hiddenSize: 5, pooling: "max" },
    { cell: "gru", hiddenSize: 4, numLayers: 2, pooling: "mean" },
    { cell: "rnn", hiddenSize: 5, pooling: "last" },
    { hiddenSize: 5, pooling: "attention" },
    { encoder: "convolutional", filters: 4, kernelSizes: [2, 3] },
    { encoder: "lstm-fcn", hiddenSize: 4, channels: [6, 8], kernelSizes: [4, 3] },
  ] as const)("gives the same probabilities: %o", (encoder) => {
    main.manualSeed(5);
    const model = SequenceClassifier.build([...examples], encoder).eval();
    const loaded = infer.SequenceClassifier.load(model.save());
    const asked = ["a film", "good , not bad at all"];
    expect(loaded.predictBatch(asked)).toEqual(model.predictBatch(asked));
  });
});

describe("a translator's file", () => {
  const pairs = ["one two", "two three one", "three"].map((source) => ({
    source,
    target: source.split(" ").reverse().join(" "),
  }));

  it.each([
    { tieEmbeddings: "all", vocabulary: "joint" },
    { attention: "additive", cell: "gru", placement: "output", bidirectional: false },
    { attention: "dot", numLayers: 2, residual: true, bridge: "copy" },
    { placement: "gnmt", numLayers: 3, residual: true },
    { attention: "none", peeky: true, reverseSource: true, bridge: "zeros" },
    { architecture: "transformer", numLayers: 2 },
    { architecture: "transformer", positions: "learned", normFirst: false, numHeads: 1 },
  ] as const)("writes the same, with the same scores: %o", async (options) => {
    main.manualSeed(6);
    const sizes = { source: "words", target: "words", hiddenSize: 8, minCount: 1 } as const;
    const recurrent = "architecture" in options ? {} : { embeddingSize: 6 };
    const model = Seq2Seq.build(pairs, { ...sizes, ...recurrent, ...options }).eval();
    const file = model.save();
    const loaded = infer.Seq2Seq.load(file);
    const asked = ["one", "three two one", ""];
    for (const search of [
      { beams: 1 },
      { beams: 4, alternatives: 4, lengthPenalty: "wu" },
    ] as const)
      expect(loaded.predictBatch(asked, search)).toEqual(model.predictBatch(asked, search));
    expect(loaded.score("one two", "two one")).toEqual(model.score("one two", "two one"));
    expect(await loaded.evaluate(pairs)).toEqual(await model.evaluate(pairs));
    expect(loaded.save()).toEqual(file);
    await expect(loaded.fit(pairs)).rejects.toThrow(infer.BackendError);
  });
});

describe("a captioner's file", () => {
  const picture = (value: number) => ({
    data: Uint8Array.from({ length: 192 }, (_, i) => (i * value * 7919) % 251),
    ...{ width: 16, height: 12 },
  });
  const examples = ["one two", "two three one", "three"].map((text, i) => ({
    image: picture(i + 1),
    text,
  }));

  it.each([
    { channels: [4, 6] },
    { channels: [3, 5], attention: "general", placement: "output", cell: "gru" },
    { channels: [4], attention: "none", numLayers: 2 },
  ] as const)("says the same of pictures, and where it looked: %o", async (options) => {
    main.manualSeed(7);
    const sizes = { hiddenSize: 8, embeddingSize: 6, minCount: 1 };
    const model = Captioner.build(examples, { ...sizes, ...options });
    // So that batch normalization has statistics of its own.
    await model.fit(examples, { steps: 3, batchSize: 3 });
    const file = model.save();
    const loaded = infer.Captioner.load(file);
    const images = [picture(2), picture(9)];
    const search = { beams: 3, alternatives: 3, attention: options.attention !== "none" } as never;
    expect(loaded.predictBatch(images, search)).toEqual(model.predictBatch(images, search));
    expect(await loaded.evaluate(examples)).toEqual(await model.evaluate(examples));
    expect(loaded.save()).toEqual(file);
    await expect(loaded.fit(examples)).rejects.toThrow(infer.BackendError);
  });
});

describe("a music model's file", () => {
  const steps = Array.from({ length: 12 }, (_, t) => [50 + (t % 5), 60 + ((3 * t) % 7)]);
  const held = steps.map((notes, t) =>
    t === 0 ? [] : notes.filter((note) => steps[t - 1]!.includes(note)),
  );

  it.each([
    { notes: "joint" },
    { notes: "joint", held: true, numLayers: 2 },
    { notes: "independent", numLayers: 2 },
  ] as const)("writes and scores the same: %o", async (options) => {
    main.manualSeed(8);
    const sizes = { embeddingSize: 6, hiddenSize: 9, lowest: 45, highest: 70 };
    const model = new MusicModel({ ...sizes, ...options }).eval();
    const file = model.save();
    const loaded = infer.MusicModel.load(file);
    const piece = "held" in options ? { steps, held } : steps;
    expect(loaded.stepLosses(piece)).toEqual(model.stepLosses(piece));
    for (const temperature of [0, 1])
      expect(loaded.generate({ prompt: piece, steps: 9, seed: 3, temperature })).toEqual(
        model.generate({ prompt: piece, steps: 9, seed: 3, temperature }),
      );
    expect(await loaded.evaluate([piece])).toEqual(await model.evaluate([piece]));
    expect(loaded.save()).toEqual(file);
    await expect(loaded.fit([piece])).rejects.toThrow(infer.BackendError);
  });
});

describe("a forecaster's file", () => {
  const values = Array.from({ length: 40 }, (_, t) => 20 + (t % 4) + ((t * 7919) % 13) / 9);
  const covariates = Array.from({ length: 44 }, (_, t) => [t % 3, Number(t % 5 === 0)]);
  const series = { values, covariates };

  it.each([
    { head: "direct" },
    { head: "recursive", output: "studentT" },
    { head: "seq2seq", cell: "gru", output: "quantiles" },
  ] as const)("forecasts the same: %o", async (options) => {
    main.manualSeed(9);
    const sizes = { horizon: 4, season: 4, hiddenSize: 7 };
    const model = SeriesForecaster.build([series], { ...sizes, ...options });
    await model.fit([series], { steps: 3 });
    const file = model.save();
    const loaded = infer.SeriesForecaster.load(file);
    expect(loaded.predict(series)).toEqual(model.predict(series));
    expect(await loaded.backtest([series])).toEqual(await model.backtest([series]));
    expect(loaded.save()).toEqual(file);
    await expect(loaded.fit([series])).rejects.toThrow(infer.BackendError);
    if (options.head !== "direct") return;
    const history = { values: values.slice(0, 30), covariates };
    const [ours, theirs] = [model.stream({ history }), loaded.stream({ history })];
    for (let t = 30; t < 40; t++) {
      const known = covariates.slice(t, t + 5);
      expect(theirs.push(values[t]!, known)).toEqual(ours.push(values[t]!, known));
    }
    theirs.fromBytes(ours.toBytes());
    expect(theirs.steps).toBe(40);
  });
});
