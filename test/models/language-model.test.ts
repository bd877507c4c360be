import { describe, expect, test } from "vitest";
import {
  Adam,
  FormatError,
  IndexError,
  OptionError,
  crossEntropy,
  getRngState,
  manualSeed,
  memoryUsage,
  noGrad,
  NumericError,
  scope,
  tensor,
} from "../../src/index.js";
import { stopAtSequence } from "../../src/decode/index.js";
import { readSafetensors, saveSafetensors } from "../../src/io/index.js";
import {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelOptions,
} from "../../src/models/index.js";
import { CharTokenizer, WordTokenizer } from "../../src/text/index.js";
import { expectClose } from "../helpers/expect-close.js";

const TEXT = "the quick brown fox jumps over the lazy dog. ";
const TOKENIZER = CharTokenizer.build(TEXT);

function build(options: LanguageModelOptions = {}, seed = 3): LanguageModel {
  manualSeed(seed);
  return new LanguageModel(TOKENIZER, { embeddingSize: 6, hiddenSize: 10, ...options });
}

function logitsOf(model: LanguageModel, text: string): Float32Array {
  const ids = model.tokenizer.encode(text);
  model.eval();
  return scope(() =>
    noGrad(() => model.forward(tensor(ids, { shape: [1, ids.length] })).logits.data()),
  );
}

describe.each([
  ["one layer", {}],
  ["two layers with dropout", { numLayers: 2, dropout: 0.2 }],
  ["tied weights", { embeddingSize: 10, tieWeights: true }],
] as [string, LanguageModelOptions][])("%s", (_, options) => {
  test("saved and loaded, it gives the same logits", () => {
    const model = build(options);
    const loaded = LanguageModel.load(model.save());
    expect(loaded.options).toEqual(model.options);
    expect(loaded.training).toBe(false);
    expect(logitsOf(loaded, TEXT)).toEqual(logitsOf(model, TEXT));
    expect(loaded.save()).toEqual(model.save());
  });

  test("writes what its logits say, step by step", () => {
    const model = build(options).eval();
    const written = [...model.generate("the ", { length: 12, temperature: 0 })].join("");
    let text = "the ";
    for (const char of written) {
      const logits = logitsOf(model, text).slice(-TOKENIZER.size);
      const [chosen] = TOKENIZER.encode(char);
      // Streaming sums in another order: the chosen one is the largest but for rounding.
      expect(logits[chosen!]!).toBeGreaterThan(Math.max(...logits) - 1e-4);
      text += char;
    }
    expect(text).toHaveLength(16);
  });
});

test("tied weights are one parameter, written once", () => {
  const model = build({ embeddingSize: 10, tieWeights: true });
  expect(model.head.weight).toBe(model.embedding.weight);
  expect(model.parameters()).toHaveLength(6);
  const loaded = LanguageModel.load(model.save());
  expect(loaded.head.weight).toBe(loaded.embedding.weight);
});

test("a carried state makes two windows one", () => {
  const model = build();
  const ids = TOKENIZER.encode(TEXT + TEXT[0]!);
  const window = (start: number, end: number) => ({
    input: tensor(ids.slice(start, end), { shape: [1, end - start] }),
    target: tensor(ids.slice(start + 1, end + 1), { shape: [1, end - start] }),
  });
  const n = TEXT.length;
  const [whole, first, second] = scope(() => {
    const loss = (start: number, end: number, carry: ReturnType<LanguageModel["carry"]>) => {
      const { input, target } = window(start, end);
      return model.loss(input, target, carry).item();
    };
    const carry = model.carry(1);
    return [loss(0, n, model.carry(1)), loss(0, 20, carry), loss(20, n, carry)];
  });
  expectClose([(first * 20 + second * (n - 20)) / n], [whole], 1e-6);
});

test("gradients of a window start from the carried state, not from where it moved on to", () => {
  const gradients = (useCarry: boolean) => {
    const model = build();
    return scope(() => {
      const carry = model.carry(1);
      const encode = (text: string) => tensor(TOKENIZER.encode(text), { shape: [1, text.length] });
      model.loss(encode("the quick"), encode("he quick "), carry);
      if (useCarry) model.loss(encode("brown"), encode("rown "), carry).backward();
      else {
        const state = { h: carry.h.clone(), c: carry.c.clone() };
        const { logits } = model.forward(encode("brown"), { state });
        crossEntropy(logits, encode("rown ")).backward();
      }
      return model.parameters().map((parameter) => [...parameter.grad!.data()]);
    });
  };
  expect(gradients(true)).toEqual(gradients(false));
});

describe("evaluate", () => {
  test("is the mean over all tokens but the first, in whatever pieces it reads them", async () => {
    const model = build({ dropout: 0.5 });
    const text = TEXT.repeat(30);
    const ids = TOKENIZER.encode(text);
    const logits = logitsOf(model, text);
    let sum = 0;
    for (let t = 0; t < ids.length - 1; t++) {
      const row = [...logits.subarray(t * TOKENIZER.size, (t + 1) * TOKENIZER.size)];
      const largest = Math.max(...row);
      const total = row.reduce((acc, logit) => acc + Math.exp(logit - largest), 0);
      sum += largest + Math.log(total) - row[ids[t + 1]!]!;
    }
    const mean = sum / (ids.length - 1);
    model.train();
    const { loss, perplexity } = (await model.evaluate(text)).scores;
    expectClose([loss, perplexity], [mean, Math.exp(mean)], { absolute: 0, relative: 1e-5 });
    expect(model.training && model.dropout!.training).toBe(true);
    expect(await model.evaluate(ids)).toEqual({
      scores: { perplexity, loss },
      details: { tokens: ids.length - 1, unknown: 0 },
    });
  });

  test("refuses a text that has nothing to predict", async () => {
    await expect(build().evaluate("t")).rejects.toThrow(OptionError);
  });
});

describe("generate", () => {
  test("the same seed gives the same text, whatever else draws random numbers", () => {
    const model = build();
    const write = (seed: number) => [...model.generate("the ", { length: 40, seed })].join("");
    const first = write(5);
    manualSeed(77);
    expect(write(5)).toBe(first);
    expect(write(6)).not.toBe(first);
    expect(getRngState()).toEqual({ seed: 77, counter: 0 });
  });

  test("comes piece by piece, and can be left early", () => {
    const model = build();
    const pieces: string[] = [];
    for (const piece of model.generate("the ")) if (pieces.push(piece) === 3) break;
    expect(pieces.map((piece) => piece.length)).toEqual([1, 1, 1]);
  });

  test("stops where a condition says so", () => {
    const model = build();
    const all = [...model.generate("the ", { length: 60, seed: 2 })];
    const end = TOKENIZER.encode(all.slice(7, 9).join(""));
    const stopped = [...model.generate("the ", { length: 60, seed: 2, stop: stopAtSequence(end) })];
    expect(stopped.length).toBeLessThanOrEqual(9);
    expect(all.slice(0, stopped.length)).toEqual(stopped);
  });

  test("with beams is the most probable text of all, where the beam holds them all", () => {
    manualSeed(4);
    const tokenizer = CharTokenizer.build("abc.");
    const model = new LanguageModel(tokenizer, { embeddingSize: 4, hiddenSize: 6 });
    // Texts of up to 4 tokens that end at a full stop, each scored by the whole model.
    const end = tokenizer.encode(".")[0]!;
    const texts = [""];
    for (let length = 0; length < 4; length++)
      for (const text of texts.filter((each) => each.length === length && !each.includes(".")))
        for (const next of "abc.") texts.push(text + next);
    const whole = texts.filter((text) => text.length === 4 || text.endsWith("."));
    const scored = whole.map((text) => {
      const logits = logitsOf(model, `ab${text}`);
      return [...text].reduce((sum, letter, i) => {
        const row = [...logits.subarray((i + 1) * 4, (i + 2) * 4)];
        const total = Math.log(row.reduce((all, each) => all + Math.exp(each), 0));
        return sum + row[tokenizer.encode(letter)[0]!]! - total;
      }, 0);
    });
    const best = whole[scored.indexOf(Math.max(...scored))];
    const options = { length: 4, beams: 256, endToken: end };
    expect([...model.generate("ab", options)].join("")).toBe(best);
    const average = scored.map((score, i) => score / whole[i]!.length);
    const longer = whole[average.indexOf(Math.max(...average))];
    const penalty = { lengthPenalty: "average" as const };
    expect([...model.generate("ab", { ...options, ...penalty })].join("")).toBe(longer);
  });

  test("refuses options that the other way of writing has", () => {
    const model = build();
    const refuse = (options: GenerateOptions) =>
      expect(() => model.generate("the ", options).next()).toThrow(OptionError);
    refuse({ beams: 3, temperature: 0.5 });
    refuse({ beams: 3, stop: () => true });
    refuse({ lengthPenalty: "wu" });
    refuse({ beams: 0 });
    refuse({ heat: 1 } as GenerateOptions);
  });

  test("as a decoder has the logits of the whole model, row by row", () => {
    const model = build();
    const decoder = model.decoder({ rows: 2, capacity: 3 });
    const { size } = TOKENIZER;
    const expectRow = (logits: Float32Array, row: number, text: string) =>
      expect([...logits.subarray(row * size, (row + 1) * size)]).toEqual([
        ...logitsOf(model, text).subarray(-size),
      ]);
    const [a, b, c] = TOKENIZER.encode("abc");
    decoder.step(Int32Array.of(a!, b!));
    const two = new Float32Array(2 * size);
    decoder.step(Int32Array.of(c!, c!), two);
    expectRow(two, 0, "ac");
    expectRow(two, 1, "bc");
    decoder.select(Int32Array.of(1, 0, 1));
    const three = new Float32Array(3 * size);
    decoder.step(Int32Array.of(a!, b!, c!), three);
    expectRow(three, 0, "bca");
    expectRow(three, 1, "acb");
    expectRow(three, 2, "bcc");
    decoder.select(Int32Array.of(1));
    const one = new Float32Array(size);
    decoder.step(Int32Array.of(a!), one);
    expectRow(one, 0, "acba");
    expect(() => decoder.step(Int32Array.of(size))).toThrow(IndexError);
    decoder.dispose();
  });

  test("refuses an empty prompt, and characters it does not know", () => {
    const model = build();
    expect(() => model.generate("").next()).toThrow(OptionError);
    expect(() => model.generate("THE").next()).toThrow(IndexError);
  });
});

describe("of words", () => {
  const tokenizer = WordTokenizer.build("the cat sat .\nthe dog sat .\na bird flew\n", {
    minCount: 2,
  });
  const words = () => {
    manualSeed(4);
    return new LanguageModel(tokenizer, { embeddingSize: 8, hiddenSize: 8, tieWeights: true });
  };

  test("writes words with spaces between them, and never the one for unknown words", () => {
    const model = words();
    // Whatever else it thinks, it finds an unknown word most likely.
    const bias = new Float32Array(tokenizer.size);
    bias[tokenizer.vocabulary.id("<unk>")] = 100;
    model.head.bias!.set(tensor(bias));
    const write = (prompt: string) => [...model.generate(prompt, { length: 300, seed: 1 })];
    const pieces = write("the dog");
    const text = "the dog" + pieces.join("");
    expect(text).not.toContain("<unk>");
    expect(text).toMatch(/^the dog(\.| the| sat|\n)/);
    expect(text).not.toMatch(/ \.|\n | \n| {2}/);
    expect(new Set(pieces.map((piece) => piece.trim()))).toEqual(new Set(["the", "sat", ".", ""]));
    expect(write("the dog ")[0]).toBe(pieces[0]!.trimStart());
  });

  test("saved and loaded, it scores and writes the same", async () => {
    const model = words();
    const loaded = LanguageModel.load(model.save());
    expect(loaded.tokenizer).toEqual(tokenizer);
    expect(loaded.head.weight).toBe(loaded.embedding.weight);
    const text = "the cat flew\nthe dog sat .\n";
    expect(await loaded.evaluate(text)).toEqual(await model.evaluate(text));
    expect([...loaded.generate("the")]).toEqual([...model.generate("the")]);
  });

  test("learns which word follows which, also the unknown ones", async () => {
    const model = words();
    const text = "the cat sat .\nthe dog sat .\n".repeat(20);
    const ids = tokenizer.encode(text);
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const carry = model.carry(1);
    for (let step = 0; step < 60; step++)
      scope(() => {
        carry.reset();
        const shape = [1, ids.length - 1];
        const loss = model.loss(
          tensor(ids.subarray(0, -1), { shape }),
          tensor(ids.subarray(1), { shape }),
          carry,
        );
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      });
    expect((await model.evaluate(text)).scores.perplexity).toBeLessThan(1.1);
    const next = [...model.generate("the cat", { length: 4, temperature: 0 })];
    expect(next).toEqual([" sat", ".", "\n", "the"]);
  });
});

describe("load", () => {
  test("leaves the program's random stream alone", () => {
    const bytes = build().save();
    manualSeed(8);
    LanguageModel.load(bytes);
    expect(getRngState()).toEqual({ seed: 8, counter: 0 });
  });

  test("refuses files that hold something else, with what they hold", () => {
    expect(() => LanguageModel.load(saveSafetensors({}))).toThrow(FormatError);
    const { tensors, metadata } = readSafetensors(build().save());
    const changed = (key: string, value: string) => () =>
      LanguageModel.load(
        saveSafetensors(tensors, { metadata: new Map([...metadata, [key, value]]) }),
      );
    expect(changed("hiddenstate.version", "2")).toThrow("got language-model, version 2");
    expect(changed("hiddenstate.model", "tagger")).toThrow("got tagger");
    expect(changed("hiddenstate.tokenizer", "{}")).toThrow(FormatError);
    expect(changed("hiddenstate.options", "{")).toThrow(FormatError);
    expect(changed("hiddenstate.options", '{"hiddenSize":11,"embeddingSize":6}')).toThrow(
      "[44, 6]",
    );
  });
});

test("tied weights of two sizes are refused", () => {
  expect(() => build({ tieWeights: true })).toThrow(OptionError);
});

describe("build and fit", () => {
  const text = "the cat sat. the dog ran. ".repeat(30);
  const options = { hiddenSize: 12, embeddingSize: 6 };
  const start = (seed = 2) => {
    manualSeed(seed);
    return LanguageModel.build(text, options);
  };
  const FIT = { batchSize: 4, sequenceLength: 10, epochs: 4, learningRate: 0.02 };

  test("characters, and sizes by what they are", () => {
    const model = LanguageModel.build(text);
    expect(model.tokenizer).toBeInstanceOf(CharTokenizer);
    expect(model.options).toMatchObject({ hiddenSize: 128, embeddingSize: 32 });
    const ofWords = LanguageModel.build(text, { tokens: "words", hiddenSize: 10 });
    expect(ofWords.tokenizer).toEqual(WordTokenizer.build(text, { minCount: 2 }));
    expect(ofWords.options).toMatchObject({ hiddenSize: 10, embeddingSize: 10 });
    const own = LanguageModel.build(text, { tokenizer: TOKENIZER, embeddingSize: 5 });
    expect(own.tokenizer).toBe(TOKENIZER);
    expect(own.options.embeddingSize).toBe(5);
    expect(() => LanguageModel.build(text, { minCount: 3 })).toThrow("no minCount beside tokens");
    expect(() => LanguageModel.build(text, { hiden: 3 } as never)).toThrow('"hiden"');
    expect(() => LanguageModel.build(5 as never)).toThrow("expected text of type string, got 5");
  });

  test("learn, keep the best weights, and say how good they are", async () => {
    const model = start();
    const before = memoryUsage();
    const { best, evaluations, steps } = await model.fit(text, { ...FIT, validation: text });
    // Garbage of other tests may go meanwhile.
    expect(memoryUsage().tensors).toBeLessThanOrEqual(before.tensors);
    expect(evaluations).toHaveLength(4);
    expect(steps).toBe(4 * Math.ceil((195 - 1) / 10));
    expect(best.validation!.perplexity).toBeLessThan(evaluations[0]!.validation!.perplexity);
    expect((await model.evaluate(text)).scores).toEqual(best.validation);
    expect(model.notes.training).toMatchObject({ steps, best, options: { epochs: 4 } });
    expect(LanguageModel.load(model.save()).notes).toEqual(model.notes);
  });

  test("resume to the same bits, the carried state included", async () => {
    const whole = start();
    const saved: Uint8Array[] = [];
    const save = (bytes: Uint8Array) => void saved.push(bytes);
    await whole.fit(text, { ...FIT, validation: text, checkpoint: { every: 7, save } });
    for (const resume of [saved[0]!, saved[4]!]) {
      const resumed = start(99);
      await resumed.fit(text, { ...FIT, validation: text, checkpoint: { save() {}, resume } });
      expect(resumed.save()).toEqual(whole.save());
    }
  });

  test("nothing stays behind where a text cannot be scored", async () => {
    const model = start();
    const before = memoryUsage();
    await expect(model.fit(text, { ...FIT, validation: "t" })).rejects.toThrow(OptionError);
    await expect(model.fit("xyz", FIT)).rejects.toThrow(IndexError);
    for (let i = 0; i < 3; i++)
      await expect(model.evaluate(Int32Array.of(0, 1, 99))).rejects.toThrow(IndexError);
    expect(memoryUsage().tensors).toBeLessThanOrEqual(before.tensors);
  });

  test("NaN weights are named", async () => {
    const model = start();
    model.head.bias!.set(tensor(new Float32Array(model.tokenizer.size).fill(NaN)));
    await expect(model.evaluate(text)).rejects.toThrow(NumericError);
  });
});

describe("characters that a model has not learnt", () => {
  test("fault 17: are scored with a probability of 1e-6 each, the rest as if they were not there", async () => {
    const model = build();
    const known = await model.evaluate(TEXT);
    const { scores, details } = await model.evaluate(`the §${TEXT.slice(4)}Ж`);
    const tokens = TEXT.length - 1;
    expect(details).toEqual({ tokens: tokens + 2, unknown: 2 });
    const loss = (known.scores.loss * tokens + 2 * Math.log(1e6)) / (tokens + 2);
    expectClose([scores.loss, scores.perplexity], [loss, Math.exp(loss)], 1e-6);
    expect(await model.unknownShare("the §")).toBeCloseTo(1 / 5, 10);
  });

  test("may be in the validation text, not in what is learnt", async () => {
    const model = build();
    const text = TEXT.repeat(3);
    const { best } = await model.fit(text, { steps: 2, validation: `${TEXT}§` });
    expect(best.validation!.loss).toBeGreaterThan(Math.log(1e6) / (TEXT.length + 1));
    await expect(model.fit(`${text}§`, { steps: 2 })).rejects.toThrow(IndexError);
  });

  test("words are scored as the unknown word, and counted", async () => {
    const tokenizer = WordTokenizer.build("the cat sat the cat sat", { minCount: 2 });
    const model = new LanguageModel(tokenizer, { embeddingSize: 4, hiddenSize: 4 });
    expect((await model.evaluate("the cat flew")).details).toEqual({ tokens: 2, unknown: 1 });
  });
});

test("tied weights of characters have one size, chosen by the state's", () => {
  const { options } = LanguageModel.build(TEXT, { tieWeights: true, hiddenSize: 9 });
  expect(options).toMatchObject({ embeddingSize: 9, hiddenSize: 9 });
});

test("a text that is too short for its batches says which option to change", async () => {
  const run = build().fit("the dog", { batchSize: 4 });
  await expect(run).rejects.toThrow(
    "LanguageModel.fit: expected at least 8 tokens for a batchSize of 4, got 7.",
  );
});

test("what is no text is refused by name", () => {
  const model = build();
  for (const prompt of [5, undefined, null])
    expect(() => model.generate(prompt as never).next()).toThrow(
      "LanguageModel.generate: expected prompt of type string",
    );
  expect(() => LanguageModel.build(undefined as never)).toThrow(OptionError);
});

test("fault 10: weights that are not finite write nothing", () => {
  const model = build();
  model.head.bias!.set(tensor(new Float32Array(TOKENIZER.size).fill(NaN)));
  expect(() => model.generate("the ").next()).toThrow(NumericError);
  expect(() => model.generate("the ", { beams: 2 }).next()).toThrow(NumericError);
});

describe("sampled tokens", () => {
  const fit = { steps: 12, batchSize: 4, sequenceLength: 9, learningRate: 0.02 } as const;

  test.each(["lstm", "transformer"] as const)(
    "%s: learns, and scores by the full softmax",
    async (architecture) => {
      manualSeed(5);
      const sizes = architecture === "lstm" ? { embeddingSize: 6 } : { numHeads: 2, numLayers: 1 };
      const model = new LanguageModel(TOKENIZER, { architecture, hiddenSize: 16, ...sizes });
      const before = (await model.evaluate(TEXT)).scores.loss;
      await model.fit(TEXT.repeat(12), { ...fit, steps: 80, sampledTokens: 12 });
      expect((await model.evaluate(TEXT)).scores.loss).toBeLessThan(before - 1);
    },
  );

  test("it is another training than by all tokens, and resumes to the same bits", async () => {
    const text = TEXT.repeat(12);
    const trained = async (options: object, seed = 3) => {
      const model = build({}, seed);
      await model.fit(text, { ...fit, ...options });
      return model.save();
    };
    const whole = await trained({ sampledTokens: 9 });
    expect(whole).not.toEqual(await trained({}));
    let resume: Uint8Array | undefined;
    await trained({
      sampledTokens: 9,
      checkpoint: { every: 7, save: (bytes: Uint8Array) => void (resume ??= bytes.slice()) },
    });
    const checkpoint = { every: 100, save: () => {}, resume };
    expect(await trained({ sampledTokens: 9, checkpoint }, 99)).toEqual(whole);
  });

  test("as many as there are tokens are refused", async () => {
    const sampledTokens = TOKENIZER.size;
    await expect(build().fit(TEXT.repeat(4), { sampledTokens })).rejects.toThrow(
      `sampledTokens below ${TOKENIZER.size}`,
    );
  });
});
