// What the gradient check has no cases of: operations without a gradient, what makes tensors, and layers.
import type * as main from "../../src/index.js";
import type * as nn from "../../src/nn/index.js";
import type * as ops from "../../src/ops/index.js";

/** What both builds have: cases run on either. */
export type Library = typeof main & typeof nn & typeof ops;

/** Numbers between -2 and 2 without a pattern that a wrong order could repeat. */
export function numbers(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state / 2 ** 32) * 4 - 2);
  });
}

type Result = main.Tensor | main.Tensor<"int32"> | object;

const x = (lib: Library): main.Tensor => lib.tensor(numbers(24), { shape: [2, 3, 4] });
const y = (lib: Library): main.Tensor => lib.tensor(numbers(24, 7), { shape: [2, 3, 4] });
const images = (lib: Library): main.Tensor => lib.tensor(numbers(150), { shape: [2, 3, 5, 5] });
const ids = (lib: Library): main.Tensor<"int32"> =>
  lib.tensor(Int32Array.of(2, 0, 1, 1, 2, 0), { shape: [2, 3] });
const whole = (lib: Library): main.Tensor<"int32"> =>
  lib.tensor(Int32Array.of(7, -7, 9, -1, 12, 5), { shape: [2, 3] });
const LENGTHS = [3, 1];

/** Tensors without a gradient, by the function that gives them. */
export const plain: Record<string, (lib: Library) => Result> = {
  all: (lib) => lib.all(lib.less(x(lib), 1.9), -1),
  any: (lib) => lib.any(lib.less(x(lib), -1.9), -1),
  arange: (lib) => lib.arange(7),
  argmax: (lib) => lib.argmax(x(lib), -1),
  argmin: (lib) => lib.argmin(x(lib), 0),
  argsort: (lib) => lib.argsort(x(lib), 1),
  causalMask: (lib) => lib.causalMask(4),
  ceil: (lib) => lib.ceil(x(lib)),
  equal: (lib) => lib.equal(ids(lib), 1),
  eye: (lib) => lib.eye(3),
  floor: (lib) => lib.floor(x(lib)),
  floorDivide: (lib) => lib.floorDivide(whole(lib), 4),
  full: (lib) => lib.full([3], 2.5),
  greater: (lib) => lib.greater(x(lib), 0),
  greaterEqual: (lib) => lib.greaterEqual(x(lib), y(lib)),
  isFinite: (lib) => lib.isFinite(lib.log(x(lib))),
  isNaN: (lib) => lib.isNaN(lib.log(x(lib))),
  less: (lib) => lib.less(x(lib), y(lib)),
  lessEqual: (lib) => lib.lessEqual(ids(lib), 1),
  linspace: (lib) => lib.linspace(-1, 2, 8),
  logicalAnd: (lib) => lib.logicalAnd(ids(lib), lib.less(whole(lib), 0)),
  logicalNot: (lib) => lib.logicalNot(ids(lib)),
  logicalOr: (lib) => lib.logicalOr(ids(lib), lib.less(whole(lib), 0)),
  makeCarry: (lib) => {
    const carry = lib.makeCarry({ memory: [2, 3, 4] });
    carry.set({ memory: x(lib) });
    carry.reset([1]);
    return carry.memory;
  },
  multinomial: (lib) => {
    lib.manualSeed(3);
    return lib.multinomial(lib.abs(x(lib).reshape([6, 4])), 2);
  },
  nonzero: (lib) => lib.nonzero(ids(lib)),
  notEqual: (lib) => lib.notEqual(ids(lib), 1),
  oneHot: (lib) => lib.oneHot(ids(lib), 4),
  onesLike: (lib) => lib.onesLike(ids(lib)),
  ones: (lib) => lib.ones([2, 2]),
  remainder: (lib) => lib.remainder(whole(lib), 4),
  round: (lib) => lib.round(x(lib)),
  scanCell: (lib) =>
    lib.scanCell<main.Tensor>(
      (step, state) => {
        const output = state ? step.add(state.mul(0.5)) : step;
        return { output, state: output };
      },
      x(lib),
      { lengths: LENGTHS },
    ),
  sign: (lib) => lib.sign(x(lib)),
  sinusoids: (lib) => lib.tensor(lib.sinusoids(3, 4)),
  streamOf: (lib) => {
    const layers = [new lib.Linear(2, 3), new lib.LSTM(3, 2), new lib.Linear(2, 4)] as const;
    const model = new lib.Sequential(...layers);
    [...model.parameters()].forEach((parameter, i) => parameter.set(numbers(parameter.size, i)));
    const stream = lib.streamOf(model);
    const steps = [stream.push(numbers(2)), stream.push(numbers(2, 3))];
    return lib.tensor(steps.map((step) => [...step]));
  },
  tensor: (lib) => lib.tensor([[1, 2.5]]),
  to: (lib) => x(lib).to("int32").to("float32"),
  "arithmetic of whole numbers": (lib) => ids(lib).add(whole(lib)).mul(3).sub(ids(lib)),
  "extremes of whole numbers": (lib) => [
    lib.maximum(ids(lib), whole(lib)),
    lib.minimum(ids(lib), whole(lib)),
  ],
  zerosLike: (lib) => lib.zerosLike(x(lib)),
  zeros: (lib) => lib.zeros([2, 2]),
};

const step = (lib: Library): main.Tensor => x(lib).reshape([6, 4]);

/** Layers, by their class: each is made, gets weights, and runs. */
export const layers: Record<
  string,
  (lib: Library) => readonly [layer: main.Module, run: () => Result]
> = {
  ELU: (lib) => over(new lib.ELU(0.5), x(lib)),
  Flatten: (lib) => over(new lib.Flatten(), x(lib)),
  GELU: (lib) => over(new lib.GELU({ approximate: "tanh" }), x(lib)),
  Hardtanh: (lib) => over(new lib.Hardtanh(-0.5, 1.5), x(lib)),
  Identity: (lib) => over(new lib.Identity(), x(lib)),
  LeakyReLU: (lib) => over(new lib.LeakyReLU(), x(lib)),
  SiLU: (lib) => over(new lib.SiLU(), x(lib)),
  Sigmoid: (lib) => over(new lib.Sigmoid(), x(lib)),
  Softmax: (lib) => over(new lib.Softmax(1), x(lib)),
  Softplus: (lib) => over(new lib.Softplus(), x(lib)),
  Attention: (lib) => {
    const layer = new lib.Attention({ score: "additive", querySize: 4, hiddenSize: 5 });
    return [layer, () => layer.forward(x(lib), layer.memory(y(lib), { lengths: LENGTHS }))];
  },
  AttentionPooling: (lib) => {
    const layer = new lib.AttentionPooling(4, { hiddenSize: 5 });
    return [layer, () => layer.forward(x(lib), { lengths: LENGTHS })];
  },
  AvgPool1d: (lib) => over(new lib.AvgPool1d(2), x(lib)),
  AvgPool2d: (lib) => over(new lib.AvgPool2d(2, { padding: 1 }), images(lib)),
  BatchNorm1d: (lib) => over(new lib.BatchNorm1d(3), x(lib)),
  BatchNorm2d: (lib) => over(new lib.BatchNorm2d(3, { affine: false }), images(lib)),
  Bridge: (lib) => {
    const layer = new lib.Bridge({ encoderSize: 4, directions: 2, hiddenSize: 3, numLayers: 2 });
    return [layer, () => layer.forward({ h: x(lib), c: y(lib) })];
  },
  CRF: (lib) => {
    const layer = new lib.CRF(4);
    return [layer, () => [layer.marginals(x(lib), { lengths: LENGTHS }), layer.decode(x(lib))]];
  },
  CharacterCNN: (lib) => over(new lib.CharacterCNN(3, { filters: 5 }), ids(lib)),
  CharacterLSTM: (lib) => over(new lib.CharacterLSTM(3, { hiddenSize: 3 }), ids(lib)),
  ConvTranspose1d: (lib) => over(new lib.ConvTranspose1d(3, 5, 3, { stride: 2 }), x(lib)),
  Conv1d: (lib) => over(new lib.Conv1d(3, 5, 2, { padding: "same" }), x(lib)),
  Conv2d: (lib) => over(new lib.Conv2d(3, 4, [3, 2], { stride: 2, padding: 1 }), images(lib)),
  Dropout: (lib) => over(new lib.Dropout(0.5), x(lib)),
  Embedding: (lib) => over(new lib.Embedding(3, 5), ids(lib)),
  GNMTEncoder: (lib) => {
    const layer = new lib.GNMTEncoder(4, 5, { numLayers: 3, dropout: 0.5 });
    return [layer, () => layer.forward(x(lib), { lengths: LENGTHS })];
  },
  GRU: (lib) => over(new lib.GRU(4, 5, { numLayers: 2, dropout: 0.5, resetAfter: false }), x(lib)),
  GRUCell: (lib) => over(new lib.GRUCell(4, 5), step(lib)),
  JordanCell: (lib) => {
    const layer = new lib.JordanCell(4, 5, 3);
    return [layer, () => layer.step(step(lib))];
  },
  NTM: (lib) => {
    const sizes = { controllerSize: 5, memoryRows: 6, memoryWidth: 3 };
    const layer = new lib.NTM(4, 2, { ...sizes, heads: ["read", "write", "read"], numLayers: 2 });
    layer.cell.memory.set(numbers(18));
    return [layer, () => layer.forward(x(lib), { lengths: LENGTHS, needWeights: true })];
  },
  NTMCell: (lib) => {
    const sizes = { controllerSize: 5, memoryRows: 6, memoryWidth: 3, shiftRange: 2 };
    const layer = new lib.NTMCell(4, { ...sizes, controller: "feedforward" });
    layer.memory.set(numbers(18));
    return [layer, () => layer.step(step(lib))];
  },
  LSTM: (lib) => over(new lib.LSTM(4, 5, { numLayers: 3, skip: "residual", projSize: 2 }), x(lib)),
  LSTMCell: (lib) => over(new lib.LSTMCell(4, 5), step(lib)),
  LSTMVariantCell: (lib) => {
    const layer = new lib.LSTMVariantCell(4, 5, { peepholes: true, coupled: true, cellClip: 1 });
    return [layer, () => layer.step(step(lib))];
  },
  LayerNorm: (lib) => over(new lib.LayerNorm(4), x(lib)),
  LearnedPositions: (lib) => over(new lib.LearnedPositions(6, 4), x(lib)),
  Linear: (lib) => over(new lib.Linear(4, 7), x(lib)),
  LogSoftmax: (lib) => over(new lib.LogSoftmax(), x(lib)),
  MaxPool1d: (lib) => over(new lib.MaxPool1d(2), x(lib)),
  MaxPool2d: (lib) => over(new lib.MaxPool2d(3, { stride: 1 }), images(lib)),
  MultiheadAttention: (lib) => {
    const layer = new lib.MultiheadAttention(4, 2, { dropout: 0.5 });
    return [layer, () => layer.forward(x(lib), y(lib), y(lib), { needWeights: true })];
  },
  GPT: (lib) => {
    const layer = new lib.GPT(5, 4, 2, { numLayers: 2, positions: "rotary", dropout: 0.5 });
    const run = (): Result => {
      const stream = layer.stream();
      const pushed = [0, 3, 1].map((id) => [...stream.push(Int32Array.of(id))]);
      stream.dispose();
      return [layer.forward(ids(lib)), pushed];
    };
    return [layer, run];
  },
  RMSNorm: (lib) => over(new lib.RMSNorm(4), x(lib)),
  Transformer: (lib) => {
    const sizes = { numEncoderLayers: 1, numDecoderLayers: 2, dimFeedforward: 6, dropout: 0.5 };
    const layer = new lib.Transformer(4, 2, sizes);
    const given = { sourceLengths: LENGTHS, causal: true };
    return [layer, () => layer.forward(x(lib), y(lib), given)];
  },
  TransformerDecoder: (lib) => {
    const first = new lib.TransformerDecoderLayer(4, 2, { dimFeedforward: 6, activation: "gelu" });
    const layer = new lib.TransformerDecoder(first, 2, { norm: new lib.RMSNorm(4) });
    const run = (): Result => {
      const stream = layer.stream(y(lib), { memoryLengths: LENGTHS });
      const pushed = [...stream.push(numbers(8))];
      stream.dispose();
      return [layer.forward(x(lib), y(lib), { causal: true, memoryLengths: LENGTHS }), pushed];
    };
    return [layer, run];
  },
  TransformerDecoderLayer: (lib) => {
    const layer = new lib.TransformerDecoderLayer(4, 2, { dimFeedforward: 6, normFirst: true });
    return [layer, () => layer.forward(x(lib), y(lib), { lengths: LENGTHS })];
  },
  TransformerEncoder: (lib) => {
    const options = { dimFeedforward: 6, rotary: true, window: 2, norm: "rms" } as const;
    const layer = new lib.TransformerEncoder(new lib.TransformerEncoderLayer(4, 2, options), 2);
    return [layer, () => layer.forward(x(lib), { causal: true })];
  },
  TransformerEncoderLayer: (lib) => {
    const layer = new lib.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0.5 });
    return [layer, () => layer.forward(x(lib), { lengths: LENGTHS })];
  },
  RNN: (lib) => {
    const options = { numLayers: 2, nonlinearity: "relu", skip: "concat" } as const;
    return over(new lib.RNN(4, 5, options), x(lib));
  },
  RNNCell: (lib) => over(new lib.RNNCell(4, 5), step(lib)),
  ReLU: (lib) => over(new lib.ReLU(), x(lib)),
  RecurrentDecoder: (lib) => {
    const layer = new lib.Sequential(
      ...(["output", "inputFeeding", "gnmt"] as const).map((placement) => {
        const skip = "residual" as const;
        const sizes = { memorySize: 4, encodingSize: 2, numLayers: 2, dropout: 0.5 };
        const attention = placement === "gnmt" ? "additive" : "general";
        return new lib.RecurrentDecoder(4, 5, { placement, attention, skip, ...sizes });
      }),
    );
    const encoding = (): main.Tensor => lib.tensor(numbers(4, 3), { shape: [2, 2] });
    const run = (decoder: nn.RecurrentDecoder): Result => {
      const memory = decoder.memory(y(lib), { lengths: LENGTHS });
      const given = { memory, encoding: encoding() };
      const stream = decoder.stream(given);
      const pushed = [stream.push(numbers(8)), stream.weights()].map((each) => [...each]);
      stream.dispose();
      const whole = decoder.forward(x(lib), { ...given, lengths: LENGTHS, needWeights: true });
      const step = decoder.step(lib.tensor(numbers(8), { shape: [2, 4] }), given);
      return [whole, step, pushed];
    };
    return [layer, () => layer.layers.map((each) => run(each))];
  },
  Scan: (lib) => {
    const layer = new lib.Scan(new lib.JordanCell(4, 5, 3));
    return [layer, () => layer.forward(x(lib), { lengths: LENGTHS, reverse: true })];
  },
  Sequential: (lib) =>
    over(new lib.Sequential(new lib.LSTM(4, 5), new lib.Linear(5, 3), new lib.Tanh()), x(lib)),
  SinusoidalPositions: (lib) => over(new lib.SinusoidalPositions(6, 4), x(lib)),
  Tanh: (lib) => over(new lib.Tanh(), x(lib)),
};

function over<Input>(
  layer: main.Module & { forward(x: Input): Result },
  input: Input,
): readonly [main.Module, () => Result] {
  return [layer, () => layer.forward(input)];
}
