// Word2Vec: what it learns, that runs resume to the same bits, what it refuses.
import { describe, expect, it } from "vitest";
import { noise } from "../kernels/harness.js";
import { FormatError, manualSeed, OptionError } from "../../src/index.js";
import { bucketsOf } from "../../src/vectors/subwords.js";
import { countWords } from "../../src/vectors/corpus.js";
import { keepBounds, noiseTable } from "../../src/vectors/chances.js";
import { Word2Vec, type Word2VecFitOptions } from "../../src/vectors/index.js";

/** Two kinds of words that never share a sentence. */
const ANIMALS = ["cat", "dog", "cow", "pig", "hen", "fox"];
const METALS = ["iron", "gold", "zinc", "lead", "tin", "copper"];
const drawn = noise(3600, 11);
const TEXT = Array.from({ length: 600 }, (_, i) => {
  const kind = i % 2 === 0 ? ANIMALS : METALS;
  return Array.from({ length: 6 }, (_, j) => kind[Math.floor(3 * (drawn[6 * i + j]! + 1))]!).join(
    " ",
  );
}).join("\n");

async function trained(options: object, fit: Word2VecFitOptions) {
  manualSeed(3);
  const model = await Word2Vec.build(TEXT, { vectorSize: 10, ...options });
  await model.fit(TEXT, { sample: 0, ...fit });
  return model;
}

describe.each([
  ["cbow", {}],
  ["skip-gram", {}],
  ["cbow", { ngrams: true, buckets: 500 }],
  ["skip-gram", { ngrams: true, buckets: 500 }],
] as const)("%s %j", (architecture, more) => {
  it("puts words of one kind together", async () => {
    const model = await trained({ architecture, ...more }, { epochs: 30, learningRate: 0.1 });
    const vectors = model.vectors();
    for (const kind of [ANIMALS, METALS])
      for (const word of kind)
        expect(
          vectors.mostSimilar(word, { count: 5 }).every((one) => kind.includes(one.word)),
        ).toBe(true);
    for (const word of ["cat", "gold"]) expect(model.vector(word)).toEqual(vectors.vector(word));
    model.dispose();
  });

  it("resumes to the same bits, wherever it was cut off, and from another file of the text", async () => {
    const fit = { epochs: 2, sample: 0.1 };
    const whole = await trained({ architecture, ...more }, fit);
    const long = `${TEXT}\n`.repeat(5);
    const run = async (options: Word2VecFitOptions) => {
      manualSeed(5);
      const model = await Word2Vec.build(long, { architecture, vectorSize: 6, ...more });
      await model.fit(long, { ...fit, ...options });
      return model;
    };
    const uncut = await run({});
    const saved: Uint8Array[] = [];
    const stop = new AbortController();
    const reason = new Error("enough");
    let calls = 0;
    const cut = run({
      signal: stop.signal,
      onProgress: () => void (++calls === 2 && stop.abort(reason)),
      checkpoint: { save: (bytes) => void saved.push(bytes) },
    });
    await expect(cut).rejects.toBe(reason);
    expect(saved).toHaveLength(1);
    manualSeed(999);
    const resumed = await Word2Vec.build(long, { architecture, vectorSize: 6, ...more });
    async function* pieces() {
      for (let at = 0; at < long.length; at += 997) yield long.slice(at, at + 997);
    }
    await resumed.fit(pieces, { ...fit, checkpoint: { save: () => {}, resume: saved[0] } });
    expect(resumed.input.toArray()).toEqual(uncut.input.toArray());
    expect(resumed.output.toArray()).toEqual(uncut.output.toArray());
    for (const model of [whole, uncut, resumed]) model.dispose();
  });
});

it("reads texts cut anywhere, and sentences as lists, as it reads them whole", async () => {
  const whole = await trained({}, { epochs: 1 });
  const bySentences = () => TEXT.split("\n").map((line) => line.split(" "));
  async function* byChunks() {
    for (let at = 0; at < TEXT.length; at += 11)
      yield TEXT.slice(at, at + 11).replaceAll("\n", "\r\n");
  }
  for (const corpus of [bySentences, byChunks]) {
    manualSeed(3);
    const model = await Word2Vec.build(corpus, { vectorSize: 10 });
    await model.fit(corpus, { sample: 0, epochs: 1 });
    expect(model.words).toEqual(whole.words);
    expect(model.input.toArray()).toEqual(whole.input.toArray());
    model.dispose();
  }
  whole.dispose();
});

it("comes back from its file, and goes on", async () => {
  const model = await trained({ ngrams: true, buckets: 50 }, { epochs: 1 });
  const again = Word2Vec.load(model.save());
  expect(again.vectors().values).toEqual(model.vectors().values);
  expect(again.vector("catfox")).toEqual(model.vector("catfox"));
  for (const one of [model, again]) {
    manualSeed(8);
    await one.fit(TEXT, { epochs: 1 });
  }
  expect(again.input.toArray()).toEqual(model.input.toArray());
  const bytes = new TextEncoder().encode("no file");
  expect(() => Word2Vec.load(bytes)).toThrow(FormatError);
  model.dispose();
  again.dispose();
});

it("tells how far it is", async () => {
  const reports: unknown[] = [];
  const model = await trained({}, { epochs: 2, onProgress: (report) => reports.push(report) });
  expect(reports).toEqual([
    { epoch: 0, words: 3600, totalWords: 7200, learningRate: 0.05 },
    { epoch: 1, words: 7200, totalWords: 7200, learningRate: expect.closeTo(0.025, 4) as number },
  ]);
  model.dispose();
});

describe("words", () => {
  it("are counted, the most frequent first; rare ones left out", async () => {
    expect(await countWords("op", "b a\tb\n c c  d a b\n", 2)).toEqual({
      words: ["b", "a", "c"],
      counts: [3, 2, 2],
    });
  });
  it("that are rare are forgotten where there are too many", async () => {
    const rare = Array.from({ length: 50 }, (_, i) => [`x${i}`, "often", "always", "often"]);
    const { words } = await countWords("op", () => rare, 3, 10);
    expect(words).toEqual(["often", "always"]);
  });
  it("have n-grams of the letters between brackets", () => {
    const all = { shortest: 3, longest: 4, buckets: 2 ** 32 };
    // <é ,<éa> …: all of 3 and 4 letters of "<éa>".
    expect(bucketsOf("éa", all)).toHaveLength(3);
    expect(bucketsOf("éa", { ...all, shortest: 1, longest: 1 })).toHaveLength(2);
    expect(bucketsOf("a", { ...all, shortest: 5 })).toEqual([]);
  });
});

describe("chances", () => {
  const counts = [1000, 400, 90, 10, 10, 1];
  it("of noise are those of counts by the power 3/4", () => {
    const table = noiseTable(counts);
    const share = counts.map(() => 0);
    for (let word = 0; word < counts.length; word++) {
      const own = table[2 * word]! / 2 ** 32;
      share[word]! += own / counts.length;
      share[table[2 * word + 1]!]! += (1 - own) / counts.length;
    }
    const powers = counts.map((count) => count ** 0.75);
    const sum = powers.reduce((a, b) => a + b);
    share.forEach((one, word) => expect(one).toBeCloseTo(powers[word]! / sum, 8));
  });
  it("of staying are word2vec.c's", () => {
    const total = 1511;
    const bounds = keepBounds(counts, 0.01);
    counts.forEach((count, word) => {
      const keep = (Math.sqrt(count / (0.01 * total)) + 1) * ((0.01 * total) / count);
      expect(bounds[word]! / 2 ** 32).toBeCloseTo(Math.min(1, keep), 8);
    });
  });
});

describe("refuses", () => {
  it("a text without words enough", async () => {
    await expect(Word2Vec.build("a b c")).rejects.toThrow(
      "at least two words that come 5 times, got 0 of 3",
    );
    const model = await Word2Vec.build(TEXT, { vectorSize: 4 });
    await expect(model.fit("other words")).rejects.toThrow("a text with words of the model");
    expect(() => model.vector("unknown")).toThrow("{ ngrams: true }");
    model.dispose();
  });
  it("a stream that does not begin anew", async () => {
    const once = TEXT.split("\n")[Symbol.iterator]();
    const model = await Word2Vec.build(TEXT, { vectorSize: 4 });
    await expect(model.fit(() => once)).rejects.toBeInstanceOf(OptionError);
    model.dispose();
  });
  it("to go on with a run of other options", async () => {
    const saved: Uint8Array[] = [];
    const checkpoint = { save: (bytes: Uint8Array) => void saved.push(bytes) };
    const model = await trained({}, { epochs: 1, checkpoint });
    const other = model.fit(TEXT, {
      sample: 0,
      epochs: 1,
      window: 2,
      checkpoint: { ...checkpoint, resume: saved[0] },
    });
    await expect(other).rejects.toThrow("the options and the text of the run that was saved");
    await expect(
      model.fit(TEXT, { checkpoint: { ...checkpoint, resume: model.save() } }),
    ).rejects.toBeInstanceOf(FormatError);
    model.dispose();
  });
  it("n-grams whose longest is shorter than the shortest", async () => {
    await expect(Word2Vec.build(TEXT, { ngrams: true, longestNgram: 2 })).rejects.toBeInstanceOf(
      OptionError,
    );
  });
});
