import * as hs from "../../../src/index.js";
import * as nn from "../../../src/nn/index.js";
import { call, made, method, type Call } from "../wrong-calls.js";
import { floats, ints, intsOf } from "../values.js";

const LENGTHS = ["int tensor", "typed array"] as const;
const lstm = () => new hs.LSTM(2, 3);
const stream = () => lstm().stream();
const chained = () => nn.streamOf(new hs.Sequential(lstm()));
const carry = () => lstm().carry(1);
const crf = () => new nn.CRF(2);
const state = () => ({ h: floats(1, 1, 3), c: floats(1, 1, 3) });
const RECURRENT = {
  ...{ numLayers: 2, bias: true, dropout: 0.1, variationalDropout: false, recurrentDropout: 0.1 },
  ...{ bidirectional: true, mergeMode: "sum", skip: "residual" },
};

/** A layer's `forward` of one tensor. */
const forward = (make: () => hs.Module, ...shape: number[]): Call =>
  method(make as () => hs.Linear, "forward", () => [floats(...shape)]);
const batchNorm = (Class: typeof nn.BatchNorm1d): Call =>
  made(Class, () => [3, { eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true }], {
    also: { "1.momentum": "null" },
  });
const initializer = (run: (...given: never[]) => void, options: object): Call =>
  call(run, () => [floats(4, 4), options]);

const decoder = () =>
  new nn.RecurrentDecoder(2, 3, { memorySize: 3, encodingSize: 1, placement: "inputFeeding" });
const decoderInputs = () => ({
  memory: { keys: floats(1, 2, 3), values: floats(1, 2, 3), mask: intsOf([1, 1, 2], 1, 1) },
  encoding: floats(1, 1),
  state: { h: floats(1, 1, 3), c: floats(1, 1, 3), feed: floats(1, 3) },
});
const bridge = () => new nn.Bridge({ encoderSize: 3, hiddenSize: 2 });

const LAYER = {
  ...{ dimFeedforward: 4, dropout: 0.1, activation: "gelu", normFirst: true, bias: true },
  ...{ layerNormEps: 1e-5, norm: "rms", window: 3 },
};
const encoderLayer = () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 4 });
const encoder = () => new nn.TransformerEncoder(encoderLayer(), 1);
const decoderLayer = () => new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 4 });
const decoderStack = () => new nn.TransformerDecoder(decoderLayer(), 1);
const gpt = () => new nn.GPT(5, 4, 2, { numLayers: 1, contextLength: 6 });
const gptState = () => {
  const names = {
    ...{
      "wte.weight": [5, 4],
      "wpe.weight": [6, 4],
      "h.0.ln_1.weight": [4],
      "h.0.ln_2.weight": [4],
    },
    ...{ "h.0.attn.c_attn.weight": [12, 4], "h.0.attn.c_proj.weight": [4, 4], "ln_f.weight": [4] },
    ...{ "h.0.mlp.c_fc.weight": [16, 4], "h.0.mlp.c_proj.weight": [4, 16] },
  };
  return new Map(Object.entries(names).map(([name, shape]) => [name, floats(...shape)]));
};
const ROTARY_ALSO = { also: { "2.rotary": "object" } } as const;
const SEQUENCE = () => ({ lengths: [1], mask: intsOf([1, 1], 1), causal: true });
const SEQUENCE_ALSO = { also: { "1.lengths": LENGTHS } } as const;
const MEMORY = () => ({ ...SEQUENCE(), memoryLengths: [1], memoryMask: intsOf([1, 1], 1) });
const MEMORY_ALSO = { also: { "2.lengths": LENGTHS, "2.memoryLengths": LENGTHS } } as const;
/** The methods that streams of Transformers have. */
const streamCalls = (name: string, make: () => nn.TransformerStream): Record<string, Call> => ({
  [`${name}.select`]: method(make, "select", () => [new Int32Array([0])], {
    also: { "0": "array" },
  }),
  [`${name}.reset`]: method(make, "reset", () => []),
  [`${name}.clone`]: method(make, "clone", () => []),
  [`${name}.toBytes`]: method(make, "toBytes", () => []),
  [`${name}.fromBytes`]: method(make, "fromBytes", () => [make().toBytes()]),
  [`${name}.dispose`]: method(make, "dispose", () => []),
});

export const NN_CALLS: Readonly<Record<string, Call>> = {
  "new RMSNorm": made(nn.RMSNorm, () => [[4], { eps: 1e-5, elementwiseAffine: true }], {
    also: { "0": ["number", "typed array"] },
  }),
  "RMSNorm.forward": forward(() => new nn.RMSNorm(4), 2, 4),
  "new TransformerEncoderLayer": made(
    nn.TransformerEncoderLayer,
    () => [4, 2, { ...LAYER, rotary: true }],
    ROTARY_ALSO,
  ),
  "TransformerEncoderLayer.forward": method(
    encoderLayer,
    "forward",
    () => [floats(1, 1, 4), SEQUENCE()],
    SEQUENCE_ALSO,
  ),
  "new TransformerDecoderLayer": made(
    nn.TransformerDecoderLayer,
    () => [4, 2, { ...LAYER, rotary: true }],
    ROTARY_ALSO,
  ),
  "TransformerDecoderLayer.forward": method(
    decoderLayer,
    "forward",
    () => [floats(1, 1, 4), floats(1, 1, 4), MEMORY()],
    MEMORY_ALSO,
  ),
  "new TransformerEncoder": made(nn.TransformerEncoder, () => [
    encoderLayer(),
    2,
    { norm: new hs.LayerNorm(4) },
  ]),
  "TransformerEncoder.forward": method(
    encoder,
    "forward",
    () => [floats(1, 1, 4), SEQUENCE()],
    SEQUENCE_ALSO,
  ),
  "TransformerEncoder.stream": method(encoder, "stream", () => [{ batch: 1, capacity: 2 }]),
  "new TransformerDecoder": made(nn.TransformerDecoder, () => [
    decoderLayer(),
    2,
    { norm: new hs.LayerNorm(4) },
  ]),
  "TransformerDecoder.forward": method(
    decoderStack,
    "forward",
    () => [floats(1, 1, 4), floats(1, 1, 4), MEMORY()],
    MEMORY_ALSO,
  ),
  "TransformerDecoder.stream": method(
    decoderStack,
    "stream",
    () => [floats(1, 1, 4), { memoryLengths: [1], rows: 1, capacity: 2 }],
    { also: { "1.memoryLengths": LENGTHS } },
  ),
  "new Transformer": made(
    nn.Transformer,
    () => [4, 2, { ...LAYER, rotary: true, numEncoderLayers: 1, numDecoderLayers: 1 }],
    ROTARY_ALSO,
  ),
  "Transformer.forward": method(
    () => new nn.Transformer(4, 2, { numEncoderLayers: 1, numDecoderLayers: 1 }),
    "forward",
    () => [
      floats(1, 1, 4),
      floats(1, 1, 4),
      {
        ...{ sourceLengths: [1], sourceMask: intsOf([1, 1], 1), targetLengths: [1], causal: true },
        ...{ targetMask: intsOf([1, 1], 1), memoryMask: intsOf([1, 1], 1) },
      },
    ],
    { also: { "2.sourceLengths": LENGTHS, "2.targetLengths": LENGTHS } },
  ),
  "TransformerStream.push": method(
    () => encoder().stream(),
    "push",
    () => [new Float32Array(4), new Float32Array(4)],
  ),
  ...streamCalls("TransformerStream", () => encoder().stream()),
  "new GPT": made(
    nn.GPT,
    () => [
      5,
      4,
      2,
      {
        ...{ numLayers: 1, dimFeedforward: 4, dropout: 0.1, activation: "gelu", bias: true },
        ...{ layerNormEps: 1e-5, norm: "layer", window: 2, positions: "learned" },
        ...{ contextLength: 6, tieWeights: true },
      },
    ],
    { also: { "3.positions": "object" } },
  ),
  "GPT.fromGPT2": call(nn.GPT.fromGPT2, () => [
    gptState(),
    { numHeads: 2, activation: "gelu", dropout: 0.1 },
  ]),
  "GPT.forward": method(gpt, "forward", () => [intsOf([1, 2], 1, 2)]),
  "GPT.hidden": method(gpt, "hidden", () => [intsOf([1, 2], 1, 2)]),
  "GPT.stream": method(gpt, "stream", () => [{ batch: 1, capacity: 2 }]),
  "GPTStream.push": method(
    () => gpt().stream(),
    "push",
    () => [new Int32Array(1), new Float32Array(5)],
  ),
  "GPTStream.read": method(
    () => gpt().stream(),
    "read",
    () => [new Int32Array(1)],
  ),
  ...streamCalls("GPTStream", () => gpt().stream() as never),
  "new LSTM": made(hs.LSTM, () => [2, 3, { ...RECURRENT, projSize: 2 }]),
  "new GRU": made(hs.GRU, () => [2, 3, { ...RECURRENT, resetAfter: false }]),
  "new RNN": made(hs.RNN, () => [2, 3, { ...RECURRENT, nonlinearity: "relu" }]),
  "Recurrent.forward": method(
    lstm,
    "forward",
    () => [floats(1, 2, 2), { state: state(), lengths: [1] }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "Recurrent.step": method(lstm, "step", () => [floats(1, 2), state()], { named: [1] }),
  "Recurrent.stream": method(lstm, "stream", () => [{ batch: 2 }]),
  "Recurrent.carry": method(lstm, "carry", () => [2]),
  "CarriedState.set": method(carry, "set", () => [state()], { named: [0] }),
  "CarriedState.reset": method(carry, "reset", () => [[0]], { also: { "0": "typed array" } }),
  "CarriedState.dispose": method(carry, "dispose", () => []),
  makeCarry: call(nn.makeCarry, () => [{ memory: [2, 1] }, { batchAxis: 1 }], { named: [0] }),
  streamOf: call(nn.streamOf, () => [new hs.Sequential(lstm()), { batch: 2 }]),
  "SequentialStream.push": method(chained, "push", () => [new Float32Array(2)], {
    also: { "0": "array" },
  }),
  "Stream.push": method(stream, "push", () => [new Float32Array(2), new Float32Array(3)], {
    also: { "0": "array", "1": "array" },
  }),
  "Stream.select": method(stream, "select", () => [new Int32Array([0])], {
    also: { "0": "array" },
  }),
  "Stream.state": method(stream, "state", () => []),
  "Stream.setState": method(stream, "setState", () => [state()], { named: [0] }),
  "Stream.reset": method(stream, "reset", () => []),
  "Stream.clone": method(stream, "clone", () => []),
  "Stream.toBytes": method(stream, "toBytes", () => []),
  "Stream.fromBytes": method(stream, "fromBytes", () => [stream().toBytes()]),
  "Stream.dispose": method(stream, "dispose", () => []),
  "new RecurrentDecoder": made(nn.RecurrentDecoder, () => [
    2,
    3,
    {
      ...{ cell: "gru", numLayers: 2, memorySize: 4, attention: "general", placement: "output" },
      ...{ attentionSize: 5, encodingSize: 1, skip: "residual", dropout: 0.1 },
      ...{ variationalDropout: true, recurrentDropout: 0.1, bias: true },
    },
  ]),
  "RecurrentDecoder.memory": method(
    decoder,
    "memory",
    () => [floats(1, 2, 3), { values: floats(1, 2, 3), lengths: [1] }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "RecurrentDecoder.forward": method(
    decoder,
    "forward",
    () => [floats(1, 2, 2), { ...decoderInputs(), lengths: [1], needWeights: true }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "RecurrentDecoder.step": method(decoder, "step", () => [
    floats(1, 2),
    { ...decoderInputs(), needWeights: true },
  ]),
  "RecurrentDecoder.stream": method(decoder, "stream", () => [
    { ...decoderInputs(), rows: 1, capacity: 2 },
  ]),
  "DecoderStream.push": method(
    () => decoder().stream(decoderInputs()),
    "push",
    () => [new Float32Array(2), new Float32Array(4)],
  ),
  "DecoderStream.weights": method(
    () => decoder().stream(decoderInputs()),
    "weights",
    () => [],
  ),
  "DecoderStream.select": method(
    () => decoder().stream(decoderInputs()),
    "select",
    () => [new Int32Array([0])],
    { also: { "0": "array" } },
  ),
  "DecoderStream.dispose": method(
    () => decoder().stream(decoderInputs()),
    "dispose",
    () => [],
  ),
  "new Bridge": made(nn.Bridge, () => [
    {
      ...{ kind: "bridge", encoderCell: "lstm", encoderSize: 3, directions: 2 },
      ...{ cell: "lstm", hiddenSize: 2, numLayers: 1 },
    },
  ]),
  "Bridge.forward": method(bridge, "forward", () => [{ h: floats(1, 1, 3), c: floats(1, 1, 3) }]),
  "new GNMTEncoder": made(nn.GNMTEncoder, () => [
    2,
    3,
    { cell: "lstm", numLayers: 3, dropout: 0.1, bias: true },
  ]),
  "GNMTEncoder.forward": method(
    () => new nn.GNMTEncoder(2, 3),
    "forward",
    () => [floats(1, 2, 2), { lengths: [1] }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "new LSTMCell": made(hs.LSTMCell, () => [2, 3, { bias: true }]),
  "new GRUCell": made(hs.GRUCell, () => [2, 3, { bias: true, resetAfter: true }]),
  "new RNNCell": made(hs.RNNCell, () => [2, 3, { bias: true, nonlinearity: "tanh" }]),
  "RecurrentCell.forward": method(
    () => new hs.LSTMCell(2, 3),
    "forward",
    () => [floats(1, 2), { h: floats(1, 3), c: floats(1, 3) }],
    { named: [1] },
  ),
  "RecurrentCell.step": method(
    () => new hs.LSTMCell(2, 3),
    "step",
    () => [floats(1, 2), { h: floats(1, 3), c: floats(1, 3) }],
    { named: [1] },
  ),
  "new Linear": made(hs.Linear, () => [
    2,
    3,
    { bias: true, weight: new hs.Parameter(floats(3, 2)) },
  ]),
  "Linear.forward": forward(() => new hs.Linear(2, 3), 1, 2),
  "new Embedding": made(hs.Embedding, () => [4, 3, { paddingIdx: 0 }]),
  "Embedding.forward": method(
    () => new hs.Embedding(4, 3),
    "forward",
    () => [ints(1, 0)],
  ),
  "new Dropout": made(hs.Dropout, () => [0.5]),
  "Dropout.forward": forward(() => new hs.Dropout(0.5), 2),
  "new LayerNorm": made(
    hs.LayerNorm,
    () => [3, { eps: 1e-5, elementwiseAffine: true, bias: true }],
    {
      also: { "0": "array" },
    },
  ),
  "LayerNorm.forward": forward(() => new hs.LayerNorm(3), 2, 3),
  "new LogSoftmax": made(hs.LogSoftmax, () => [-1]),
  "LogSoftmax.forward": forward(() => new hs.LogSoftmax(), 2, 3),
  "new Softmax": made(nn.Softmax, () => [-1]),
  "Softmax.forward": forward(() => new nn.Softmax(), 2, 3),
  "new GELU": made(nn.GELU, () => [{ approximate: "tanh" }]),
  "GELU.forward": forward(() => new nn.GELU(), 2, 3),
  "new ELU": made(nn.ELU, () => [0.5]),
  "ELU.forward": forward(() => new nn.ELU(), 2, 3),
  "new LeakyReLU": made(nn.LeakyReLU, () => [0.1]),
  "LeakyReLU.forward": forward(() => new nn.LeakyReLU(), 2, 3),
  "new Hardtanh": made(nn.Hardtanh, () => [-2, 2]),
  "Hardtanh.forward": forward(() => new nn.Hardtanh(), 2, 3),
  "SiLU.forward": forward(() => new nn.SiLU(), 2, 3),
  "new Softplus": made(nn.Softplus, () => [2, 10]),
  "Softplus.forward": forward(() => new nn.Softplus(), 2, 3),
  "Sigmoid.forward": forward(() => new nn.Sigmoid(), 2, 3),
  "Identity.forward": method(
    () => new nn.Identity(),
    "forward",
    () => [floats(2)],
    { also: { "0": "int tensor" } },
  ),
  "new Flatten": made(nn.Flatten, () => [0, 1]),
  "Flatten.forward": method(
    () => new nn.Flatten(0),
    "forward",
    () => [floats(2, 3)],
    { also: { "0": "int tensor" } },
  ),
  "new BatchNorm1d": batchNorm(nn.BatchNorm1d),
  "BatchNorm1d.forward": forward(() => new nn.BatchNorm1d(3), 2, 3),
  "new BatchNorm2d": batchNorm(nn.BatchNorm2d),
  "BatchNorm2d.forward": forward(() => new nn.BatchNorm2d(3), 2, 3, 2, 2),
  "ReLU.forward": forward(() => new hs.ReLU(), 2, 3),
  "Tanh.forward": forward(() => new hs.Tanh(), 2, 3),
  "new Sequential": made(hs.Sequential, () => [new hs.Linear(2, 3), new hs.ReLU()], {
    variadic: true,
    also: { "0": "function", "1": "function" },
  }),
  "Sequential.forward": forward(() => new hs.Sequential(new hs.Linear(2, 3)), 1, 2),
  "Module.parameters": method(lstm, "parameters", () => []),
  "Module.namedParameters": method(lstm, "namedParameters", () => []),
  "Module.namedModules": method(lstm, "namedModules", () => []),
  "Module.stateDict": method(lstm, "stateDict", () => []),
  "Module.loadStateDict": method(
    lstm,
    "loadStateDict",
    () => [Object.fromEntries(lstm().stateDict()), { strict: false }],
    { named: [0], also: { "0": "instance" } },
  ),
  "Module.train": method(lstm, "train", () => [true]),
  "Module.eval": method(lstm, "eval", () => []),
  "Module.zeroGrad": method(lstm, "zeroGrad", () => []),
  "Module.dispose": method(lstm, "dispose", () => []),
  "Module.summary": method(lstm, "summary", () => []),
  "Module.toString": method(lstm, "toString", () => []),
  "new Attention": made(nn.Attention, () => [
    { score: "additive", querySize: 2, keySize: 2, hiddenSize: 2 },
  ]),
  "Attention.memory": method(
    () => new nn.Attention({ score: "dot", querySize: 2 }),
    "memory",
    () => [floats(1, 3, 2), { values: floats(1, 3, 2), lengths: [2], mask: undefined }],
    { also: { "1.lengths": LENGTHS, "1.mask": "int tensor" } },
  ),
  "Attention.forward": method(
    () => new nn.Attention({ score: "dot", querySize: 2 }),
    "forward",
    () => [
      floats(1, 2),
      new nn.Attention({ score: "dot", querySize: 2 }).memory(floats(1, 3, 2)),
      { needWeights: true },
    ],
    { named: [1] },
  ),
  "new AttentionPooling": made(nn.AttentionPooling, () => [2, { hiddenSize: 3 }]),
  "AttentionPooling.forward": method(
    () => new nn.AttentionPooling(2),
    "forward",
    () => [floats(1, 3, 2), { lengths: [2], needWeights: true }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "new MultiheadAttention": made(nn.MultiheadAttention, () => [
    4,
    2,
    { bias: true, dropout: 0.1, kdim: 3, vdim: 5 },
  ]),
  "MultiheadAttention.forward": method(
    () => new nn.MultiheadAttention(4, 2),
    "forward",
    () => [
      floats(1, 3, 4),
      floats(1, 3, 4),
      floats(1, 3, 4),
      { mask: intsOf([1, 3], 1, 1, 1), causal: false, lengths: [2], needWeights: true },
    ],
    { also: { "3.lengths": LENGTHS } },
  ),
  "new CharacterCNN": made(nn.CharacterCNN, () => [
    9,
    { embeddingSize: 2, filters: 2, kernelSize: 3 },
  ]),
  "CharacterCNN.forward": method(
    () => new nn.CharacterCNN(9),
    "forward",
    () => [intsOf([2, 3], 1, 2, 3, 4, 5, 6), { lengths: [3, 2] }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "new CharacterLSTM": made(nn.CharacterLSTM, () => [9, { embeddingSize: 2, hiddenSize: 2 }]),
  "CharacterLSTM.forward": method(
    () => new nn.CharacterLSTM(9),
    "forward",
    () => [intsOf([2, 3], 1, 2, 3, 4, 5, 6), { lengths: [3, 2] }],
    { also: { "1.lengths": LENGTHS } },
  ),
  "new Conv1d": made(
    nn.Conv1d,
    () => [2, 2, 3, { stride: 1, padding: 1, dilation: 1, groups: 1, bias: true }],
    { also: { "3.padding": "string" } },
  ),
  "Conv1d.forward": forward(() => new nn.Conv1d(2, 2, 2), 1, 2, 4),
  "new ConvTranspose1d": made(nn.ConvTranspose1d, () => [
    2,
    2,
    3,
    { stride: 2, padding: 1, outputPadding: 1, dilation: 1, groups: 1, bias: true },
  ]),
  "ConvTranspose1d.forward": forward(() => new nn.ConvTranspose1d(2, 2, 2), 1, 2, 4),
  "new Conv2d": made(
    nn.Conv2d,
    () => [2, 2, 3, { stride: 1, padding: 1, dilation: 1, groups: 1, bias: true }],
    {
      also: {
        "2": "array",
        "3.padding": ["string", "array"],
        "3.stride": "array",
        "3.dilation": "array",
      },
    },
  ),
  "Conv2d.forward": forward(() => new nn.Conv2d(2, 2, 2), 1, 2, 4, 4),
  "new MaxPool1d": made(nn.MaxPool1d, () => [2, { stride: 1, padding: 1, dilation: 1 }]),
  "MaxPool1d.forward": forward(() => new nn.MaxPool1d(2), 1, 2, 4),
  "new AvgPool1d": made(nn.AvgPool1d, () => [2, { stride: 1, padding: 1, countIncludePad: true }]),
  "AvgPool1d.forward": forward(() => new nn.AvgPool1d(2), 1, 2, 4),
  "new MaxPool2d": made(nn.MaxPool2d, () => [2, { stride: 1, padding: 1, dilation: 1 }], {
    also: { "0": "array", "1.stride": "array", "1.padding": "array", "1.dilation": "array" },
  }),
  "MaxPool2d.forward": forward(() => new nn.MaxPool2d(2), 1, 2, 4, 4),
  "new AvgPool2d": made(nn.AvgPool2d, () => [2, { stride: 1, padding: 1, countIncludePad: true }], {
    also: { "0": "array", "1.stride": "array", "1.padding": "array" },
  }),
  "AvgPool2d.forward": forward(() => new nn.AvgPool2d(2), 1, 2, 4, 4),
  "new CRF": made(nn.CRF, () => [
    2,
    {
      constraints: {
        start: [true, true],
        end: [true, true],
        between: [
          [true, true],
          [true, true],
        ],
      },
    },
  ]),
  "CRF.loss": method(
    crf,
    "loss",
    () => [floats(1, 2, 2), intsOf([1, 2], 0, 1), { lengths: [2], reduction: "sum" }],
    { also: { "2.lengths": LENGTHS } },
  ),
  "CRF.decode": method(crf, "decode", () => [floats(1, 2, 2), { lengths: [2] }], {
    also: { "1.lengths": LENGTHS },
  }),
  "CRF.marginals": method(crf, "marginals", () => [floats(1, 2, 2), { lengths: [2] }], {
    also: { "1.lengths": LENGTHS },
  }),
  "new JordanCell": made(nn.JordanCell, () => [
    2,
    3,
    2,
    { activation: "relu", outputActivation: "tanh", bias: true },
  ]),
  "JordanCell.step": method(
    () => new nn.JordanCell(2, 3, 2),
    "step",
    () => [floats(1, 2), { y: floats(1, 2) }],
    { named: [1] },
  ),
  "new LSTMVariantCell": made(nn.LSTMVariantCell, () => [
    2,
    3,
    { bias: true, peepholes: true, coupled: true, cellClip: 1 },
  ]),
  "LSTMVariantCell.step": method(
    () => new nn.LSTMVariantCell(2, 3),
    "step",
    () => [floats(1, 2), { h: floats(1, 3), c: floats(1, 3) }],
    { named: [1] },
  ),
  "new LearnedPositions": made(nn.LearnedPositions, () => [4, 2]),
  "LearnedPositions.forward": forward(() => new nn.LearnedPositions(4, 2), 1, 3, 2),
  "new SinusoidalPositions": made(nn.SinusoidalPositions, () => [4, 2]),
  "SinusoidalPositions.forward": forward(() => new nn.SinusoidalPositions(4, 2), 1, 3, 2),
  sinusoids: call(nn.sinusoids, () => [4, 2]),
  "new Scan": made(nn.Scan, () => [new hs.LSTMCell(2, 3)]),
  "Scan.forward": method(
    () => new nn.Scan(new hs.LSTMCell(2, 3)),
    "forward",
    () => [
      floats(1, 2, 2),
      { state: { h: floats(1, 3), c: floats(1, 3) }, lengths: [1], reverse: true },
    ],
    { also: { "1.lengths": LENGTHS } },
  ),
  "Scan.step": method(
    () => new nn.Scan(new hs.LSTMCell(2, 3)),
    "step",
    () => [floats(1, 2), { h: floats(1, 3), c: floats(1, 3) }],
    { named: [1] },
  ),
  scanCell: call(
    nn.scanCell,
    () => [
      (x: hs.Tensor) => ({ output: x, state: x }),
      floats(1, 2, 2),
      { state: floats(1, 2), lengths: [1], reverse: true },
    ],
    { also: { "2.lengths": LENGTHS, "2.state": ["object", "array"] } },
  ),
  "initializers.uniform": call(nn.initializers.uniform, () => [floats(2), 0, 1]),
  "initializers.normal": call(nn.initializers.normal, () => [floats(2), 0, 1]),
  "initializers.constant": call(nn.initializers.constant, () => [floats(2), 0], {
    also: { "0": "int tensor" },
  }),
  "initializers.zero": call(nn.initializers.zero, () => [floats(2)], {
    also: { "0": "int tensor" },
  }),
  "initializers.xavierUniform": initializer(nn.initializers.xavierUniform, { gain: 1 }),
  "initializers.xavierNormal": initializer(nn.initializers.xavierNormal, { gain: 1 }),
  "initializers.kaimingUniform": initializer(nn.initializers.kaimingUniform, {
    mode: "fanOut",
    gain: 1,
  }),
  "initializers.kaimingNormal": initializer(nn.initializers.kaimingNormal, {
    mode: "fanOut",
    gain: 1,
  }),
  "initializers.orthogonal": initializer(nn.initializers.orthogonal, { gain: 1, blocks: 2 }),
  "initializers.identity": initializer(nn.initializers.identity, { scale: 1, blocks: 1 }),
  "initializers.chronoBias": call(nn.initializers.chronoBias, () => [lstm(), 9]),
  "initializers.forgetBias": call(nn.initializers.forgetBias, () => [lstm(), 1]),
};
