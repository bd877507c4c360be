// What layers of Keras do in training alone: dropout, noise, statistics of a batch, and what a file says is not trainable.
import { beforeEach, describe, expect, it } from "vitest";
import { loadKeras, type KerasModel } from "../../src/keras/index.js";
import { manualSeed } from "../../src/core/random.js";
import { ones, randn, tensor } from "../../src/tensor/create.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose } from "../helpers/expect-close.js";

beforeEach(() => manualSeed(1));

/** A Sequential of layers, with weights by name, in Keras 3's dialect. */
function modelOf(
  layers: readonly (readonly [type: string, config: object])[],
  weights: Readonly<Record<string, { shape: number[]; values: number[] }>> = {},
): KerasModel {
  const listed = layers.map(([class_name, config]) => ({ class_name, config }));
  const entries = Object.entries(weights);
  const json = {
    modelTopology: { class_name: "Sequential", module: "keras", config: { layers: listed } },
    weightsManifest: [
      {
        paths: ["w"],
        weights: entries.map(([name, { shape }]) => ({ name, shape, dtype: "float32" })),
      },
    ],
  };
  const shard = new Uint8Array(
    Float32Array.from(entries.flatMap(([, { values }]) => values)).buffer,
  );
  return loadKeras(new TextEncoder().encode(JSON.stringify(json)), { shards: [shard] });
}

/** A number a feature, of which each is its own recurrence: h = relu(x + h). */
const SUMS = {
  "rnn/kernel": { shape: [2, 2], values: [1, 0, 0, 1] },
  "rnn/recurrent_kernel": { shape: [2, 2], values: [1, 0, 0, 1] },
};
const rnn = (config: object) =>
  modelOf(
    [
      [
        "SimpleRNN",
        {
          ...{ name: "rnn", units: 2, activation: "relu", use_bias: false, return_sequences: true },
          ...config,
        },
      ],
    ],
    SUMS,
  );

/** The sequences of numbers `[batch · features][time]`. */
const sequences = (x: Tensor): number[][] =>
  (x.toArray() as number[][][]).flatMap((row) =>
    row[0]!.map((_, feature) => row.map((step) => step[feature]!)),
  );

describe("in training", () => {
  const x = ones([8, 4, 2]);

  it("dropout of a recurrent layer's inputs is the same at every step", () => {
    const model = rnn({ dropout: 0.5 });
    expect(sequences(model.forward(x))).toEqual(Array(16).fill([1, 2, 3, 4]));
    model.train();
    const found = new Set(sequences(model.forward(x)).map(String));
    expect(found).toEqual(new Set(["0,0,0,0", "2,4,6,8"]));
  });

  it.each(["relu", "linear"])(
    "and that of its state, of kernels and of steps: %s",
    (activation) => {
      const model = rnn({ recurrent_dropout: 0.5, activation });
      expect(sequences(model.forward(x))).toEqual(Array(16).fill([1, 2, 3, 4]));
      model.train();
      const found = new Set(sequences(model.forward(x)).map(String));
      expect(found).toEqual(new Set(["1,1,1,1", "1,3,7,15"]));
    },
  );

  it("an LSTM and a GRU with dropout learn, and are themselves in evaluation", () => {
    for (const [type, gates] of [
      ["LSTM", 4],
      ["GRU", 3],
    ] as const) {
      const matrix = { shape: [2, 2 * gates], values: Array<number>(4 * gates).fill(0.5) };
      const config = { name: "rnn", units: 2, use_bias: false, recurrent_dropout: 0.5 };
      const model = modelOf([[type, config]], {
        "rnn/kernel": matrix,
        "rnn/recurrent_kernel": matrix,
      });
      const before = [...model.forward(x).data()];
      model.train();
      const dropped = model.forward(x);
      expect([...dropped.data()]).not.toEqual(before);
      dropped.backward(ones(dropped.shape));
      expect(model.parameters().every(({ grad }) => grad !== null)).toBe(true);
      expect([...model.eval().forward(x).data()]).toEqual(before);
    }
  });

  it.each([
    ["GaussianNoise", { stddev: 0.5 }, 2, 0.25],
    ["GaussianDropout", { rate: 0.2 }, 2, 4 * 0.25],
  ] as const)("%s has its mean and variance", (type, config, mean, variance) => {
    const model = modelOf([[type, { name: "noise", ...config }]]);
    const given = ones([100, 100]).mul(2);
    expect(model.forward(given).toArray()).toEqual(given.toArray());
    const values = model.train().forward(given).data();
    expect(meanOf(values)).toBeCloseTo(mean, 1);
    expect(meanOf(values.map((value) => (value - mean) ** 2))).toBeCloseTo(variance, 1);
  });

  it("AlphaDropout keeps a mean of 0 and a variance of 1", () => {
    const model = modelOf([["AlphaDropout", { name: "noise", rate: 0.3 }]]);
    const values = model
      .train()
      .forward(randn([200, 200]))
      .data();
    expect(meanOf(values)).toBeCloseTo(0, 1);
    expect(meanOf(values.map((value) => value ** 2))).toBeCloseTo(1, 1);
  });

  it("batch normalization is by the batch, whose statistics move those of the file", () => {
    const one = { shape: [2], values: [1, 1] };
    const zero = { shape: [2], values: [0, 0] };
    const config = { name: "bn", momentum: 0.9, epsilon: 0 };
    const model = modelOf(
      [
        ["Masking", { name: "m" }],
        ["BatchNormalization", config],
      ],
      {
        "bn/gamma": one,
        "bn/beta": zero,
        "bn/moving_mean": zero,
        "bn/moving_variance": one,
      },
    );
    // The last step is masked: Keras 3 leaves it out of the mean.
    const given = tensor([
      [
        [1, 10],
        [3, 30],
        [0, 0],
      ],
    ]);
    const layer = model.layers.bn!;
    const state = () => [...layer.stateDict()].map(([name, value]) => [name, ...value.data()]);
    model.train();
    layer.requiresGrad = false;
    expect(model.forward(given).toArray()).toEqual(given.toArray());
    expect(state()).toContainEqual(["moving_mean", 0, 0]);
    layer.requiresGrad = true;
    const [row] = model.forward(given).toArray() as number[][][];
    expectClose(Float32Array.from(row!.slice(0, 2).flat()), Float32Array.of(-1, -1, 1, 1), 1e-6);
    const moved = new Map(state().map(([name, ...values]) => [name, values as number[]]));
    expectClose(Float32Array.from(moved.get("moving_mean")!), Float32Array.of(0.2, 2), 1e-6);
    expectClose(Float32Array.from(moved.get("moving_variance")!), Float32Array.of(1, 10.9), 1e-5);
  });
});

it("what a file says is not trainable is frozen", () => {
  const table = { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] };
  const config = { name: "e", input_dim: 3, output_dim: 2 };
  for (const trainable of [true, false]) {
    const model = modelOf([["Embedding", { ...config, trainable }]], { "e/embeddings": table });
    expect(model.parameters().map(({ requiresGrad }) => requiresGrad)).toEqual([trainable]);
  }
});

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
