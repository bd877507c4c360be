// Seq2Seq with the layers of a Transformer: trained, resumed, saved, and step by step as a writer.
import { beforeAll, describe, expect, test } from "vitest";
import { beamSearch, type Decoder } from "../../src/decode/index.js";
import { backend, manualSeed, noGrad, OptionError, scope } from "../../src/index.js";
import { Seq2Seq, type BuildSeq2SeqOptions, type Seq2SeqOptions } from "../../src/models/index.js";
import { sampled } from "../../src/models/seq2seq/sampled.js";
import { CharTokenizer } from "../../src/text/index.js";
import { expectSameAlone } from "../helpers/alone-or-together.js";
import { expectClose } from "../helpers/expect-close.js";
import { reversedWords } from "../helpers/pairs.js";

const PAIRS = reversedWords(500, { letters: "abc", most: 4 });
const HELD_OUT = reversedWords(40, { seed: 2, letters: "abc", most: 4 });
const SIZES = { hiddenSize: 16, numLayers: 2, numHeads: 2, dimFeedforward: 24, dropout: 0 };

function built(options: BuildSeq2SeqOptions = {}, seed = 1): Seq2Seq {
  manualSeed(seed);
  return Seq2Seq.build(PAIRS, { architecture: "transformer", ...SIZES, ...options });
}

const FIT = { epochs: 14, batchSize: 16, learningRate: 5e-3, schedule: "linear" } as const;

let learnt: Seq2Seq;
beforeAll(async () => {
  learnt = built();
  await learnt.fit(PAIRS, FIT);
});

test("learns to write words backwards, and looks at the letter that it writes", async () => {
  const { scores, details } = await learnt.evaluate(HELD_OUT);
  expect(scores.exactMatch).toBeGreaterThan(0.9);
  expect(details).toMatchObject({ written: 40, unfinished: 0, unknownSource: 0 });
  const { text, attention, alternatives } = learnt.predict("cab", {
    ...{ attention: true, beams: 4, alternatives: 3 },
  });
  expect([text, alternatives.length]).toEqual(["bac", 3]);
  const { source, target, weights } = attention;
  expect([source.join(" "), target.join(" ")]).toEqual(["c a b </s>", "b a c </s>"]);
  for (let row = 0; row < 4; row++)
    expectClose([weights.subarray(4 * row, 4 * row + 4).reduce((a, b) => a + b)], [1], 1e-5);
  expectClose(learnt.predict("cab", { attention: true }).attention.weights, weights, 1e-6);
});

test("draws answers, as chat does with a temperature", () => {
  expect(sampled(learnt, "cab", { temperature: 0.05, seed: 1 })).toBe("bac");
});

const KINDS: [string, BuildSeq2SeqOptions][] = [
  ["rotary", {}],
  ["sinusoidal, normalizing sums", { positions: "sinusoidal", normFirst: false }],
  ["learned, tied to nothing", { positions: "learned", tieEmbeddings: "none" }],
  [
    "one vocabulary, tied",
    { source: "characters", target: "characters", vocabulary: "joint", numLayers: 1 },
  ],
];

/** Feeds targets to a decoder, a token of each row a step; the logits of each step. */
function stepped(decoder: Decoder, targets: readonly Int32Array[], start: number): Float32Array[] {
  return Array.from(targets[0]!, (_, step) => {
    const ids = targets.map((target) => (step === 0 ? start : target[step - 1]!));
    const logits = new Float32Array(decoder.rows * decoder.classes);
    decoder.step(Int32Array.from(ids), logits);
    return logits;
  });
}

describe.each(KINDS)("%s", (_, options) => {
  test("step by step, the logits are those of the whole target", () => {
    const model = built(options).eval();
    const { end } = model.target;
    const sources = ["abca", "c"].map((text) => model.source.encode(text));
    const targets = ["acba", "bbaa"].map((text) => model.target.encode(text));
    const whole = scope(() => noGrad(() => model.forward(sources, targets).data()));
    const decoder = model.decoder(["abca", "c"], { capacity: 4 });
    const rows = stepped(decoder, targets, end);
    decoder.dispose();
    const { classes } = decoder;
    const byTarget = [0, 1].flatMap((row) =>
      rows.flatMap((logits) => [...logits.subarray(row * classes, (row + 1) * classes)]),
    );
    if (backend().build === "plain") expect(Float32Array.from(byTarget)).toEqual(whole);
    else expectClose(byTarget, whole, 1e-5);
    // Rows go on with their own source and what they have read, whatever rows were there before.
    const moved = model.decoder(["abca", "c"], { capacity: 4 });
    const [first] = stepped(moved, [targets[0]!.subarray(0, 1), targets[1]!.subarray(0, 1)], end);
    moved.select(Int32Array.of(1, 0, 1));
    const ids = [targets[1]![0]!, targets[0]![0]!, targets[1]![0]!];
    const next = new Float32Array(3 * classes);
    moved.step(Int32Array.from(ids), next);
    moved.dispose();
    expectClose(first!, rows[0]!, 1e-6);
    for (const [row, source] of [1, 0, 1].entries())
      expectClose(
        next.subarray(row * classes, (row + 1) * classes),
        rows[1]!.subarray(source * classes, (source + 1) * classes),
        1e-5,
      );
    expect(() => moved.step(Int32Array.of(0, 0, 0))).toThrow("one that was disposed of");
  });

  test("what a source is batched with does not matter, and a file brings the model back", async () => {
    const model = built(options);
    await model.fit(PAIRS.slice(0, 40), { epochs: 1, batchSize: 8 });
    expectSameAlone(model);
  });

  test("what it finds has the probability that it says", () => {
    const model = built(options);
    const { text, ...found } = model.predict("abca", { beams: 2, lengthPenalty: "none" });
    const score = model.score("abca", text);
    const written = score.logProbabilities.slice(0, text.length + Number(found.finished));
    expectClose([found.logProbability], [written.reduce((a, b) => a + b)], 1e-4);
    expect(score.tokens).toEqual([...text, "</s>"]);
  });
});

test("a killed training goes on to the same bits", async () => {
  const options = { steps: 20, batchSize: 8, evaluateEvery: 6, validation: HELD_OUT } as const;
  const whole = built({ dropout: 0.2 });
  await whole.fit(PAIRS, options);
  const saved: Uint8Array[] = [];
  const cut = built({ dropout: 0.2 });
  const stop = new AbortController();
  await expect(
    cut.fit(PAIRS, {
      ...{ ...options, signal: stop.signal },
      checkpoint: { every: 5, save: (bytes) => void saved.push(bytes.slice()) },
      onStep: ({ step }) => step === 13 && stop.abort(new Error("killed")),
    }),
  ).rejects.toThrow("killed");
  const resumed = built({ dropout: 0.2 }, 99);
  const resume = saved.at(-1)!;
  await resumed.fit(PAIRS, { ...options, checkpoint: { every: 100, save: () => {}, resume } });
  for (const [name, parameter] of whole.stateDict())
    expect(resumed.stateDict().get(name)!.data(), name).toEqual(parameter.data());
});

test("three weights are one, and scaled so that what is read and what is written are of size 1", () => {
  const options = { source: "characters", target: "characters", vocabulary: "joint" } as const;
  const { encoder, writer } = built({ ...options, hiddenSize: 256 });
  const weights = [encoder.embedding, writer.embedding, writer.head].map(({ weight }) => weight);
  expect(new Set(weights).size).toBe(1);
  const values = weights[0]!.data();
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  expect(deviation * 16).toBeCloseTo(1, 1);
});

test("build chooses by the pairs, and a model keeps the options of its architecture alone", () => {
  manualSeed(1);
  const { options, notes } = Seq2Seq.build(PAIRS, { architecture: "transformer", hiddenSize: 32 });
  expect(options).toEqual({
    ...{ architecture: "transformer", hiddenSize: 32, numLayers: 3, numHeads: 4 },
    ...{ dimFeedforward: 64, normFirst: true, positions: "rotary", contextLength: undefined },
    ...{ tieEmbeddings: "target", dropout: 0.1, lowercase: false },
    lengthRatio: options.lengthRatio,
  });
  expect(notes.chosen).toMatchObject({ source: "characters", dropout: 0.1 });
  expect(Seq2Seq.build(PAIRS, { hiddenSize: 8 }).options).toMatchObject({
    ...{ architecture: "recurrent", numLayers: 1 },
  });
});

describe("learned positions end", () => {
  const model = () => built({ positions: "learned", contextLength: 6 });

  test("so that longer texts are refused, with their place", async () => {
    expect(() => model().predict("abcabc")).toThrow(
      "Seq2Seq.predict: expected a source of at most 6 tokens with its end mark, the contextLength of learned positions, got 7",
    );
    expect(() => model().score("a", "abcabc")).toThrow("a target of at most 6 tokens");
    const pairs = [...PAIRS.slice(0, 9), { source: "a", target: "abcabc" }];
    await expect(model().fit(pairs, { epochs: 1 })).rejects.toThrow(
      /expected a target of at most 6 tokens .* got 7 in pair 9/,
    );
  });

  test("and no text that is written goes past them", () => {
    const wordy = model();
    const { end } = wordy.target;
    wordy.writer.head.bias!.set(
      Float32Array.from({ length: end + 1 }, (_, id) => (id === end ? -99 : 0)),
    );
    for (const options of [{ beams: 1 }, { beams: 3, maxLength: 50 }]) {
      const { tokens, finished } = wordy.predict("abc", options);
      expect([tokens.length, finished]).toEqual([6, false]);
    }
    const decoder = wordy.decoder(["a"]);
    for (let step = 0; step < 6; step++) decoder.step(Int32Array.of(end));
    expect(() => decoder.step(Int32Array.of(end))).toThrow(
      "at most 6 tokens, as many as there are learned positions, got token number 7",
    );
    decoder.dispose();
  });
});

test("a beam search finds what is the most probable of all", () => {
  const model = built().eval();
  const { size, end } = model.target;
  const decoder = model.decoder(["cab"], { capacity: size });
  const search = { prompt: end, beams: size, maxLength: 2, lengthPenalty: "none" } as const;
  const [best] = beamSearch(decoder, search)[0]!;
  decoder.dispose();
  const source = [model.source.encode("cab")];
  const logits = (ids: number[]) =>
    scope(() => noGrad(() => model.forward(source, [Int32Array.from(ids)]).data())).slice(-size);
  const logs = (row: Float32Array) => {
    const sum = row.reduce((all, x) => all + Math.exp(x), 0);
    return Array.from(row, (x) => x - Math.log(sum));
  };
  let most = { sum: -Infinity, ids: [0, 0] };
  const first = logs(logits([0]));
  for (let a = 0; a < size; a++) {
    const second = logs(logits([a, 0]));
    for (let b = 0; b < size; b++)
      if (first[a]! + second[b]! > most.sum) most = { sum: first[a]! + second[b]!, ids: [a, b] };
  }
  expect([...best!.ids]).toEqual(most.ids);
  expectClose([best!.logProbability], [most.sum], 1e-5);
});

test.each<[Seq2SeqOptions, string]>([
  [
    { cell: "gru" },
    'Seq2Seq with architecture transformer: expected options among architecture, hiddenSize, numLayers, numHeads, dimFeedforward, normFirst, positions, contextLength, tieEmbeddings, dropout, lengthRatio, lowercase, got "cell"',
  ],
  [{ embeddingSize: 8 }, 'got "embeddingSize"'],
  [{ attention: "dot" }, 'got "attention"'],
  [{ numHeads: 3 }, "numHeads that divide hiddenSize, 16, got 3"],
  [{ hiddenSize: 6 }, "an even number of features in each head"],
  [{ hiddenSize: 15, numHeads: 3, positions: "sinusoidal" }, "an even hiddenSize"],
  [{ contextLength: 8 }, 'contextLength beside positions "learned" only'],
  [{ architecture: "recurrent", numHeads: 2 }, "architecture recurrent: expected options among"],
  [{ architecture: "rnn" as never }, "architecture to be one of recurrent, transformer"],
])("%j is refused", (options, message) => {
  const tokenizer = CharTokenizer.build("abc");
  const { architecture = "transformer" } = options;
  const sizes = architecture === "transformer" ? { hiddenSize: 16, numHeads: 2 } : {};
  const make = () =>
    new Seq2Seq({ source: tokenizer, target: tokenizer }, { architecture, ...sizes, ...options });
  expect(make).toThrow(OptionError);
  expect(make).toThrow(message);
});
