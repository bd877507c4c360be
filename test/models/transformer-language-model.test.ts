// The language model of Transformer layers: trained, scored, saved, resumed, and as a writer.
import { describe, expect, test } from "vitest";
import { crossEntropy, manualSeed, noGrad, OptionError, scope, tensor } from "../../src/index.js";
import { beamSearch } from "../../src/decode/index.js";
import { LanguageModel, type LanguageModelOptions } from "../../src/models/index.js";
import { GPT } from "../../src/nn/index.js";
import { CharTokenizer } from "../../src/text/index.js";
import { expectClose } from "../helpers/expect-close.js";

const TEXT = "the quick brown fox jumps over the lazy dog. ";
const TOKENIZER = CharTokenizer.build(TEXT);

function build(options: LanguageModelOptions = {}, seed = 3): LanguageModel {
  manualSeed(seed);
  const sizes = { hiddenSize: 16, numLayers: 2, numHeads: 2, contextLength: 12 };
  return new LanguageModel(TOKENIZER, { architecture: "transformer", ...sizes, ...options });
}

/** Losses of each token but the first, read in one window. */
function losses(model: LanguageModel, ids: Int32Array): number[] {
  return scope(() =>
    noGrad(() => {
      const input = tensor(ids.subarray(0, -1), { shape: [1, ids.length - 1] });
      const target = tensor(ids.subarray(1), { shape: [1, ids.length - 1] });
      const { logits } = model.eval().forward(input);
      return [...crossEntropy(logits, target, { reduction: "none" }).data()];
    }),
  );
}

describe.each(["rotary", "learned"] as const)("with %s positions", (positions) => {
  test("it learns a text, is saved and loaded with the same bits, and writes it", async () => {
    const model = build({ positions });
    const text = TEXT.repeat(20);
    const { best } = await model.fit(text, {
      ...{ epochs: 30, batchSize: 8, learningRate: 0.01 },
      validation: TEXT.repeat(2),
    });
    expect(best.validation!.perplexity).toBeLessThan(1.6);
    const loaded = LanguageModel.load(model.save());
    expect(loaded.options).toEqual(model.options);
    expect(loaded.save()).toEqual(model.save());
    expect((await loaded.evaluate(TEXT)).scores).toEqual((await model.evaluate(TEXT)).scores);
    const length = positions === "rotary" ? 60 : 8;
    const written = [...loaded.generate("the ", { length, temperature: 0 })].join("");
    if (positions === "rotary") expect(written.length).toBe(length);
    else expect(`the ${written}`).toBe(TEXT.slice(0, 12));
  });
});

test("a killed training goes on to the same bits", async () => {
  const text = TEXT.repeat(8);
  const options = { steps: 24, batchSize: 4, evaluateEvery: 6, validation: TEXT } as const;
  const whole = build({ dropout: 0.1 });
  await whole.fit(text, options);
  const saved: Uint8Array[] = [];
  const cut = build({ dropout: 0.1 });
  const stop = new AbortController();
  await expect(
    cut.fit(text, {
      ...options,
      signal: stop.signal,
      checkpoint: { every: 5, save: (bytes) => void saved.push(bytes.slice()) },
      onStep: ({ step }) => step === 13 && stop.abort(new Error("killed")),
    }),
  ).rejects.toThrow("killed");
  const resumed = build({ dropout: 0.1 }, 99);
  const resume = saved.at(-1)!;
  await resumed.fit(text, { ...options, checkpoint: { every: 100, save: () => {}, resume } });
  for (const [name, { size }] of whole.stateDict())
    expect(resumed.stateDict().get(name)!.data(), `${name} ${size}`).toEqual(
      whole.stateDict().get(name)!.data(),
    );
});

test("evaluation counts every token once, with half a context before it", async () => {
  const model = build();
  const ids = TOKENIZER.encode(TEXT.repeat(2)).slice(0, 41);
  const { scores, details } = await model.evaluate(ids);
  expect(details.tokens).toBe(40);
  const own: number[] = [];
  for (let start = 0; own.length < 40; start += 6) {
    const window = losses(model, ids.subarray(start, Math.min(start + 13, 41)));
    own.push(...window.slice(own.length - start));
  }
  expectClose([scores.loss], [own.reduce((sum, each) => sum + each) / 40], 1e-6);
});

test("its decoder searches what its logits say", () => {
  const model = build().eval();
  const prompt = TOKENIZER.encode("the quick");
  const { size } = TOKENIZER;
  // As many beams as tokens: of two tokens none is missed.
  const decoder = model.decoder({ capacity: size });
  const [best] = beamSearch(decoder, { prompt: [prompt], beams: size, maxLength: 2 })[0]!;
  decoder.dispose();
  let most = { sum: -Infinity, ids: [0, 0] };
  for (let a = 0; a < size; a++)
    for (let b = 0; b < size; b++) {
      const [first, second] = losses(model, Int32Array.of(...prompt, a, b)).slice(-2);
      const sum = -first! - second!;
      if (sum > most.sum) most = { sum, ids: [a, b] };
    }
  expect([...best!.ids]).toEqual(most.ids);
});

test("weights of a GPT are its weights", () => {
  const model = build({ positions: "learned" });
  const gpt = new GPT(TOKENIZER.size, 16, 2, { numLayers: 2, contextLength: 12 });
  model.loadStateDict(gpt.stateDict());
  const ids = TOKENIZER.encode("the quick ");
  const logits = scope(() =>
    noGrad(() =>
      gpt
        .eval()
        .forward(tensor(ids, { shape: [1, 10] }))
        .data(),
    ),
  );
  const own = scope(() =>
    noGrad(() =>
      model
        .eval()
        .forward(tensor(ids, { shape: [1, 10] }))
        .logits.data(),
    ),
  );
  expect(own).toEqual(logits);
});

test("what makes no sense is refused", async () => {
  expect(() => build({ embeddingSize: 8 })).toThrow(
    'LanguageModel with architecture "transformer": expected options among architecture, hiddenSize',
  );
  expect(() => new LanguageModel(TOKENIZER, { numHeads: 2 })).toThrow(OptionError);
  expect(() => LanguageModel.build(TEXT, { contextLength: 2 })).toThrow(OptionError);
  expect(() => build({ numHeads: 3 })).toThrow("numHeads that divide hiddenSize, 16, got 3");
  expect(() => build().carry(1)).toThrow("a carried state of a Transformer, which has no state");
  await expect(build().fit(TEXT, { sequenceLength: 13 })).rejects.toThrow(
    "a sequenceLength of at most contextLength (12)",
  );
  expect(() => build({ hiddenSize: 6 })).toThrow("an even number of features in each head");
});

test("a text ends at the last learned position", () => {
  const model = build({ positions: "learned" });
  // Twelve positions read nine characters of the prompt and three of what follows; the fourth is written only.
  expect([...model.generate("the quick", { length: 10 })].join("")).toHaveLength(4);
  expect([...model.generate("the quick br", { length: 10 })].join("")).toHaveLength(1);
  expect([...model.generate("the quick", { length: 10, beams: 2 })].join("")).toHaveLength(4);
  expect(() => [...model.generate("the quick bro")]).toThrow(
    "a prompt of at most 12 tokens, as many as there are learned positions, got 13",
  );
});

test("build chooses by the text, and notes it", () => {
  const model = LanguageModel.build(TEXT.repeat(3), { architecture: "transformer" });
  expect(model.options).toEqual({
    ...{ architecture: "transformer", hiddenSize: 128, numLayers: 4, dropout: 0.2 },
    ...{ numHeads: 4, contextLength: 128, positions: "rotary" },
  });
  expect(model.notes.chosen).toEqual({ dropout: 0.2 });
});
