import { beforeAll, describe, expect, test } from "vitest";
import { beamSearch, greedy, sample } from "../../src/decode/index.js";
import {
  FormatError,
  getRngState,
  manualSeed,
  NumericError,
  OptionError,
} from "../../src/index.js";
import { saveSafetensors } from "../../src/io/index.js";
import { bleu } from "../../src/metrics/index.js";
import {
  readModelInfo,
  Seq2Seq,
  type BuildSeq2SeqOptions,
  type FitPlan,
  type Seq2SeqFitOptions,
  type Seq2SeqPredictOptions,
  type SequencePair,
} from "../../src/models/index.js";
import { CharTokenizer, SubwordTokenizer, WordTokenizer } from "../../src/text/index.js";
import { expectSameAlone } from "../helpers/alone-or-together.js";
import { expectClose } from "../helpers/expect-close.js";
import { reversedWords } from "../helpers/pairs.js";

const PAIRS = reversedWords(500, { letters: "abc", most: 4 });
const HELD_OUT = reversedWords(40, { seed: 2, letters: "abc", most: 4 });
const SIZES = { hiddenSize: 32, embeddingSize: 16, dropout: 0 };

function built(options: BuildSeq2SeqOptions = {}, pairs: readonly SequencePair[] = PAIRS) {
  manualSeed(1);
  return Seq2Seq.build(pairs, { ...SIZES, ...options });
}

/** Knows how to write words backwards. */
let learnt: Seq2Seq;
beforeAll(async () => {
  learnt = built();
  await learnt.fit(PAIRS, { epochs: 10, batchSize: 16, learningRate: 0.015, schedule: "linear" });
});

test("learns to write words backwards, and looks at the letter that it writes", async () => {
  const { scores, details } = await learnt.evaluate(HELD_OUT);
  expect(scores.exactMatch).toBeGreaterThan(0.95);
  expect(scores.perplexity).toBeLessThan(1.1);
  expect(details).toMatchObject({ written: 40, unfinished: 0, unknownSource: 0 });
  const cut = await learnt.evaluate(HELD_OUT, { beams: 1, maxLength: 1 });
  expect(cut.details).toMatchObject({ written: 40, unfinished: 1 });
  const { text, tokens, attention, finished } = learnt.predict("cab", { attention: true });
  expect([text, tokens, finished]).toEqual(["bac", ["b", "a", "c"], true]);
  const { source, target, weights } = attention;
  expect([source.join(" "), target.join(" ")]).toEqual(["c a b </s>", "b a c </s>"]);
  expect(weights).toHaveLength(16);
  for (let row = 0; row < 4; row++)
    expectClose([weights.subarray(4 * row, 4 * row + 4).reduce((a, b) => a + b)], [1], 1e-5);
});

const KINDS: [string, BuildSeq2SeqOptions][] = [
  ["attention behind the decoder", { placement: "output" }],
  ["dot, tied to nothing", { attention: "dot", tieEmbeddings: "none" }],
  ["additive, GRU, one direction", { attention: "additive", cell: "gru", bidirectional: false }],
  ["scaled dot, two layers, residual", { attention: "scaledDot", numLayers: 2, residual: true }],
  ["GNMT", { placement: "gnmt", numLayers: 2 }],
  ["none, reversed", { attention: "none", reverseSource: true, bridge: "copy" }],
  ["none, peeky", { attention: "none", peeky: true, bridge: "zeros" }],
  ["one vocabulary, tied", { source: "characters", target: "characters", vocabulary: "joint" }],
];

describe.each(KINDS)("%s", (_, options) => {
  const make = () => built({ ...SIZES, hiddenSize: 8, embeddingSize: 6, ...options });

  test("what a source is batched with does not matter, and a file brings the model back", async () => {
    const model = make();
    await model.fit(PAIRS.slice(0, 40), { epochs: 1, batchSize: 8 });
    expectSameAlone(model);
  });

  test("what it finds has the probability that it says", () => {
    const model = make();
    const { text, ...found } = model.predict("abca", { beams: 2, lengthPenalty: "none" });
    const score = model.score("abca", text);
    // What maxLength cut off has no end mark.
    const written = score.logProbabilities.slice(0, text.length + Number(found.finished));
    expectClose([found.logProbability], [written.reduce((a, b) => a + b)], 1e-4);
    expect(score.tokens).toEqual([...text, "</s>"]);
  });
});

test("one vocabulary stands in the file once, and has one matrix", () => {
  const model = built({ source: "characters", target: "characters", vocabulary: "joint" });
  expect(model.options.tieEmbeddings).toBe("all");
  const weights = [model.encoder.embedding, model.writer.embedding, model.writer.head];
  expect(new Set(weights.map(({ weight }) => weight)).size).toBe(1);
  const loaded = Seq2Seq.load(model.save());
  expect(loaded.source.tokenizer).toBe(loaded.target.tokenizer);
  expect(loaded.parameters().length).toBe(model.parameters().length);
});

test("evaluation counts what predict writes, and draws nothing", async () => {
  const state = getRngState();
  const { scores, details } = await learnt.evaluate(HELD_OUT, { beams: 2 });
  expect(getRngState()).toEqual(state);
  const texts = learnt.predictBatch(
    HELD_OUT.map(({ source }) => source),
    { beams: 2 },
  );
  const wanted = HELD_OUT.map(({ target }) => target);
  const right = texts.filter(({ text }, i) => text === wanted[i]).length;
  expect(scores.exactMatch).toBe(right / HELD_OUT.length);
  const counted = bleu(
    texts.map(({ text }) => text),
    wanted.map((target) => [target]),
  );
  expect([scores.bleu, details.bleuSignature]).toEqual([counted.score, counted.signature]);
  const logs = HELD_OUT.flatMap(
    ({ source, target }) => learnt.score(source, target).logProbabilities,
  );
  expect(details.tokens).toBe(logs.length);
  expectClose([scores.loss], [-logs.reduce((a, b) => a + b) / logs.length], 1e-4);
});

test("a training scores all validation pairs, and translates the first of them", async () => {
  const model = built({ hiddenSize: 8, embeddingSize: 6 });
  const validation = HELD_OUT.map((pair, i) => (i < 5 ? { ...pair, target: "" } : pair));
  const { best } = await model.fit(PAIRS.slice(0, 20), {
    ...{ epochs: 1, validation, decodedExamples: 5, learningRate: 1e-6, metric: "loss" },
  });
  const all = await model.evaluate(validation, { beams: 1 });
  const first = await model.evaluate(validation.slice(0, 5), { beams: 1 });
  expect(best.validation!.loss).toBeCloseTo(all.scores.loss, 5);
  expect(best.validation!.chrf).toBe(first.scores.chrf);
  expect(first.scores.chrf).not.toBe(all.scores.chrf);
});

test("its decoder is what predict searches with", () => {
  const { end } = learnt.target;
  const sources = ["abc", "ca"];
  const options = { prompt: end, endToken: end, maxLength: 8, excluded: [learnt.target.unknown!] };
  const decoder = () => learnt.decoder(sources, { capacity: 6 });
  const texts = (found: { ids: Int32Array }[]) =>
    found.map(({ ids }) => learnt.target.text(ids.filter((id) => id !== end)));
  expect(texts(greedy(decoder(), options))).toEqual(["cba", "ac"]);
  const beams = beamSearch(decoder(), { ...options, beams: 3 }).map(([best]) => best!);
  expect(texts(beams)).toEqual(["cba", "ac"]);
  const drawn = sample(decoder(), { ...options, samples: 3, temperature: 0.1 });
  expect(drawn.map((some) => texts(some))).toEqual([
    ["cba", "cba", "cba"],
    ["ac", "ac", "ac"],
  ]);
});

test("untied vectors of few kinds of tokens begin with N(0, 1), all others with N(0, 0.1)", () => {
  const deviationOf = ({ weight }: { weight: { data(): Float32Array } }) => {
    const values = weight.data();
    return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  };
  const CHARACTERS = { source: "characters", target: "characters" } as const;
  // 300 words, each twice, of some ten letters.
  const pairs = Array.from({ length: 600 }, (_, i) => {
    const word = `w${i % 300}`;
    return { source: word, target: word };
  });
  const vectorsOf = (options: BuildSeq2SeqOptions) => {
    const { encoder, writer } = built({ embeddingSize: 256, ...CHARACTERS, ...options }, pairs);
    return [encoder, writer].map(({ embedding }) => deviationOf(embedding));
  };
  for (const [options, source, target] of [
    [{ tieEmbeddings: "none" }, 1, 1],
    [{ tieEmbeddings: "none", source: "words" }, 0.1, 1],
    [{ tieEmbeddings: "none", target: "words" }, 1, 0.1],
    [{ tieEmbeddings: "none", source: "words", maxSize: 200 }, 1, 1],
    [{ tieEmbeddings: "target" }, 0.1, 0.1],
  ] as const) {
    const [read, written] = vectorsOf(options);
    expect(read! / source).toBeCloseTo(1, 1);
    expect(written! / target).toBeCloseTo(1, 1);
  }
});

describe("how texts are searched for", () => {
  const written = (source: string, options: Seq2SeqPredictOptions = {}) =>
    learnt.predict(source, options).text;

  test("lengths", () => {
    expect(written("abc", { maxLength: 2 })).toBe("cb");
    expect(written("abc", { maxLength: 4 })).toBe("cba");
    expect(learnt.predict("abc", { maxLength: 2 }).finished).toBe(false);
    expect(written("ab", { minLength: 4 })).toHaveLength(4);
    // The longest example, and a quarter more.
    const untrained = built({ hiddenSize: 4, embeddingSize: 4, dropout: 0 });
    const { tokens } = untrained.predict("abcabc".repeat(5), { minLength: 0 });
    expect(tokens.length).toBeLessThanOrEqual(Math.ceil(untrained.options.lengthRatio * 41));
    // An odd pair that makes the limit high, or an odd source, lets nothing go on for minutes.
    const wordy = built({ hiddenSize: 4, embeddingSize: 4, dropout: 0, lengthRatio: 500 });
    const { end } = wordy.target;
    wordy.writer.head.bias!.set(
      Float32Array.from({ length: end + 1 }, (_, id) => (id === end ? -99 : 0)),
    );
    expect(wordy.predict("abc", { beams: 1 }).tokens).toHaveLength(1000);
  });

  test("repeats", () => {
    expect(written("aaaa")).toBe("aaaa");
    expect(written("aaaa", { noRepeatNgramSize: 2 })).not.toContain("aaa");
    expect(new Set(written("aaaa", { repetitionPenalty: 50, minLength: 4 })).size).toBeGreaterThan(
      1,
    );
  });

  test("the best are told, each once, the best first", () => {
    const { alternatives, text } = learnt.predict("abc", { beams: 4, alternatives: 4 });
    expect(alternatives[0]!.text).toBe(text);
    expect(new Set(alternatives.map((one) => one.text)).size).toBe(4);
    const scores = alternatives.map(({ score }) => score);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
  });

  test.each<[Seq2SeqPredictOptions, string]>([
    [{ beams: 2, alternatives: 3 }, "alternatives at most the number of beams, 2, got 3"],
    [{ minLength: 5, maxLength: 3 }, "minLength at most maxLength, 3"],
    [{ lengthPenalty: "none", alpha: 1 }, 'no alpha where lengthPenalty is "none"'],
    [{ repetitionPenalty: 0.5 }, "repetitionPenalty to be a number of at least 1"],
    [{ beam: 2 } as object, 'got "beam"'],
  ])("%j is refused", (options, message) => {
    expect(() => learnt.predict("a", options)).toThrow(OptionError);
    expect(() => learnt.predict("a", options)).toThrow(message);
  });

  test("where there is no attention, none can be told", () => {
    const model = built({ attention: "none", hiddenSize: 4, embeddingSize: 4 });
    for (const option of ["attention", "replaceUnknown"])
      expect(() => model.predict("a", { [option]: true })).toThrow("a model with attention");
  });
});

test("an unknown word is replaced by that of the source that is looked at, where it is asked for", async () => {
  const words = ["ja", "nein", "gut"];
  const names = Array.from({ length: 30 }, (_, i) => `Name${i}`);
  // Each name comes once: it is unknown to the model.
  const pairs = names.map((name, i) => {
    const [a, b] = [words[i % 3]!, words[(i + 1) % 3]!];
    const line = i % 2 ? `${name} ${a} ${b}` : `${a} ${name} ${b}`;
    return { source: line, target: line };
  });
  const tokens = { source: "words", target: "words", split: "whitespace" } as const;
  const model = built({ ...tokens, placement: "output", attention: "dot" }, pairs);
  expect(model.target.tokenizer).toBeInstanceOf(WordTokenizer);
  await model.fit(pairs, { epochs: 25, batchSize: 10, learningRate: 0.02, labelSmoothing: 0 });
  const source = "gut Zebra ja";
  expect(model.predict(source, { beams: 1 }).text).not.toContain("<unk>");
  const {
    text,
    tokens: written,
    attention,
  } = model.predict(source, {
    ...{ beams: 1, replaceUnknown: true, attention: true },
  });
  expect(attention.source).toEqual(["gut", "Zebra", "ja", "</s>"]);
  const place = attention.target.indexOf("<unk>");
  expect(place).toBeGreaterThanOrEqual(0);
  // Of three words; the end mark stands for nothing.
  const row = [...attention.weights.subarray(4 * place, 4 * place + 3)];
  expect(written[place]).toBe(attention.source[row.indexOf(Math.max(...row))]);
  expect(text).toBe(written.join(" "));
});

test("where the model looked is the same for a text alone and among alternatives", () => {
  const options = { beams: 4, attention: true } as const;
  const { alternatives } = learnt.predict("abca", { ...options, alternatives: 4 });
  const alone = learnt.predict("abca", options).attention;
  expect(alternatives[0]!.attention.target).toEqual(alone.target);
  expectClose(alternatives[0]!.attention.weights, alone.weights, 1e-6);
  for (const { attention, finished, tokens } of alternatives) {
    expect(attention.target).toHaveLength(tokens.length + Number(finished));
    expect(attention.weights).toHaveLength(attention.target.length * attention.source.length);
  }
});

test("a source that is read backwards is told forwards", () => {
  const model = built({ reverseSource: true, bidirectional: false, hiddenSize: 8 });
  const { source } = model.predict("abc", { attention: true }).attention;
  expect(source).toEqual(["a", "b", "c", "</s>"]);
  expect([...model.source.encode("abc")]).not.toEqual([...model.source.encode("cba")]);
});

const SENTENCES = [
  "ein mann geht",
  "eine frau geht nach hause",
  "der hund rennt schnell nach hause",
];

describe("what tokens are", () => {
  const pairs = (source: string[], target: string[]) =>
    source.map((text, i) => ({ source: text, target: target[i % target.length]! }));
  const many = (texts: string[]) => Array.from({ length: 100 }, () => texts).flat();
  const dates = Array.from({ length: 30 }, (_, i) => `may ${i + 1}, ${1970 + i}`);
  const chosen = (data: SequencePair[], options: BuildSeq2SeqOptions = {}) =>
    built({ hiddenSize: 4, embeddingSize: 4, ...options }, data).notes.chosen;

  test("the texts tell", () => {
    expect(chosen(pairs(dates, ["1970-05-01"]))).toMatchObject({
      ...{ source: "characters", target: "characters", tieEmbeddings: "target" },
    });
    expect(chosen(pairs(many(["walk"]), many(["W AO K", "W AO K IY"])))).toMatchObject({
      ...{ source: "characters", target: "words", split: "whitespace" },
    });
    expect(chosen(pairs(SENTENCES, SENTENCES))).toMatchObject({
      ...{ source: "subwords", target: "subwords", tieEmbeddings: "all", maxSize: 1000 },
    });
    expect(chosen(pairs(["今天天气很好", "我们去公园"], SENTENCES))).toMatchObject({
      ...{ source: "characters", target: "subwords", tieEmbeddings: "target" },
    });
  });

  test("options and tokenizers decide instead", () => {
    const data = pairs(SENTENCES, SENTENCES);
    const words = built({ source: "words", target: "characters" }, data);
    expect(words.source.tokenizer).toBeInstanceOf(WordTokenizer);
    expect(words.target.tokenizer).toBeInstanceOf(CharTokenizer);
    const own = CharTokenizer.build(SENTENCES.join(""));
    const made = built({ sourceTokenizer: own, target: "subwords", maxSize: 300 }, data);
    expect(made.source.tokenizer).toBe(own);
    expect(made.target.tokenizer).toBeInstanceOf(SubwordTokenizer);
    expect(made.target.tokenizer.size).toBeLessThanOrEqual(300);
    const apart = built({ vocabulary: "separate" }, data);
    expect(apart.source.tokenizer).not.toBe(apart.target.tokenizer);
    const both = built({ source: "words", target: "words", vocabulary: "joint" }, data);
    expect(both.source.tokenizer).toBe(both.target.tokenizer);
  });

  test("subwords that one side alone has taught are taken apart on the other", () => {
    const english = ["a man walks", "a woman walks home", "the dog runs home quickly"];
    const data = pairs(many(SENTENCES), many(english));
    const kinds = { source: "subwords", target: "subwords", maxSize: 400 } as const;
    const tokens = (model: Seq2Seq, side: "source" | "target", text: string) =>
      model[side].tokens(model[side].encode(text));
    const free = built(kinds, data);
    const model = built({ ...kinds, vocabularyThreshold: 50 }, data);
    // Its own words stay whole, those of the other side do not, and the ids are the same.
    expect(tokens(model, "source", "ein hund")).toEqual(tokens(free, "source", "ein hund"));
    expect(tokens(free, "source", "woman quickly").length).toBeLessThan(
      tokens(model, "source", "woman quickly").length,
    );
    expect(tokens(model, "target", "woman quickly")).toEqual(
      tokens(free, "target", "woman quickly"),
    );
    expect(model.source.tokenizer.vocabulary).toBe(model.target.tokenizer.vocabulary);
    expect(model.options.tieEmbeddings).toBe("all");
    const again = Seq2Seq.load(model.save());
    for (const side of ["source", "target"] as const)
      expect(tokens(again, side, "woman hund")).toEqual(tokens(model, side, "woman hund"));
    expect(again.predict("ein hund")).toEqual(model.predict("ein hund"));
  });

  test.each<[BuildSeq2SeqOptions, string]>([
    [
      { source: "words", target: "words", vocabularyThreshold: 2 },
      "subwords beside vocabularyThreshold",
    ],
    [{ source: "words", target: "subwords", vocabularyThreshold: 2 }, "one vocabulary of subwords"],
    [{ vocabulary: "separate", vocabularyThreshold: 2 }, "vocabulary joint"],
    [{ source: "characters", target: "characters", minCount: 2 }, "words beside minCount"],
    [
      { source: "characters", target: "words", maxSize: 1, vocabulary: "joint" },
      "the same source and target",
    ],
    [{ vocabulary: "joint" }, "source and target for one vocabulary"],
    [{ targetTokenizer: {} as never }, "a tokenizer as targetTokenizer"],
    [{ source: "words", sourceTokenizer: CharTokenizer.build("a") }, "or a sourceTokenizer"],
    [{ source: "characters", tieEmbeddings: "all" }, "one vocabulary for both sides"],
    [{ attention: "none", placement: "output" }, "no placement where attention is none"],
    [{ residual: true }, "numLayers above 1 with residual"],
    [{ placement: "gnmt" }, 'numLayers of at least 2 for placement "gnmt"'],
    [{ hiddenSize: 7 }, "an even hiddenSize"],
  ])("%j is refused", (options, message) => {
    const build = () => built(options, pairs(SENTENCES, SENTENCES));
    expect(build).toThrow(OptionError);
    expect(build).toThrow(message);
  });

  test("subwords are put together otherwise each time, where it is asked for", async () => {
    const data = pairs(many(SENTENCES), many(SENTENCES));
    const subwords = { source: "subwords", target: "subwords" } as const;
    const lossOf = async (subwordDropout: number) => {
      const model = built({ hiddenSize: 8, embeddingSize: 8, ...subwords }, data);
      const options = { steps: 2, batchSize: 8, subwordDropout };
      return (await model.fit(data, options)).best.trainLoss;
    };
    expect(await lossOf(0.5)).not.toBe(await lossOf(0));
    const { source } = built({ hiddenSize: 4, embeddingSize: 4, ...subwords }, data);
    expect(source.encode(SENTENCES[2]!).length).toBeLessThan(SENTENCES[2]!.length / 2);
    await expect(learnt.fit(PAIRS, { subwordDropout: 0.1, steps: 1 })).rejects.toThrow(
      "subwords for subwordDropout",
    );
  });
});

describe("batches by tokens", () => {
  const plan = async (options: Seq2SeqFitOptions) => {
    const model = built({ hiddenSize: 4, embeddingSize: 4 });
    let [begun, steps]: [FitPlan | undefined, number] = [undefined, 0];
    await model.fit(PAIRS, {
      ...{ epochs: 2, onBegin: (plan) => void (begun = plan), onStep: () => void steps++ },
      ...options,
    });
    return { ...begun!, done: steps };
  };

  test("the number of steps is known before the first", async () => {
    const { steps, done, stepsPerEpoch, batchSize, chosen } = await plan({ batchTokens: 64 });
    expect(done).toBe(steps);
    expect(steps).toBe(2 * stepsPerEpoch);
    expect(batchSize).toBe(Math.round(500 / stepsPerEpoch));
    expect(chosen).not.toHaveProperty("batchSize");
    // Words of 1 to 4 letters and an end mark: 12 to 32 of them in 64 tokens.
    expect(batchSize).toBeGreaterThan(12);
    expect(batchSize).toBeLessThan(32);
  });

  test("they resume to the same bits", async () => {
    const run = async (checkpoint: Seq2SeqFitOptions["checkpoint"], steps: number) => {
      const model = built({ hiddenSize: 4, embeddingSize: 4 });
      await model.fit(PAIRS, { steps, schedule: "constant", batchTokens: 100, checkpoint });
      return model.save();
    };
    let kept: Uint8Array | undefined;
    const save = (bytes: Uint8Array) => void (kept ??= bytes);
    const whole = await run({ save, every: 25 }, 40);
    manualSeed(99);
    expect(await run({ save: () => {}, resume: kept }, 40)).toEqual(whole);
  });

  test("not of streams, nor beside a batch size", async () => {
    await expect(learnt.fit(() => PAIRS, { batchTokens: 64 })).rejects.toThrow(
      "batchTokens for a list of pairs, got a stream",
    );
    await expect(plan({ batchTokens: 64, batchSize: 8 })).rejects.toThrow(
      "batchSize or batchTokens, got both",
    );
  });
});

test("texts can be lists of tokens where white space separates them", async () => {
  const texts = PAIRS.slice(0, 60).map(({ source, target }) => ({
    source: [...source].join(" "),
    target: [...target].join(" "),
  }));
  const lists = texts.map(({ source, target }) => ({
    source: source.split(" "),
    target: target.split(" "),
  }));
  const tokens = { source: "words", target: "words", split: "whitespace" } as const;
  const [ofTexts, ofLists] = [texts, lists].map((pairs) => built(tokens, pairs));
  expect(ofLists!.save()).toEqual(ofTexts!.save());
  manualSeed(3);
  await ofTexts!.fit(texts, { epochs: 1, batchSize: 8 });
  manualSeed(3);
  await ofLists!.fit(lists, { epochs: 1, batchSize: 8 });
  expect(await ofLists!.evaluate(lists)).toEqual(await ofTexts!.evaluate(texts));
  const { source, target } = lists[0]!;
  expect(ofLists!.predict(source)).toEqual(ofLists!.predict(source.join(" ")));
  expect(ofLists!.score(source, target)).toEqual(
    ofLists!.score(source.join(" "), target.join(" ")),
  );
  expect(() => ofLists!.predict(["a b"])).toThrow(
    'tokens without white space as source, got "a b"',
  );
  // Which tokens characters are is not theirs to say.
  expect(() => learnt.predict(["a", "b"])).toThrow("a text as source, got");
  expect(() => built({ source: "words", target: "words" }, lists)).toThrow('split "whitespace"');
});

test("in lower case, texts are read, written and scored so", async () => {
  const data = PAIRS.slice(0, 100).map(({ source, target }, i) =>
    i % 2 ? { source: source.toUpperCase(), target: target.toUpperCase() } : { source, target },
  );
  const model = built({ lowercase: true }, data);
  expect(model.source.tokenizer.vocabulary.tokens.filter((token) => /[A-Z]/.test(token))).toEqual(
    [],
  );
  await model.fit(data, { epochs: 1, batchSize: 8 });
  expect(model.predict("ABC", { attention: true })).toEqual(
    model.predict("abc", { attention: true }),
  );
  expect(model.score("ABC", "CBA")).toEqual(model.score("abc", "cba"));
  const lower = data.map(({ source, target }) => ({
    source: source.toLowerCase(),
    target: target.toLowerCase(),
  }));
  const { scores, details } = await model.evaluate(data);
  expect(scores).toEqual((await model.evaluate(lower)).scores);
  expect(details.bleuSignature).toContain("case:lc");
  const loaded = Seq2Seq.load(model.save());
  expect(loaded.options.lowercase).toBe(true);
  expect(loaded.predict("ABC")).toEqual(model.predict("abc"));
});

test("one odd pair does not decide how long texts may be", () => {
  const ratioOf = (pairs: readonly SequencePair[]) => built({}, pairs).options.lengthRatio;
  const pairs = Array.from({ length: 60 }, (_, i) => ({
    source: "a".repeat(10 + (i % 5)),
    target: "b".repeat(20 + (i % 5)),
  }));
  const ordinary = ratioOf(pairs);
  const odd = ratioOf([...pairs, { source: "a", target: "b".repeat(5000) }]);
  expect(odd).toBeGreaterThan(ordinary);
  expect(odd).toBeLessThan(2.1 * ordinary);
  // What a few in a hundred have is not odd.
  const some = Array.from({ length: 4 }, () => ({ source: "a", target: "b".repeat(500) }));
  expect(ratioOf([...pairs, ...some])).toBeGreaterThan(40);
});

test("what is no pair is refused, with its place", async () => {
  const wrong = [...PAIRS.slice(0, 2), { source: "a" } as SequencePair];
  expect(() => built({}, wrong)).toThrow("expected a text as target, got undefined in pair 2");
  await expect(learnt.fit(wrong)).rejects.toThrow("in pair 2");
  await expect(learnt.evaluate([])).rejects.toThrow("at least one pair");
  expect(() => learnt.predictBatch(["a", 5 as never])).toThrow("got 5 in pair 1");
  expect(() => learnt.decoder([])).toThrow("a source, got none");
});

test("an empty text is a text; a character that was not learnt is unknown", async () => {
  expect(learnt.predict("").tokens.length).toBeLessThan(6);
  expect(learnt.predict("axb").text).not.toContain("<unk>");
  const { details } = await learnt.evaluate([{ source: "axb", target: "bza" }]);
  expect(details.unknownSource).toBe(0.25);
  expect(await learnt.unknownShare([{ source: "axb", target: "" }])).toBe(0.25);
});

test("a file says what it is; another, or a damaged one, is refused", () => {
  const bytes = learnt.save();
  expect(readModelInfo(bytes).kind).toBe("seq2seq");
  expect(() => Seq2Seq.load(bytes.subarray(0, 900))).toThrow(FormatError);
  expect(() => Seq2Seq.load(saveSafetensors({}))).toThrow(FormatError);
});

test("weights that are not finite are told as such", async () => {
  const model = built({ hiddenSize: 4, embeddingSize: 4 });
  model.writer.head.weight.set(new Float32Array(model.writer.head.weight.size).fill(NaN));
  expect(() => model.predict("a")).toThrow(NumericError);
  expect(() => model.score("a", "b")).toThrow(NumericError);
  await expect(model.evaluate(HELD_OUT)).rejects.toThrow(NumericError);
});
