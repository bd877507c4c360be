// What is written gives in ONNX Runtime, and read back here, what the module gives.
import { describe, expect, it } from "vitest";
import * as hidden from "../../src/index.js";
import { manualSeed, randn, scope, tensor, type Module, type Tensor } from "../../src/index.js";
import * as models from "../../src/models/index.js";
import * as nn from "../../src/nn/index.js";
import { describeOnnx, toOnnx } from "../../src/onnx/index.js";
import { ids, list, numbers, type Given } from "./ort.js";
import { expectWritten } from "./written.js";

const { Embedding, GRU, LayerNorm, Linear, LSTM, RNN } = hidden;

type Layer = Module & { forward(x: Tensor): Tensor };

function trained(): Layer {
  const norm = new nn.BatchNorm1d(4);
  scope(() => void norm.forward(randn([8, 4, 6])));
  return norm;
}

const STEPS = ["batch", "time", 6];
const CHANNELS = ["batch", 4, "time"];
const LAYERS: Readonly<Record<string, [() => Layer, (string | number)[]]>> = {
  ReLU: [() => new nn.ReLU(), STEPS],
  Tanh: [() => new nn.Tanh(), STEPS],
  Sigmoid: [() => new nn.Sigmoid(), STEPS],
  Softmax: [() => new nn.Softmax(), STEPS],
  LogSoftmax: [() => new nn.LogSoftmax(1), STEPS],
  GELU: [() => new nn.GELU(), STEPS],
  "GELU, tanh": [() => new nn.GELU({ approximate: "tanh" }), STEPS],
  SiLU: [() => new nn.SiLU(), STEPS],
  ELU: [() => new nn.ELU(0.7), STEPS],
  LeakyReLU: [() => new nn.LeakyReLU(0.2), STEPS],
  Hardtanh: [() => new nn.Hardtanh(-0.5, 0.3), STEPS],
  Softplus: [() => new nn.Softplus(2), STEPS],
  LayerNorm: [() => new LayerNorm(6), STEPS],
  "LayerNorm of two axes": [() => new LayerNorm([4, 6], { elementwiseAffine: false }), STEPS],
  RMSNorm: [() => new nn.RMSNorm(6), STEPS],
  Flatten: [() => new nn.Flatten(), STEPS],
  "Flatten of the first": [() => new nn.Flatten(0, 1), STEPS],
  Dropout: [() => new hidden.Dropout(0.3), STEPS],
  Linear: [() => new Linear(6, 3), STEPS],
  SinusoidalPositions: [() => new nn.SinusoidalPositions(9, 6), STEPS],
  LearnedPositions: [() => new nn.LearnedPositions(9, 6), STEPS],
  BatchNorm1d: [trained, CHANNELS],
  Conv1d: [() => new nn.Conv1d(4, 8, 3, { padding: 1, stride: 2 }), CHANNELS],
  "Conv1d, same": [() => new nn.Conv1d(4, 8, 4, { padding: "same" }), CHANNELS],
  "Conv1d, causal": [() => new nn.Conv1d(4, 8, 3, { padding: "causal", dilation: 2 }), CHANNELS],
  "Conv1d, groups": [() => new nn.Conv1d(4, 8, 3, { groups: 2, bias: false }), CHANNELS],
  ConvTranspose1d: [
    () => new nn.ConvTranspose1d(4, 3, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    CHANNELS,
  ],
  MaxPool1d: [() => new nn.MaxPool1d(2), CHANNELS],
  AvgPool1d: [
    () => new nn.AvgPool1d(3, { padding: 1, stride: 2, countIncludePad: false }),
    CHANNELS,
  ],
};

describe("layers", () => {
  it.each(Object.entries(LAYERS))("%s", async (_, [make, axes]) => {
    manualSeed(1);
    const layer = make();
    const given = { x: numbers(3, 4, 6) };
    await expectWritten(layer, { inputs: { x: axes } }, given, ({ x }) => ({
      output: layer.forward(x!),
    }));
  });

  it("in a chain, with images", async () => {
    const model = new nn.Sequential(
      ...[new nn.Conv2d(2, 3, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2)],
      ...[new nn.AvgPool2d(2), new nn.Flatten() as unknown as nn.Layer, new Linear(12, 2)],
    );
    await expectWritten(
      model,
      { inputs: { x: ["batch", 2, 8, 8] } },
      { x: numbers(3, 2, 8, 8) },
      ({ x }) => ({
        output: model.forward(x!),
      }),
    );
  });

  it("of ids, with a recurrent layer between", async () => {
    const model = new nn.Sequential(
      new Embedding(50, 8),
      new GRU(8, 16, { bidirectional: true }),
      new Linear(32, 4),
    );
    await expectWritten(model, {}, { ids: ids(50, 2, 7) }, (given) => ({
      output: model.forward(given["ids"] as never),
    }));
  });
});

const RECURRENT = {
  LSTM: () => new LSTM(5, 7),
  "LSTM, two layers, both directions": () => new LSTM(5, 7, { numLayers: 2, bidirectional: true }),
  "LSTM without biases": () => new LSTM(5, 7, { bias: false }),
  "LSTM, directions summed": () =>
    new LSTM(5, 7, { numLayers: 2, bidirectional: true, mergeMode: "sum" }),
  "GRU, directions averaged": () => new GRU(5, 7, { bidirectional: true, mergeMode: "average" }),
  "GRU, directions multiplied": () => new GRU(5, 7, { bidirectional: true, mergeMode: "mul" }),
  "GRU, directions apart": () =>
    new GRU(5, 7, { numLayers: 2, bidirectional: true, mergeMode: "none" }),
  "GRU, residual": () => new GRU(5, 7, { numLayers: 3, skip: "residual" }),
  "LSTM, input to all layers": () => new LSTM(5, 7, { numLayers: 2, skip: "concat" }),
  "GRU, reset before": () => new GRU(5, 7, { resetAfter: false }),
  RNN: () => new RNN(5, 7, { numLayers: 2 }),
  "RNN, ReLU": () => new RNN(5, 7, { nonlinearity: "relu", bidirectional: true }),
};

describe("recurrent layers, with states and lengths", () => {
  it.each(Object.entries(RECURRENT))("%s", async (_, make) => {
    manualSeed(1);
    const layer = make() as hidden.LSTM;
    const slots = layer.numLayers * layer.directions;
    const given: Record<string, Given> = {
      x: numbers(3, 6, 5),
      lengths: list(6, 2, 4),
      h0: numbers(slots, 3, 7),
    };
    if (make() instanceof LSTM) given["c0"] = numbers(slots, 3, 7);
    await expectWritten(layer, { states: true, lengths: true }, given, ({ x, lengths, h0, c0 }) => {
      const state = (c0 ? { h: h0, c: c0 } : { h: h0 }) as hidden.LSTMState;
      const { output, state: end } = layer.forward(x!, {
        state,
        lengths: lengths as unknown as Tensor<"int32">,
      });
      return { output, hn: end.h, ...(c0 && { cn: end.c }) };
    });
  });
});

describe("Transformers", () => {
  const settings = {
    plain: {},
    "normalized first": { normFirst: true, activation: "gelu", rotary: true, window: 3 },
    "RMS norm": { normFirst: true, norm: "rms", activation: "silu", bias: false },
    tanh: { activation: "geluTanh" },
  } as const;
  it.each(Object.entries(settings))("%s", async (_, options) => {
    manualSeed(1);
    const layer = new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32, ...options });
    const encoder = new nn.TransformerEncoder(layer, 2, { norm: new LayerNorm(16) });
    const given = { x: numbers(2, 6, 16), lengths: list(6, 3) };
    await expectWritten(encoder, { causal: true, lengths: true }, given, ({ x, lengths }) => ({
      output: encoder.forward(x!, { causal: true, lengths: lengths as unknown as Tensor<"int32"> }),
    }));
  });

  it.each(["rotary", "learned"] as const)("GPT, positions %s", async (positions) => {
    manualSeed(1);
    const gpt = new nn.GPT(30, 16, 4, { numLayers: 2, positions });
    await expectWritten(gpt, {}, { ids: ids(30, 2, 9) }, (given) => ({
      logits: gpt.forward(given["ids"] as never),
    }));
  });
});

describe("ready models", () => {
  const text = "to be or not to be, that is the question ".repeat(20);

  it.each([
    { hiddenSize: 16, embeddingSize: 16, numLayers: 2, tieWeights: true },
    { hiddenSize: 12 },
  ])("LanguageModel of an LSTM %o", async (options) => {
    const model = models.LanguageModel.build(text, options);
    const { numLayers, hiddenSize } = model.lstm!;
    const state = numbers(numLayers, 2, hiddenSize);
    const given = { ids: ids(model.tokenizer.size, 2, 9), h0: state, c0: state };
    await expectWritten(model, {}, given, ({ ids, h0, c0 }) => {
      const { logits, state } = model.forward(ids as never, { state: { h: h0!, c: c0! } });
      return { logits, hn: state!.h, cn: state!.c };
    });
    const { vocabulary } = Object.fromEntries(describeOnnx(toOnnx(model)).metadata);
    expect(JSON.parse(vocabulary!)).toEqual(model.tokenizer.vocabulary.tokens);
  });

  it("LanguageModel of a Transformer", async () => {
    const model = models.LanguageModel.build(text, {
      architecture: "transformer",
      hiddenSize: 16,
      numLayers: 2,
      numHeads: 2,
      contextLength: 6,
    });
    await expectWritten(model, {}, { ids: ids(model.tokenizer.size, 2, 6) }, (given) => ({
      logits: model.forward(given["ids"] as never).logits,
    }));
  });

  const texts = [
    { input: "what a film this was", label: "good" },
    { input: "so dull and long", label: "bad" },
  ];
  it.each<models.BuildClassifierOptions<string>>([
    { encoder: "mean" },
    { encoder: "mean", hiddenSize: 8 },
    { encoder: "recurrent", hiddenSize: 6, pooling: "last", bidirectional: true, numLayers: 2 },
    { encoder: "recurrent", hiddenSize: 6, pooling: "mean" },
    { encoder: "recurrent", hiddenSize: 6, pooling: "max", cell: "gru" },
    { encoder: "recurrent", hiddenSize: 6, pooling: "attention" },
    { encoder: "transformer", hiddenSize: 16, numHeads: 2 },
    { encoder: "transformer", hiddenSize: 16, numHeads: 2, pooling: "attention" },
    { encoder: "convolutional", filters: 4 },
    { encoder: "convolutional", filters: 4, kernelSizes: [1, 3] },
    { encoder: "lstm-fcn", hiddenSize: 6, channels: [4, 5], kernelSizes: [5, 3] },
  ])("SequenceClassifier of texts, one of them empty, %o", async (options) => {
    manualSeed(1);
    const model = models.SequenceClassifier.build(texts, options);
    const vocabulary = (model.input as unknown as models.TextInput).tokenizer.size;
    // A text of no words among them.
    const [read, lengths] = [ids(vocabulary, 3, 7), [7, 0, 5]];
    await expectWritten(model, {}, { ids: read, lengths: list(...lengths) }, () => ({
      logits: model.forward(
        lengths.map((n, row) => (read.data as Int32Array).slice(row * 7, row * 7 + n)),
      ),
    }));
    const { labels } = Object.fromEntries(describeOnnx(toOnnx(model)).metadata);
    expect(JSON.parse(labels!)).toEqual(["bad", "good"]);
  });

  it("SequenceClassifier of series, which it normalizes", async () => {
    const examples = [0, 1, 2, 3].map((k) => ({
      input: Array.from({ length: 9 }, (_, i) => [((7 * i + k) % 5) + k, i / 9]),
      label: k % 2 === 0 ? "a" : "b",
    }));
    const model = models.SequenceClassifier.build(examples, {
      input: models.series(),
      encoder: "recurrent",
      hiddenSize: 5,
    });
    const [x, lengths] = [numbers(3, 7, 2), [7, 3, 5]];
    await expectWritten(model, {}, { x, lengths: list(...lengths) }, () => ({
      logits: model.forward(
        lengths.map((n, row) => (x.data as Float32Array).slice(row * 14, row * 14 + 2 * n)),
      ),
    }));
  });

  it("MultiLabelClassifier", async () => {
    const examples = [
      { input: "a b c", labels: ["x"] },
      { input: "b d", labels: ["x", "y"] },
    ];
    const model = models.MultiLabelClassifier.build(examples, { encoder: "mean" });
    const read = ids((model.input as unknown as models.TextInput).tokenizer.size, 2, 5);
    await expectWritten(model, {}, { ids: read, lengths: list(5, 2) }, () => ({
      logits: model.forward([
        (read.data as Int32Array).slice(0, 5),
        (read.data as Int32Array).slice(5, 7),
      ]),
    }));
  });

  it("SeriesForecaster", async () => {
    const series = [{ values: Array.from({ length: 80 }, (_, i) => ((7 * i) % 12) + 10) }];
    const model = models.SeriesForecaster.build(series, { horizon: 4, hiddenSize: 8 });
    const network = model.network as Module & {
      recurrent: hidden.LSTM;
      forward(x: Tensor, ahead: undefined): Tensor;
    };
    const features = network.recurrent.inputSize;
    await expectWritten(model, {}, { x: numbers(2, 9, features) }, ({ x }) => {
      const said = network.forward(x!, undefined);
      return { said: said.reshape([2, 9, said.size / 18]) };
    });
  });
});

describe("ready models of notes and of sound", () => {
  it("MusicModel", async () => {
    const model = models.MusicModel.build([{ steps: [[60, 64], [62]] }], {
      hiddenSize: 5,
      embeddingSize: 4,
    });
    const columns = model.network.columns.count;
    const state = numbers(model.network.lstm.numLayers, 2, 5);
    await expectWritten(
      model,
      {},
      { x: numbers(2, 3, columns), h0: state, c0: state },
      ({ x, h0, c0 }) => {
        const { logits, state: end } = model.network.forward(x!, { state: { h: h0!, c: c0! } });
        return { logits, hn: end.h, cn: end.c };
      },
    );
  });

  it("MusicModel of independent notes", async () => {
    const options = { notes: "independent", hiddenSize: 5, embeddingSize: 4 } as const;
    const model = models.MusicModel.build([{ steps: [[60, 64], [62]] }], options);
    const { columns, lstm } = model.network;
    const state = numbers(lstm.numLayers, 2, 5);
    const given = { x: numbers(2, 3, columns.count), h0: state, c0: state };
    await expectWritten(model, {}, given, ({ x, h0, c0 }) => {
      const { logits, state: end } = model.network.forward(x!, { state: { h: h0!, c: c0! } });
      return { logits, hn: end.h, cn: end.c };
    });
  });

  it.each([
    { subsampling: 2, streaming: true },
    { subsampling: 4, numLayers: 2 },
  ] as const)("SpeechRecognizer, recordings of several lengths %o", async (options) => {
    const samples = Float32Array.from({ length: 8000 }, (_, i) => ((i % 40) - 20) / 40);
    const examples = [{ samples, sampleRate: 8000, text: "a b" }];
    const sizes = { units: "words", channels: 2, hiddenSize: 6, numLayers: 1, nMels: 16 } as const;
    const model = models.SpeechRecognizer.build(examples, { ...sizes, ...options });
    const { network, input } = model;
    const given = { x: numbers(3, 21, input.size), lengths: list(21, 8, 13) };
    await expectWritten(model, {}, given, ({ x }) => {
      const { logits, lengths } = network.forward({ x: x!, lengths: Int32Array.of(21, 8, 13) });
      return { logits, output_lengths: tensor(lengths) as unknown as Tensor };
    });
  });
});

describe("what cannot be written", () => {
  it("is named by its place", () => {
    const chain = new nn.Sequential(new Linear(2, 2), (x: Tensor) => x.mean(1));
    expect(() => toOnnx(chain)).toThrow("got a function as 1");
    expect(() =>
      toOnnx(new nn.Sequential(new nn.NTM(3, 4) as never), { inputs: { x: ["batch", 3] } }),
    ).toThrow("got NTM as 0");
    expect(() => toOnnx(new LSTM(3, 4, { projSize: 2 }))).toThrow("projSize");
  });

  it("asks for the axes where a layer reads any", () => {
    expect(() => toOnnx(new nn.ReLU())).toThrow(
      'inputs, such as { x: ["batch", "time", 8] }, got none',
    );
  });

  it("refuses options that would do nothing", () => {
    expect(() => toOnnx(new Linear(2, 2), { states: true })).toThrow("got states");
    expect(() => toOnnx(new GRU(2, 2), { causal: true })).toThrow("got causal");
  });
});
