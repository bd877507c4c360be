// What the decoder, the bridge and the GNMT encoder promise beside the numbers.
import { describe, expect, it } from "vitest";
import {
  GRU,
  LSTM,
  manualSeed,
  noGrad,
  OptionError,
  randn,
  scope,
  ShapeError,
  zeros,
} from "../../../src/index.js";
import {
  Bridge,
  GNMTEncoder,
  RecurrentDecoder,
  type BridgeOptions,
  type RecurrentDecoderOptions,
} from "../../../src/nn/index.js";
import { arena } from "../../../src/wasm/backend.js";
import { expectClose } from "../../helpers/expect-close.js";

const memorySize = 4;

describe("RecurrentDecoder", () => {
  it.each<[string, RecurrentDecoderOptions]>([
    ["no memorySize", {}],
    ["memorySize without attention", { attention: "none", memorySize }],
    ["a placement without attention", { attention: "none", placement: "gnmt" }],
    ["attentionSize without a vector", { memorySize, placement: "gnmt", attentionSize: 3 }],
    ["keys that dot cannot compare", { memorySize, attention: "dot" }],
    ["a skip past no layer", { memorySize, skip: "residual" }],
    ["dropout of nothing", { memorySize, placement: "gnmt", dropout: 0.1 }],
    ["locked dropout without dropout", { memorySize, variationalDropout: true }],
    ["an unknown cell", { memorySize, cell: "xlstm" as "lstm" }],
  ])("refuses %s", (_, options) => {
    expect(() => new RecurrentDecoder(2, 3, options)).toThrow(OptionError);
  });

  it("refuses what does not fit a batch", () => {
    const decoder = new RecurrentDecoder(2, 3, { memorySize, encodingSize: 2 });
    const memory = decoder.memory(randn([2, 5, memorySize]));
    const [x, encoding] = [randn([2, 4, 2]), randn([2, 2])];
    expect(() => decoder.forward(x, { encoding })).toThrow(/expected a memory/);
    expect(() => decoder.forward(x, { memory })).toThrow(/encoding \[2, 2\]/);
    expect(() => decoder.forward(randn([3, 4, 2]), { memory, encoding })).toThrow(ShapeError);
    const float = { ...memory, mask: randn([2, 1, 5]) as never };
    expect(() => decoder.forward(x, { memory: float, encoding })).toThrow(/int32/);
    const short = { ...memory, keys: randn([2, 4, 3]) };
    expect(() => decoder.forward(x, { memory: short, encoding })).toThrow(ShapeError);
    const state = { h: zeros([1, 2, 3]) };
    expect(() => decoder.forward(x, { memory, encoding, state })).toThrow(/state.c/);
    expect(() => decoder.memory(randn([2, 5, 3]))).toThrow(/memorySize/);
    const bare = new RecurrentDecoder(2, 3, { attention: "none" });
    expect(() => bare.forward(x, { memory })).toThrow(/no memory/);
    expect(() => bare.forward(x, { needWeights: true })).toThrow(/needWeights/);
    expect(() => bare.forward(x, { encoding })).toThrow(/no encoding/);
    expect(() => bare.memory(randn([2, 5, 3]))).toThrow(OptionError);
  });

  const DROPPING = { memorySize, numLayers: 2, dropout: 0.5, recurrentDropout: 0.3 } as const;

  it.each(["output", "inputFeeding", "gnmt"] as const)(
    "drops in training alone, by the seed: %s",
    (placement) => {
      const decoder = new RecurrentDecoder(2, 8, { ...DROPPING, placement });
      const [x, keys] = [randn([2, 4, 2]), randn([2, 5, memorySize])];
      const run = (seed: number): Float32Array => {
        manualSeed(seed);
        return scope(() => decoder.forward(x, { memory: decoder.memory(keys) }).output.data());
      };
      expect(run(1)).toEqual(run(1));
      expect(run(1)).not.toEqual(run(2));
      decoder.eval();
      expect(run(1)).toEqual(run(2));
    },
  );

  it("drops the same units of the attentional vector at every step where it is locked", () => {
    const options = { memorySize, dropout: 0.5 };
    for (const placement of ["output", "inputFeeding"] as const)
      for (const variationalDropout of [true, false]) {
        const given = { ...options, placement, variationalDropout };
        const decoder = new RecurrentDecoder(2, 32, given);
        const memory = decoder.memory(randn([1, 5, memorySize]));
        const { output } = decoder.forward(randn([1, 3, 2]), { memory });
        const dropped = [0, 1, 2].map((t) =>
          [...output.select(1, t).data()].map((value) => value === 0),
        );
        expect(dropped[0]!.some((out) => out)).toBe(true);
        expect(dropped[0]!.every((out, i) => out === dropped[1]![i])).toBe(variationalDropout);
      }
  });

  it("keeps nothing without a graph, and gives the same", () => {
    const decoder = new RecurrentDecoder(2, 16, { memorySize, placement: "inputFeeding" });
    const [x, keys] = [randn([4, 20, 2]), randn([4, 5, memorySize])];
    const of = () => decoder.forward(x, { memory: decoder.memory(keys) }).output.data();
    const bytes = (run: () => Float32Array): [Float32Array, number] =>
      scope(() => {
        const before = arena().used;
        const values = run();
        return [values, arena().used - before] as [Float32Array, number];
      });
    const [recorded, kept] = bytes(of);
    const [free, left] = bytes(() => noGrad(of));
    expect(free).toEqual(recorded);
    expect(left).toBeLessThan(kept / 3);
  });
});

describe("Bridge", () => {
  const encoder = new LSTM(2, 3, { numLayers: 2, bidirectional: true });
  const { state } = encoder.forward(randn([2, 4, 2]));
  const sizes = { encoderSize: 3, directions: 2 } as const;

  it("maps the last layer, its directions side by side, part by part", () => {
    const bridge = new Bridge({ ...sizes, hiddenSize: 5, numLayers: 2 });
    const { h, c } = bridge.forward(state);
    const joined = (part: "h" | "c", row: number): Float32Array =>
      Float32Array.of(
        ...[2, 3].flatMap((slot) => [...state[part].select(0, slot).select(0, row).data()]),
      );
    for (const [part, got] of Object.entries({ h: h, c: c! })) {
      const { weight, bias } = bridge[part as "h" | "c"]!;
      for (const row of [0, 1]) {
        const x = joined(part as "h" | "c", row);
        const expected = Array.from({ length: 10 }, (_, j) =>
          Math.tanh(x.reduce((sum, v, k) => sum + v * weight.data()[j * 6 + k]!, bias!.data()[j]!)),
        );
        const values = [0, 1].flatMap((layer) => [...got.select(0, layer).select(0, row).data()]);
        expectClose(Float32Array.from(values), expected, { absolute: 1e-6, relative: 1e-6 }, part);
      }
    }
  });

  it("copies the topmost layers: directions side by side, or their sum", () => {
    const side = new Bridge({ ...sizes, kind: "copy", hiddenSize: 6 }).forward(state);
    expect(side.h.shape).toEqual([1, 2, 6]);
    const [forwards, backwards] = [2, 3].map((slot) => [
      ...state.h.select(0, slot).select(0, 1).data(),
    ]);
    expect([...side.h.select(0, 0).select(0, 1).data()]).toEqual([...forwards!, ...backwards!]);
    const sum = new Bridge({ ...sizes, kind: "copy", hiddenSize: 3, numLayers: 2 }).forward(state);
    expect(sum.c!.shape).toEqual([2, 2, 3]);
    const expected = forwards!.map((value, i) => Math.fround(value + backwards![i]!));
    expect([...sum.h.select(0, 1).select(0, 1).data()]).toEqual(expected);
  });

  it("gives zeros, and a cell state of h where the encoder has none", () => {
    const none = new Bridge({ ...sizes, kind: "zeros", hiddenSize: 4, numLayers: 3 }).forward(
      state,
    );
    expect([...none.h.data(), ...none.c!.data()]).toEqual(new Array(48).fill(0));
    const gru = new GRU(2, 3).forward(randn([2, 4, 2])).state;
    const made = new Bridge({ encoderSize: 3, encoderCell: "gru", hiddenSize: 4 }).forward(gru);
    expect(made.c!.shape).toEqual([1, 2, 4]);
    expect(
      new Bridge({ encoderSize: 3, cell: "gru", hiddenSize: 4 }).forward(gru).c,
    ).toBeUndefined();
  });

  it.each<[string, BridgeOptions]>([
    ["another size", { kind: "copy", encoderSize: 3, hiddenSize: 4 }],
    ["no cell state", { kind: "copy", encoderSize: 3, hiddenSize: 3, encoderCell: "gru" }],
    ["three directions", { encoderSize: 3, hiddenSize: 3, directions: 3 as 2 }],
    ["an unknown kind", { encoderSize: 3, hiddenSize: 3, kind: "linear" as "copy" }],
  ])("refuses %s", (_, options) => {
    expect(() => new Bridge(options)).toThrow(OptionError);
  });

  it("refuses a state of fewer layers than it copies, or of another size", () => {
    const copy = new Bridge({ kind: "copy", encoderSize: 3, hiddenSize: 3, numLayers: 2 });
    expect(() => copy.forward({ h: zeros([1, 2, 3]), c: zeros([1, 2, 3]) })).toThrow(ShapeError);
    expect(() =>
      new Bridge({ encoderSize: 3, hiddenSize: 3 }).forward({ h: zeros([1, 2, 4]) }),
    ).toThrow(ShapeError);
    const rows = { h: zeros([1, 2, 3]), c: zeros([1, 3, 3]) };
    expect(() => new Bridge({ encoderSize: 3, hiddenSize: 3 }).forward(rows)).toThrow(
      "expected state.c of h's shape, [1, 2, 3], got [1, 3, 3]",
    );
    expect(() => copy.forward({ h: zeros([2, 2, 3]) })).toThrow(/state\.c/);
  });
});

describe("GNMTEncoder", () => {
  it("is a bidirectional layer below residual ones; its state begins a decoder of as many layers", () => {
    const encoder = new GNMTEncoder(2, 3, { numLayers: 4 });
    const x = randn([2, 5, 2]);
    const lengths = [5, 2];
    const { output, state } = encoder.forward(x, { lengths });
    const below = encoder.bottom.forward(x, { lengths });
    const above = encoder.top.forward(below.output, { lengths });
    expect(output.data()).toEqual(above.output.data());
    const { h } = state;
    expect(h.shape).toEqual([4, 2, 3]);
    expect(h.select(0, 0).data()).toEqual((below.state as { h: typeof h }).h.select(0, 1).data());
    expect(h.slice(0, 1).data()).toEqual((above.state as { h: typeof h }).h.data());
    expect(encoder.top.skip).toBe("residual");
    const decoder = new RecurrentDecoder(2, 3, { numLayers: 4, memorySize: 3, placement: "gnmt" });
    const memory = decoder.memory(output, { lengths });
    expect(decoder.forward(x, { memory, state }).output.shape).toEqual([2, 5, 6]);
  });

  it("drops between its layers in training alone", () => {
    for (const numLayers of [2, 3]) {
      const encoder = new GNMTEncoder(2, 8, { cell: "gru", numLayers, dropout: 0.5 });
      const x = randn([2, 5, 2]);
      const run = () => encoder.forward(x).output.data();
      expect(run()).not.toEqual(run());
      encoder.eval();
      expect(run()).toEqual(run());
    }
    expect(() => new GNMTEncoder(2, 3, { numLayers: 1 })).toThrow(OptionError);
  });
});
