// Attention by its kernels against attention composed of operations, and against its own stream.
import { describe, expect, it } from "vitest";
import { manualSeed, scope, tensor, type Tensor } from "../../src/index.js";
import {
  MultiheadAttention,
  scaledDotProductAttention,
  type MultiheadAttentionOptions,
  type MultiheadForwardOptions,
  type ScaledDotProductOptions,
} from "../../src/nn/index.js";
import { attendHeads } from "../../src/ops/attention/heads.js";
import { attendStep, attendStepScratchBytes } from "../../src/ops/attention/step.js";
import { allocateBlock } from "../../src/tensor/storage.js";
import { heap } from "../../src/wasm/backend.js";
import { f32, i32 } from "../../src/wasm/memory.js";
import { at } from "../../src/wasm/ptr.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";

const numbers = (shape: number[], seed = 1): Tensor =>
  tensor(testRandom(seed).uniforms(shape.reduce((a, b) => a * b)), { shape, requiresGrad: true });

const ints = (shape: number[], of: (index: number) => number): Tensor<"int32"> =>
  tensor(
    Int32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => of(i)),
    { shape },
  );

const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };

/** Output and the gradients of inputs, by the kernels and composed: `run` gives the output. */
function bothWays(inputs: readonly Tensor[], run: (needWeights: boolean) => Tensor): void {
  const [fused, composed] = [false, true].map((needWeights) => {
    for (const input of inputs) input.zeroGrad();
    manualSeed(3);
    const output = run(needWeights);
    output
      .mul(numbers([...output.shape], 9))
      .sum()
      .backward();
    return [output.data(), ...inputs.map((input) => input.grad!.data())];
  }) as [Float32Array[], Float32Array[]];
  fused.forEach((values, i) => expectClose(values, composed[i]!, TOLERANCE));
}

describe("scaledDotProductAttention", () => {
  const forms: [string, number[], number, ScaledDotProductOptions & { maskShape?: number[] }][] = [
    ["no leading axis", [9, 4], 7, {}],
    ["causal over blocks", [2, 200, 4], 200, { causal: true }],
    ["a mask of keys for each row", [3, 2, 5, 4], 6, { maskShape: [3, 1, 1, 6] }],
    ["a mask of queries and keys", [3, 2, 5, 4], 6, { maskShape: [5, 6], causal: true }],
    ["five axes and a whole mask", [2, 2, 2, 3, 4], 5, { maskShape: [2, 2, 2, 3, 5] }],
    ["a mask of one of the leading axes", [2, 3, 2, 3, 4], 5, { maskShape: [3, 1, 1, 5] }],
    ["a scale and dropout", [2, 3, 5, 4], 6, { scale: 2, dropout: 0.4 }],
    ["dropout where rows are no whole blocks of words", [2, 7, 4], 105, { dropout: 0.5 }],
  ];
  it.each(forms)("agrees with its composed form: %s", (_, shape, keys, given) =>
    scope(() => {
      const { maskShape, ...options } = given;
      const mask = maskShape && ints(maskShape, (i) => (i % 7 === 3 || i % 5 === 1 ? 0 : 1));
      const leading = shape.slice(0, -2);
      const q = numbers(shape);
      const [k, v] = [
        numbers([...leading, keys, shape.at(-1)!], 2),
        numbers([...leading, keys, 3], 3),
      ];
      bothWays(
        [q, k, v],
        (needWeights) =>
          scaledDotProductAttention(q, k, v, { ...options, mask, needWeights }).output,
      );
    }),
  );

  it("still broadcasts leading axes", () =>
    scope(() => {
      const [q, k, v] = [numbers([2, 3, 4]), numbers([1, 5, 4], 2), numbers([1, 5, 3], 3)];
      bothWays(
        [q, k, v],
        (needWeights) => scaledDotProductAttention(q, k, v, { needWeights }).output,
      );
    }));

  it("finds a mask that was changed before the backward pass", () =>
    scope(() => {
      const x = numbers([3, 4]);
      const mask = ints([3, 3], () => 1);
      const { output } = scaledDotProductAttention(x, x, x, { mask });
      mask.set(new Int32Array(9));
      expect(() => output.sum().backward()).toThrow(/attention.*changed/);
    }));
});

describe("MultiheadAttention", () => {
  type Form = [
    string,
    MultiheadAttentionOptions,
    MultiheadForwardOptions,
    "self" | "cross" | "three",
  ];
  const mask = () => ints([2, 1, 1, 6], (i) => (i % 4 === 2 ? 0 : 1));
  const forms: Form[] = [
    ["self-attention", {}, {}, "self"],
    ["self-attention, causal with lengths", {}, { causal: true, lengths: [6, 3] }, "self"],
    ["keys that are the values", { bias: false }, { lengths: [0, 5] }, "cross"],
    ["three tensors", {}, { causal: true }, "three"],
    ["other sizes", { kdim: 5, vdim: 3 }, { lengths: [6, 2] }, "three"],
    ["dropout", { dropout: 0.3 }, {}, "self"],
  ];
  it.each(forms)("agrees with its composed form: %s", (_, options, given, inputs) =>
    scope(() => {
      const layer = new MultiheadAttention(8, 2, options);
      const x = numbers([2, 6, 8]);
      const key = inputs === "self" ? x : numbers([2, 6, layer.kdim], 2);
      const value = inputs === "three" ? numbers([2, 6, layer.vdim], 3) : key;
      const all = [...new Set([x, key, value]), ...layer.parameters()];
      for (const masked of [undefined, mask()])
        bothWays(
          all,
          (needWeights) =>
            layer.forward(x, key, value, { ...given, mask: masked, needWeights }).output,
        );
      layer.dispose();
    }),
  );
});

describe("attendStep", () => {
  const [heads, size, time] = [2, 5, 210];
  const width = heads * size;

  it("gives each query the bits of the whole, by rows of an index, over more than one block", () =>
    scope(() => {
      const qkv = numbers([3, time, 3 * width]);
      const whole = attendHeads([qkv], { heads, causal: true }).data();
      const data = qkv.data();
      // Keys and values side by side, with more room than there are steps; the rows in another order, one twice.
      const [capacity, order] = [time + 3, [2, 0, 1, 0]];
      const kept = allocateBlock(3 * capacity * 2 * width * 4);
      const memory = f32(kept.ptr, 3 * capacity * 2 * width).fill(NaN);
      const rows = order.length;
      const io = allocateBlock((rows * 4 * width + 2 * rows) * 4);
      const space = allocateBlock(attendStepScratchBytes(size));
      const [query, output] = [io.ptr, at(io.ptr, rows * 3 * width)];
      const [counts, index] = [at(output, rows * width), at(output, rows * width + rows)];
      i32(index, rows).set(order);
      const used = heap().used;
      for (let t = 0; t < time; t++) {
        for (let row = 0; row < 3; row++) {
          const from = (row * time + t) * 3 * width;
          memory.set(
            data.subarray(from + width, from + 3 * width),
            (row * capacity + t) * 2 * width,
          );
        }
        order.forEach((row, i) => {
          const from = (row * time + t) * 3 * width;
          f32(query, rows * 3 * width).set(data.subarray(from, from + 3 * width), i * 3 * width);
        });
        i32(counts, rows).fill(t + 1);
        attendStep(
          {
            keys: kept.ptr,
            values: at(kept.ptr, width),
            capacity,
            keyRow: 2 * width,
            valueRow: 2 * width,
          },
          {
            ...{ rows, heads, size, query, queryRow: 3 * width, output, outputRow: width },
            ...{ counts, index, scale: 1 / Math.sqrt(size) },
          },
          space.ptr,
        );
        order.forEach((row, i) => {
          const expected = whole.slice((row * time + t) * width, (row * time + t + 1) * width);
          const own = f32(output, rows * width).slice(i * width, (i + 1) * width);
          expect(new Uint32Array(own.buffer), `step ${t}`).toEqual(
            new Uint32Array(expected.buffer),
          );
        });
      }
      expect(heap().used).toBe(used);
      for (const block of [kept, io, space]) block.free();
    }));

  it("gives zeros where a query sees nothing", () =>
    scope(() => {
      const block = allocateBlock(4096);
      f32(block.ptr, 1024).fill(NaN);
      const counts = i32(at(block.ptr, 200), 2);
      counts.set([0, 1]);
      f32(block.ptr, 200).fill(1);
      const space = allocateBlock(attendStepScratchBytes(size));
      attendStep(
        { keys: block.ptr, values: block.ptr, capacity: 2, keyRow: width, valueRow: width },
        {
          ...{
            rows: 2,
            heads,
            size,
            query: block.ptr,
            queryRow: width,
            output: at(block.ptr, 300),
          },
          ...{ outputRow: width, counts: at(block.ptr, 200), index: 0, scale: 1 },
        },
        space.ptr,
      );
      const given = [...f32(at(block.ptr, 300), 2 * width)];
      expect(given).toEqual([...Array<number>(width).fill(0), ...Array<number>(width).fill(1)]);
      for (const each of [block, space]) each.free();
    }));
});

it("keeps memory that grows with time, not with its square", () => {
  const most = (time: number): number =>
    scope(() => {
      const qkv = numbers([1, time, 3 * 16]);
      const before = heap().used;
      const output = attendHeads([qkv], { heads: 2, causal: true });
      output.sum().backward();
      return heap().used - before;
    });
  most(1024);
  const [short, long] = [most(256), most(1024)];
  expect(long).toBeLessThan(5 * short);
  expect(long).toBeLessThan(1024 * 1024 * 4);
});
