// The inference build computes what the plain build of `hiddenstate` computes, bit for bit.
import { describe, expect, it } from "vitest";
import * as main from "../../src/index.js";
import { LanguageModel, SequenceClassifier, SequenceTagger } from "../../src/models/index.js";
import { CharTokenizer } from "../../src/text/index.js";
import { load } from "./bundle.js";

const infer = await load();

/** What both have, as far as these tests go. */
type Library = Pick<typeof main, keyof typeof main & keyof typeof infer>;
const asMain = infer as unknown as Library;

/** Numbers between -2 and 2 without a pattern that a wrong order could repeat. */
function numbers(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state / 2 ** 32) * 4 - 2);
  });
}

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

  it("streams the same", () => {
    if ((trained as main.LSTM).bidirectional) return;
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

const x = (lib: Library): main.Tensor => lib.tensor(numbers(24), { shape: [2, 3, 4] });
const y = (lib: Library): main.Tensor => lib.tensor(numbers(24, 7), { shape: [2, 3, 4] });
const ids = (lib: Library): main.Tensor<"int32"> =>
  lib.tensor(Int32Array.of(2, 0, 1, 1, 2, 0), { shape: [2, 3, 1] });

const operations: Record<string, (lib: Library) => main.Tensor | main.Tensor<"int32">> = {
  abs: (lib) => lib.abs(x(lib)),
  exp: (lib) => lib.exp(x(lib)),
  log: (lib) => lib.log(lib.abs(x(lib))),
  sqrt: (lib) => lib.sqrt(lib.abs(x(lib))),
  relu: (lib) => lib.relu(x(lib)),
  sigmoid: (lib) => lib.sigmoid(x(lib)),
  tanh: (lib) => lib.tanh(x(lib)),
  add: (lib) => lib.add(x(lib), y(lib).slice(0, 0, 1)),
  sub: (lib) => lib.sub(2, y(lib)),
  mul: (lib) => lib.mul(x(lib), y(lib)),
  div: (lib) => lib.div(x(lib), y(lib)),
  neg: (lib) => lib.neg(x(lib)),
  "whole numbers": (lib) => ids(lib).add(ids(lib)).mul(3).sub(ids(lib)),
  equal: (lib) => lib.equal(ids(lib), 1),
  less: (lib) => lib.less(x(lib), y(lib)),
  lessEqual: (lib) => lib.lessEqual(ids(lib), 1),
  greater: (lib) => lib.greater(x(lib), 0),
  greaterEqual: (lib) => lib.greaterEqual(x(lib), y(lib)),
  embedding: (lib) => lib.embedding(ids(lib), x(lib).reshape([6, 4])),
  gather: (lib) =>
    lib.gather(x(lib), 1, lib.tensor(new Int32Array(24).fill(2), { shape: [2, 3, 4] })),
  concat: (lib) => lib.concat([x(lib), y(lib)], 1),
  stack: (lib) => lib.stack([x(lib), y(lib)]),
  layerNorm: (lib) => lib.layerNorm(x(lib), [4]),
  linear: (lib) => lib.linear(x(lib), y(lib).reshape([6, 4])),
  matmul: (lib) => lib.matmul(x(lib), lib.transpose(y(lib), 1, 2)),
  "matmul of a row": (lib) => lib.matmul(x(lib).reshape([1, 24]), y(lib).reshape([24, 1])),
  permute: (lib) => x(lib).permute([2, 0, 1]),
  argmax: (lib) => lib.argmax(x(lib), -1),
  logSumExp: (lib) => lib.logSumExp(x(lib), -1),
  mean: (lib) => x(lib).mean([0, 2]),
  sum: (lib) => x(lib).sum(1, true),
  squeeze: (lib) => lib.squeeze(lib.unsqueeze(x(lib), 1), 1),
  split: (lib) => lib.split(x(lib), 2, -1)[1]!,
  softmax: (lib) => lib.softmax(x(lib), 1),
  logSoftmax: (lib) => lib.logSoftmax(x(lib)),
  where: (lib) => lib.where(lib.less(x(lib), y(lib)), x(lib), y(lib)),
  clone: (lib) => x(lib).clone(),
  to: (lib) => x(lib).to("int32").to("float32"),
  arange: (lib) => lib.arange(7),
  full: (lib) => lib.full([3], 2.5),
  ones: (lib) => lib.ones([2, 2]),
  zeros: (lib) => lib.zeros([2, 2]),
  LSTMCell: (lib) => {
    const cell = new lib.LSTMCell(4, 3);
    for (const parameter of cell.parameters()) parameter.set(numbers(parameter.size));
    return cell.forward(x(lib).reshape([6, 4])).h;
  },
  LayerNorm: (lib) => new lib.LayerNorm(4).forward(x(lib)),
};

describe("operations", () => {
  it.each(Object.entries(operations))("%s", (_name, run) => {
    const [theirs, ours] = [run(asMain), run(main)];
    expect(theirs.shape).toEqual(ours.shape);
    expect(theirs.dtype).toBe(ours.dtype);
    expect(bits(theirs.data())).toEqual(bits(ours.data()));
  });

  it("are all here", () => {
    const functions = Object.entries(infer).filter(
      ([name, value]) =>
        typeof value === "function" &&
        /^[a-z]/.test(name) &&
        !/^(backend|buffer|init|memoryUsage|noGrad|readModelInfo|reshape|scope|series|slice|tensor|text|transpose|unsqueeze)|Safetensors|Sync/.test(
          name,
        ),
    );
    expect(functions.map(([name]) => name).filter((name) => !(name in operations))).toEqual([]);
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
  ] as const)("gives the same probabilities: %o", (encoder) => {
    main.manualSeed(5);
    const model = SequenceClassifier.build([...examples], encoder).eval();
    const loaded = infer.SequenceClassifier.load(model.save());
    const asked = ["a film", "good , not bad at all"];
    expect(loaded.predictBatch(asked)).toEqual(model.predictBatch(asked));
  });
});
