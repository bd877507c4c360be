import { describe, expect, expectTypeOf, it } from "vitest";
import {
  Dropout,
  Embedding,
  FormatError,
  GRU,
  IndexError,
  LayerNorm,
  Linear,
  LSTM,
  memoryUsage,
  Module,
  OptionError,
  relu,
  ScopeError,
  Sequential,
  ShapeError,
  scope,
  Tanh,
  tensor,
  type Tensor,
} from "../../src/index.js";
import { GELU, Softmax, streamOf } from "../../src/nn/index.js";
import { unbind } from "../../src/ops/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(17);

const chain = () =>
  new Sequential(
    new Linear(3, 6),
    relu,
    new LayerNorm(6),
    new GRU(6, 5, { numLayers: 2, skip: "residual" }),
    new Dropout(0.5),
    new LSTM(5, 4),
    new GELU(),
    new Sequential(new Linear(4, 2), new Softmax()),
  );

/** What forward gives at each step, of one row. */
function whole(model: Sequential, values: Float32Array, features: number): Float32Array[] {
  return scope<Float32Array[]>(() => {
    const time = values.length / features;
    const y = model.eval().forward(tensor(values, { shape: [1, time, features] }));
    return unbind(y, 1).map((step) => step.data());
  });
}

describe("streamOf", () => {
  it("gives the bits of the whole forward in evaluation mode, of every row", () => {
    const model = chain();
    const rows = [random.uniforms(3 * 7), random.uniforms(3 * 7)];
    const stream = streamOf(model, { batch: 2 });
    expectTypeOf(stream.push).parameter(0).toEqualTypeOf<Float32Array>();
    expect([stream.outputSize, stream.rows]).toEqual([2, 2]);
    const expected = rows.map((values) => whole(model as never, values, 3));
    model.train();
    for (let t = 0; t < 7; t++) {
      const x = rows.flatMap((values) => [...values.subarray(3 * t, 3 * t + 3)]);
      const y = stream.push(Float32Array.from(x));
      expect(y).toEqual(Float32Array.from(expected.flatMap((steps) => [...steps[t]!])));
    }
    // The modes of the layers are as they were.
    expect(model.training && [...model.namedModules().values()].every((m) => m.training)).toBe(
      true,
    );
    stream.dispose();
    model.dispose();
  });

  it("reads ids where an embedding comes first", () => {
    const model = new Sequential(new Embedding(9, 4), new LSTM(4, 3), new Linear(3, 9));
    const stream = streamOf(model);
    expectTypeOf(stream.push).parameter(0).toEqualTypeOf<Int32Array>();
    const ids = Int32Array.of(3, 8, 0, 3);
    scope(() => {
      const y = model.forward(tensor(ids, { shape: [1, 4] }));
      unbind(y, 1).forEach((step, t) => {
        expect(stream.push(ids.slice(t, t + 1))).toEqual(step.data());
      });
    });
    expect(() => stream.push(Int32Array.of(9))).toThrow(IndexError);
    stream.dispose();
    model.dispose();
  });

  it("leaves nothing in kernel memory, and keeps the weights of the moment it was made", () => {
    const model = chain();
    const stream = streamOf(model);
    const x = random.uniforms(3);
    const out = new Float32Array(2);
    stream.push(x, out);
    const first = out.slice();
    const before = memoryUsage();
    for (let i = 0; i < 200; i++) stream.push(x, out);
    expect(memoryUsage()).toEqual(before);
    for (const parameter of model.parameters()) parameter.set(new Float32Array(parameter.size));
    stream.reset();
    expect(stream.push(x, out)).toBe(out);
    expect(out).toEqual(first);
    stream.dispose();
    model.dispose();
  });

  it("goes on from bytes, clones, and rows in another order", () => {
    const model = chain();
    const [stream, other] = [streamOf(model, { batch: 3 }), streamOf(model, { batch: 3 })];
    const steps = Array.from({ length: 4 }, () => random.uniforms(9));
    stream.push(steps[0]!);
    stream.push(steps[1]!);
    const bytes = stream.toBytes();
    other.fromBytes(bytes);
    const copy = stream.clone();
    const next = stream.push(steps[2]!).slice();
    expect(other.push(steps[2]!)).toEqual(next);
    expect(copy.push(steps[2]!)).toEqual(next);
    stream.select(Int32Array.of(2, 0));
    expect(stream.rows).toBe(2);
    const all = copy.push(steps[3]!).slice();
    const [a, , c] = [0, 1, 2].map((row) => steps[3]!.subarray(3 * row, 3 * row + 3));
    expect(stream.push(Float32Array.of(...c!, ...a!))).toEqual(
      Float32Array.of(...all.subarray(4), ...all.subarray(0, 2)),
    );
    const damaged = bytes.slice();
    damaged[damaged.length - 1]! ^= 1;
    expect(() => other.fromBytes(damaged)).toThrow(FormatError);
    expect(() => stream.fromBytes(bytes)).toThrow("that of another stream, or of other rows");
    stream.dispose();
    // Clones share the weights, which stay while one of them lives.
    expect(copy.push(steps[0]!).some(Number.isNaN)).toBe(false);
    expect(() => stream.push(steps[0]!)).toThrow(ScopeError);
    for (const each of [other, copy, model]) each.dispose();
  });

  it("frees its copies", () => {
    const model = chain();
    const refused = new Sequential(model, (x: Tensor) => x.mean(1));
    const run = () => {
      const stream = streamOf(model, { batch: 2 });
      const copy = stream.clone();
      stream.dispose();
      copy.dispose();
      expect(() => streamOf(refused)).toThrow(OptionError);
    };
    run();
    const before = memoryUsage();
    run();
    expect(memoryUsage()).toEqual(before);
    model.dispose();
  });

  class Twice extends Module {
    readonly dense = new Linear(2, 2);
    forward(x: Tensor): Tensor {
      return this.dense.forward(x).mul(2);
    }
  }

  it.each([
    [new LSTM(2, 2, { bidirectional: true }), "a layer that reads forwards only"],
    [(x: Tensor) => x.mean(1), "layer 1 (a function), which makes [2, 2] of [2, 2, 2]"],
    [(x: Tensor) => x.sub(x.mean(1, true)), "which gives a step something else among others"],
    [new Softmax(1), "layer 1 (Softmax), which gives a step something else among others"],
    [new Twice(), "Embedding, Linear, LayerNorm, and what has no weights, got layer 1 (Twice)"],
  ])("refuses what needs more than a step: %s", (layer, message) => {
    const model = new Sequential(new Linear(2, 2), layer as Tanh);
    expect(() => streamOf(model)).toThrow(OptionError);
    expect(() => streamOf(model)).toThrow(message);
    model.dispose();
  });

  it("refuses steps of another size, and what begins with nothing that tells its size", () => {
    expect(() => streamOf(new Sequential(new Tanh()))).toThrow("Begin with an Embedding, a Linear");
    const stream = streamOf(chain());
    expect(() => stream.push(new Float32Array(4))).toThrow(ShapeError);
    expect(() => stream.push(new Float32Array(3), new Float32Array(3))).toThrow(
      "room for 2 numbers",
    );
    expect(() => stream.select(Int32Array.of(1))).toThrow(IndexError);
    stream.dispose();
  });
});
