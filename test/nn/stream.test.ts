import { describe, expect, it } from "vitest";
import {
  FormatError,
  GRU,
  IndexError,
  LSTM,
  memoryUsage,
  RNN,
  scope,
  ScopeError,
  ShapeError,
  tensor,
  zeros,
} from "../../src/index.js";
import { heap } from "../../src/wasm/backend.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(5);
const lstm = new LSTM(3, 5, { numLayers: 2 });
const inputs = Array.from({ length: 8 }, () => random.uniforms(3));

describe("a stream", () => {
  it("with several rows gives each the bits of its own", () => {
    const [both, one, two] = [lstm.stream({ batch: 2 }), lstm.stream(), lstm.stream()];
    for (let t = 0; t < 4; t++) {
      const [a, b] = [inputs[t]!, inputs[t + 4]!];
      const out = both.push(Float32Array.of(...a, ...b));
      expect(out.subarray(0, 5)).toEqual(one.push(a));
      expect(out.subarray(5)).toEqual(two.push(b));
    }
    for (const stream of [both, one, two]) stream.dispose();
  });

  it("fills a given array, else its own, and takes its own output as input", () => {
    const square = new LSTM(4, 4);
    const [stream, twin] = [square.stream(), square.stream()];
    const x = random.uniforms(4);
    const out = new Float32Array(4);
    expect(stream.push(x, out)).toBe(out);
    const own = twin.push(x);
    expect(own).toEqual(out);
    stream.push(out, out);
    expect(twin.push(own)).toBe(own);
    expect(own).toEqual(out);
    for (const each of [stream, twin, square]) each.dispose();
  });

  it("allocates nothing, and is right after the memory grew", () => {
    const [stream, twin] = [lstm.stream(), lstm.stream()];
    const out = new Float32Array(5);
    stream.push(inputs[0]!, out);
    twin.push(inputs[0]!);
    const before = memoryUsage();
    for (let i = 0; i < 1000; i++) stream.push(inputs[i % 8]!, out);
    expect(memoryUsage()).toEqual(before);
    stream.setState(scope(() => twin.state()));
    const block = heap().allocate(before.wasmBytes);
    expect(memoryUsage().wasmBytes).toBeGreaterThan(before.wasmBytes);
    expect(stream.push(inputs[1]!)).toEqual(twin.push(inputs[1]!));
    heap().free(block);
    stream.dispose();
    twin.dispose();
  });

  it("keeps the weights of the moment it was made", () => {
    const layer = new LSTM(3, 5);
    const stream = layer.stream();
    const [first] = [Float32Array.from(stream.push(inputs[0]!))];
    layer.weight_ih_l0!.set(new Float32Array(60));
    stream.reset();
    expect(stream.push(inputs[0]!)).toEqual(first);
    layer.dispose();
    stream.reset();
    expect(stream.push(inputs[0]!)).toEqual(first);
    stream.dispose();
  });

  it.each([
    ["an LSTM", () => new LSTM(3, 5, { numLayers: 2 })],
    ["a residual GRU", () => new GRU(5, 5, { numLayers: 3, skip: "residual" })],
    ["an RNN that joins the input", () => new RNN(3, 7, { numLayers: 2, skip: "concat" })],
    ["a projected LSTM", () => new LSTM(3, 6, { projSize: 4 })],
  ])("reorders, repeats and drops rows: %s", (_name, make) => {
    const layer = make() as unknown as LSTM;
    const width = layer.inputSize;
    const stream = layer.stream({ batch: 4 });
    // Each row as a stream of its own.
    let alone = Array.from({ length: 4 }, () => layer.stream());
    const orders = [[0, 1, 2, 3], [3, 1, 1], [2], [0, 0, 0, 0], [2, 0], [1, 0]];
    for (const order of orders) {
      stream.select(Int32Array.from(order));
      alone = order.map((row) => alone[row]!.clone());
      expect(stream.rows).toBe(order.length);
      for (let t = 0; t < 2; t++) {
        const x = random.uniforms(order.length * width);
        const expected = alone.map((each, row) => [
          ...each.push(x.subarray(row * width, (row + 1) * width)),
        ]);
        expect([...stream.push(x)]).toEqual(expected.flat());
      }
    }
    const next = random.uniforms(2 * width);
    const copy = stream.clone();
    const restored = layer.stream({ batch: 4 });
    expect(() => restored.fromBytes(stream.toBytes())).toThrow(FormatError);
    restored.select(Int32Array.of(0, 1));
    restored.fromBytes(stream.toBytes());
    const state = scope(() => {
      const { h } = stream.state();
      restored.setState(stream.state());
      return h.shape;
    });
    expect(state).toEqual([layer.numLayers, 2, layer.stream().outputSize]);
    const expected = Float32Array.from(stream.push(next));
    expect(copy.push(next)).toEqual(expected);
    expect(restored.push(next)).toEqual(expected);
    stream.reset();
    expect(stream.rows).toBe(4);
    expect(stream.push(new Float32Array(4 * width))).toEqual(
      layer.stream({ batch: 4 }).push(new Float32Array(4 * width)),
    );
  });

  it("refuses rows that it has not", () => {
    const stream = lstm.stream({ batch: 2 });
    stream.select(Int32Array.of(1));
    expect(() => stream.select(new Int32Array(0))).toThrow(ShapeError);
    expect(() => stream.select(new Int32Array(3))).toThrow(ShapeError);
    expect(() => stream.select(Int32Array.of(0, 1))).toThrow(IndexError);
    expect(() => stream.select(Int32Array.of(-1))).toThrow(IndexError);
    expect(() => stream.push(new Float32Array(6))).toThrow(ShapeError);
    stream.dispose();
    expect(() => stream.select(Int32Array.of(0))).toThrow(ScopeError);
  });

  it("clones with its state, and the two go on apart", () => {
    const { heapBytes, tensors } = memoryUsage();
    const stream = lstm.stream();
    stream.push(inputs[0]!);
    const clone = stream.clone();
    const ahead = Float32Array.from(stream.push(inputs[1]!));
    expect(clone.push(inputs[1]!)).toEqual(ahead);
    stream.reset();
    stream.dispose();
    // The weights are shared, and stay as long as one needs them.
    expect(clone.push(inputs[2]!)).not.toEqual(ahead);
    clone.dispose();
    expect(memoryUsage()).toMatchObject({ heapBytes, tensors });
  });

  it("takes states of forward and state(), and gives copies", () => {
    scope(() => {
      const stream = lstm.stream();
      stream.push(inputs[0]!);
      const state = stream.state();
      expect(state.h.shape).toEqual([2, 1, 5]);
      const ahead = Float32Array.from(stream.push(inputs[1]!));
      stream.setState(state);
      expect(stream.push(inputs[1]!)).toEqual(ahead);
      const x = tensor(Float32Array.of(...inputs[0]!), { shape: [1, 1, 3] });
      stream.setState(lstm.forward(x).state);
      expect(stream.push(inputs[1]!)).toEqual(ahead);
      stream.reset();
      expect(
        stream
          .state()
          .c.data()
          .every((value) => value === 0),
      ).toBe(true);
      stream.dispose();
    });
  });

  it("refuses what does not fit, and stays as it was", () => {
    const stream = lstm.stream();
    stream.push(inputs[0]!);
    const bytes = stream.toBytes();
    expect(() => stream.push(new Float32Array(4))).toThrow(ShapeError);
    expect(() => stream.push(new Float32Array(4))).toThrow(
      "lstm.stream.push: expected 3 numbers in and room for 5 out, got 4 and 5.",
    );
    expect(() => stream.push(inputs[0]!, new Float32Array(6))).toThrow("got 3 and 6");
    scope(() => {
      const h = zeros([2, 1, 5]);
      expect(() => stream.setState({ h, c: zeros([1, 1, 5]) })).toThrow(
        "lstm.stream.setState: expected state.c [2, 1, 5] ([numLayers · directions, batch, hidden]), got [1, 1, 5].",
      );
      expect(() => stream.setState({ h } as never)).toThrow(
        "expected state.c of type tensor, got undefined",
      );
    });
    expect(stream.toBytes()).toEqual(bytes);
    stream.dispose();
  });

  it("says after dispose() what it was asked for", () => {
    const stream = lstm.stream();
    const bytes = stream.toBytes();
    stream.dispose();
    stream.dispose();
    const { heapBytes } = memoryUsage();
    for (const [op, use] of [
      ["push", () => stream.push(inputs[0]!)],
      ["state", () => stream.state()],
      ["reset", () => stream.reset()],
      ["clone", () => stream.clone()],
      ["toBytes", () => stream.toBytes()],
      ["fromBytes", () => stream.fromBytes(bytes)],
      [
        "setState",
        () => scope(() => stream.setState({ h: zeros([2, 1, 5]), c: zeros([2, 1, 5]) })),
      ],
    ] as const) {
      expect(use).toThrow(ScopeError);
      expect(use).toThrow(
        `lstm.stream.${op}: expected a live stream, got one that was disposed of.`,
      );
    }
    expect(memoryUsage().heapBytes).toBe(heapBytes);
  });
});

describe("a state as bytes", () => {
  const stream = lstm.stream();
  stream.push(inputs[0]!);
  const bytes = stream.toBytes();

  it("goes on in another stream to the same bits, also from the middle of a buffer", () => {
    const other = lstm.stream();
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes, 3);
    other.fromBytes(padded.subarray(3, 3 + bytes.length));
    const clone = stream.clone();
    expect(other.push(inputs[1]!)).toEqual(clone.push(inputs[1]!));
    expect(other.toBytes()).toEqual(clone.toBytes());
    other.dispose();
    clone.dispose();
  });

  it("is refused where any byte of it is another, and cut or grown anywhere", () => {
    const other = lstm.stream();
    const before = other.toBytes();
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i]! ^= 1 << (i % 8);
      expect(() => other.fromBytes(damaged)).toThrow(FormatError);
    }
    for (let length = 0; length < bytes.length; length++)
      expect(() => other.fromBytes(bytes.subarray(0, length))).toThrow(FormatError);
    expect(() => other.fromBytes(Uint8Array.of(...bytes, 0))).toThrow(FormatError);
    expect(other.toBytes()).toEqual(before);
    other.dispose();
  });

  it("is refused by streams of other sizes", () => {
    for (const [layer, batch] of [
      [new LSTM(3, 5), 1],
      [new LSTM(3, 6, { numLayers: 2 }), 1],
      [lstm, 2],
    ] as const) {
      const other = layer.stream({ batch });
      expect(() => other.fromBytes(bytes)).toThrow("that of another stream");
      other.dispose();
    }
    // The input's size is no part of the state.
    const wider = new LSTM(4, 5, { numLayers: 2 }).stream();
    wider.fromBytes(bytes);
    expect(wider.toBytes()).toEqual(bytes);
    wider.dispose();
  });
});
