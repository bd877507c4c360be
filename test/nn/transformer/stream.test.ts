// Streams of Transformers: the bits of the whole sequence, rows of their own, states as bytes.
import { describe, expect, it } from "vitest";
import {
  backend,
  LayerNorm,
  manualSeed,
  memoryUsage,
  noGrad,
  randn,
  scope,
  tensor,
  type Tensor,
  zeros,
} from "../../../src/index.js";
import {
  GPT,
  RMSNorm,
  SinusoidalPositions,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type GPTOptions,
  type TransformerLayerOptions,
  type TransformerStream,
} from "../../../src/nn/index.js";
import { expectClose } from "../../helpers/expect-close.js";

const [SIZE, HEADS] = [24, 4];

const encoder = (options: TransformerLayerOptions = {}, numHeads = HEADS): TransformerEncoder => {
  manualSeed(1);
  const layer = new TransformerEncoderLayer(SIZE, numHeads, { dimFeedforward: 20, ...options });
  const Norm = options.norm === "rms" ? RMSNorm : LayerNorm;
  return new TransformerEncoder(layer, 2, { norm: new Norm(SIZE) }).eval();
};

/** What `run` gives as numbers, in evaluation without a graph. */
const numbers = (run: () => Tensor): Float32Array => scope(() => noGrad(() => run().data()));

/** A step of all rows of x `[rows, time, SIZE]`. */
function step(x: Float32Array, rows: number, t: number): Float32Array {
  const time = x.length / rows / SIZE;
  const out = new Float32Array(rows * SIZE);
  for (let row = 0; row < rows; row++) {
    const start = (row * time + t) * SIZE;
    out.set(x.subarray(start, start + SIZE), row * SIZE);
  }
  return out;
}

/** The same bits in the plain build, the same to rounding in the relaxed one. */
function expectSame(actual: Float32Array, expected: Float32Array): void {
  if (backend().build === "plain") expect(actual).toEqual(expected);
  else expectClose(actual, expected, 2e-5);
}

const values = (...shape: number[]): Float32Array => {
  manualSeed(7);
  return numbers(() => randn(shape));
};

const FORMS: [string, TransformerLayerOptions, number?][] = [
  ["as PyTorch's", {}],
  ["normFirst, GELU", { normFirst: true, activation: "gelu" }],
  ["rotary", { rotary: true, normFirst: true, bias: false }],
  ["rotary, interleaved, RMSNorm", { rotary: { pairing: "interleaved" }, norm: "rms" }],
  ["one head", { activation: "silu", normFirst: true }, 1],
];

describe.each(FORMS)("a stream of an encoder: %s", (_, options, numHeads) => {
  it.each([1, 3])("gives the bits of the whole sequence, rows: %d", (rows) => {
    const time = 150; // beyond two blocks of kept steps
    const model = encoder(options, numHeads);
    const x = values(rows, time, SIZE);
    const whole = numbers(() =>
      model.forward(tensor(x, { shape: [rows, time, SIZE] }), { causal: true }),
    );
    const stream = model.stream({ batch: rows });
    for (let t = 0; t < time; t++) expectSame(stream.push(step(x, rows, t)), step(whole, rows, t));
    expect(stream.position).toBe(time);
    stream.dispose();
    model.dispose();
  });
});

it("slides a window, to rounding as the whole sequence", () => {
  const [time, window] = [200, 17];
  const model = encoder({ rotary: true, normFirst: true, window });
  const x = values(1, time, SIZE);
  const whole = numbers(() =>
    model.forward(tensor(x, { shape: [1, time, SIZE] }), { causal: true }),
  );
  const unlimited = encoder({ rotary: true, normFirst: true });
  const other = numbers(() =>
    unlimited.forward(tensor(x, { shape: [1, time, SIZE] }), { causal: true }),
  );
  const stream = model.stream();
  for (let t = 0; t < time; t++) expectClose(stream.push(step(x, 1, t)), step(whole, 1, t), 1e-5);
  // The window is seen.
  const last = step(whole, 1, time - 1);
  expect(step(other, 1, time - 1).some((value, i) => Math.abs(value - last[i]!) > 1e-3)).toBe(true);
  for (const each of [stream, model, unlimited]) each.dispose();
});

it("a window is a view back: without causal it is refused, and an encoder of a Transformer has none", () => {
  const windowed = encoder({ window: 3 });
  const x = zeros([1, 4, SIZE]);
  expect(() => windowed.forward(x)).toThrow("causal: true of layers with window 3");
  const both = new Transformer(SIZE, 2, {
    ...{ numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 8, window: 3 },
  });
  expect(both.forward(x, x, { causal: true }).shape).toEqual([1, 4, SIZE]);
  expect(() => both.forward(x, x)).toThrow("window 3");
  for (const each of [windowed, both]) each.dispose();
});

it("is refused by the names of its own options", () => {
  expect(() => encoder({ layerNormEps: -1 })).toThrow("expected layerNormEps to be a number");
  expect(() => new TransformerEncoder(encoder() as never, 1)).toThrow(
    "an object (TransformerEncoder)",
  );
  expect(() => new SinusoidalPositions(4, 7)).toThrow(
    "SinusoidalPositions: expected an even number",
  );
});

describe("rows", () => {
  /** A stream of one row that has read steps of x. */
  const alone = (model: TransformerEncoder, steps: readonly Float32Array[]): Float32Array => {
    const stream = model.stream();
    const last = steps.map((each) => Float32Array.from(stream.push(each))).at(-1)!;
    stream.dispose();
    return last;
  };

  it("are reordered, repeated and dropped", () => {
    const model = encoder({ rotary: true });
    const steps = Array.from({ length: 8 }, (_, t) =>
      values(1, 90, SIZE).subarray(t * 24, t * 24 + 24),
    );
    const stream = model.stream({ batch: 2, capacity: 4 });
    const join = (...each: Float32Array[]): Float32Array =>
      Float32Array.from(each.flatMap((one) => [...one]));
    stream.push(join(steps[0]!, steps[1]!));
    stream.select(Int32Array.of(1, 0, 1, 1));
    stream.push(join(steps[2]!, steps[3]!, steps[4]!, steps[5]!));
    stream.select(Int32Array.of(3, 1, 0));
    const out = stream.push(join(steps[6]!, steps[7]!, steps[6]!));
    const paths = [
      [1, 5, 6],
      [0, 3, 7],
      [1, 2, 6],
    ];
    paths.forEach((path, row) => {
      const expected = alone(
        model,
        path.map((i) => steps[i]!),
      );
      expectSame(out.slice(row * SIZE, (row + 1) * SIZE), expected);
    });
    expect(() => stream.select(Int32Array.of(3))).toThrow("expected rows from 0 to 2, got 3");
    expect(() => stream.select(new Int32Array(5))).toThrow("expected 1 to 4 rows, got 5");
    stream.reset();
    expect(stream.rows).toBe(2);
    expectSame(stream.push(join(steps[3]!, steps[3]!)).slice(0, SIZE), alone(model, [steps[3]!]));
    stream.dispose();
    model.dispose();
  });
});

describe("states", () => {
  it.each([undefined, 9])("go on from bytes and in clones, window %s", (window) => {
    const model = encoder({ rotary: true, normFirst: true, window });
    const x = values(2, 120, SIZE);
    const stream = model.stream({ batch: 2 });
    for (let t = 0; t < 80; t++) stream.push(step(x, 2, t));
    const bytes = stream.toBytes();
    const [copy, other] = [stream.clone(), model.stream({ batch: 2 })];
    other.fromBytes(bytes);
    for (let t = 80; t < 120; t++) {
      const expected = Float32Array.from(stream.push(step(x, 2, t)));
      expect(copy.push(step(x, 2, t))).toEqual(expected);
      expect(other.push(step(x, 2, t))).toEqual(expected);
    }
    const damaged = bytes.slice();
    damaged[200]! ^= 1;
    expect(() => other.fromBytes(damaged)).toThrow("checksum");
    expect(() => other.fromBytes(bytes.subarray(0, 100))).toThrow("fromBytes");
    const wider = model.stream({ batch: 3 });
    expect(() => wider.fromBytes(bytes)).toThrow("that of another stream, or of other rows");
    for (const each of [stream, copy, other, wider, model]) each.dispose();
  });

  it("end with dispose()", () => {
    const model = encoder();
    const before = memoryUsage().heapBytes;
    const stream = model.stream();
    const copy = stream.clone();
    stream.push(new Float32Array(SIZE));
    stream.dispose();
    expect(() => stream.push(new Float32Array(SIZE))).toThrow("one that was disposed of");
    copy.push(new Float32Array(SIZE)); // shares the weights
    copy.dispose();
    // What is packed stays with the weights for the next stream.
    const kept = memoryUsage().heapBytes;
    for (let i = 0; i < 5; i++) {
      const next = model.stream();
      next.push(new Float32Array(SIZE));
      next.dispose();
    }
    expect(memoryUsage().heapBytes).toEqual(kept);
    model.dispose();
    expect(memoryUsage().heapBytes).toBeLessThan(before);
  });
});

describe("a stream of a decoder", () => {
  const decoder = (): TransformerDecoder => {
    manualSeed(3);
    const layer = new TransformerDecoderLayer(SIZE, HEADS, { dimFeedforward: 20, normFirst: true });
    return new TransformerDecoder(layer, 2, { norm: new LayerNorm(SIZE) }).eval();
  };

  it("gives the bits of the whole sequence, rows index the memory", () => {
    const model = decoder();
    const [time, keys] = [70, 11];
    const memory = tensor(values(2, keys, SIZE), { shape: [2, keys, SIZE] });
    const memoryLengths = [11, 4];
    const x = values(2, time, SIZE);
    const whole = numbers(() =>
      model.forward(tensor(x, { shape: [2, time, SIZE] }), memory, { causal: true, memoryLengths }),
    );
    const stream = model.stream(memory, { memoryLengths, capacity: 3 });
    const push = (s: TransformerStream, t: number, rows: readonly number[]): void => {
      const both = step(x, 2, t);
      const given = rows.flatMap((row) => [...both.subarray(row * SIZE, (row + 1) * SIZE)]);
      const out = s.push(Float32Array.from(given));
      const expected = step(whole, 2, t);
      rows.forEach((row, i) =>
        expectSame(
          out.slice(i * SIZE, (i + 1) * SIZE),
          expected.slice(row * SIZE, (row + 1) * SIZE),
        ),
      );
    };
    for (let t = 0; t < 30; t++) push(stream, t, [0, 1]);
    stream.select(Int32Array.of(1, 0, 1));
    for (let t = 30; t < 40; t++) push(stream, t, [1, 0, 1]);
    const copy = stream.clone();
    for (let t = 40; t < time; t++) push(stream, t, [1, 0, 1]);
    copy.select(Int32Array.of(2));
    for (let t = 40; t < time; t++) push(copy, t, [1]);
    for (const each of [stream, copy, memory, model]) each.dispose();
  });

  it("refuses rows that are no multiple of the sources", () => {
    const model = decoder();
    const memory = randn([2, 3, SIZE]);
    expect(() => model.stream(memory, { rows: 3 })).toThrow("rows to be a multiple of 2");
    memory.dispose();
    model.dispose();
  });
});

describe("a stream of a GPT", () => {
  const gpt = (options: GPTOptions = {}): GPT => {
    manualSeed(5);
    return new GPT(11, SIZE, HEADS, { numLayers: 2, contextLength: 100, ...options }).eval();
  };
  const ids = Int32Array.from({ length: 200 }, (_, i) => (i * 7 + (i >> 3)) % 11);

  it.each([{}, { positions: "rotary" as const, contextLength: undefined, tieWeights: false }])(
    "gives the bits of forward: %o",
    (options) => {
      const model = gpt(options);
      const whole = numbers(() => model.forward(tensor(ids, { shape: [2, 100] })));
      const stream = model.stream({ batch: 2, capacity: 3 });
      for (let t = 0; t < 100; t++) {
        const logits = stream.push(Int32Array.of(ids[t]!, ids[100 + t]!));
        for (const row of [0, 1])
          expectSame(
            logits.slice(row * 11, row * 11 + 11),
            whole.slice((row * 100 + t) * 11, (row * 100 + t) * 11 + 11),
          );
      }
      stream.dispose();
      model.dispose();
    },
  );

  it("ends where learned positions end, and names the cure", () => {
    const model = gpt({ contextLength: 4 });
    const stream = model.stream();
    for (let t = 0; t < 4; t++) stream.push(Int32Array.of(t));
    expect(() => stream.push(Int32Array.of(0))).toThrow(
      'expected at most 4 tokens, as many as there are learned positions, got token number 5. reset() begins anew; a model with positions: "rotary" goes on without an end.',
    );
    stream.reset();
    expect(() => stream.push(Int32Array.of(11))).toThrow(
      "expected ids from 0 to 10, got 11 in row 0",
    );
    stream.dispose();
    expect(() => scope(() => model.forward(tensor(ids, { shape: [1, 200] })))).toThrow(
      'positions: "rotary"',
    );
    model.dispose();
  });

  it("reads a prompt without logits, clones, and goes on from bytes", () => {
    const model = gpt({ positions: "rotary", contextLength: undefined });
    const [stream, other] = [model.stream(), model.stream()];
    for (const id of ids.subarray(0, 20)) stream.read(Int32Array.of(id));
    for (const id of ids.subarray(0, 20)) other.push(Int32Array.of(id));
    const copy = stream.clone();
    other.fromBytes(stream.toBytes());
    const expected = Float32Array.from(stream.push(Int32Array.of(1)));
    expect(copy.push(Int32Array.of(1))).toEqual(expected);
    expect(other.push(Int32Array.of(1))).toEqual(expected);
    for (const each of [stream, other, copy, model]) each.dispose();
  });
});
