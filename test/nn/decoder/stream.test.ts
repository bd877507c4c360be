// A decoder's stream: the bits of the whole target, whatever its rows do.
import { beforeAll, describe, expect, it } from "vitest";
import {
  IndexError,
  memoryUsage,
  OptionError,
  scope,
  ScopeError,
  ShapeError,
  type Tensor,
} from "../../../src/index.js";
import type {
  DecoderStream,
  DecoderStreamOptions,
  RecurrentDecoder,
  RecurrentDecoderOptions,
} from "../../../src/nn/index.js";
import { indexSelect } from "../../../src/ops/index.js";
import { full, noGrad, tensor } from "../../../src/index.js";
import { FORMS, made, nameOf, SIZES } from "./forms.js";

const { batch, time, input, keys } = SIZES;

interface Case {
  readonly decoder: RecurrentDecoder;
  readonly x: Tensor;
  readonly inputs: DecoderStreamOptions;
}

/** A decoder in evaluation mode and what it reads, kept on the heap. */
function caseOf(form: RecurrentDecoderOptions): Case {
  const { decoder, given } = made(form);
  decoder.eval();
  const memory = given.keys && decoder.memory(given.keys, { lengths: [keys, 2, 4] });
  const { x, encoding, state } = given;
  return { decoder, x, inputs: { memory, encoding, state: state as never } };
}

/** Step t of each row of x in an order. */
function frames(x: Tensor, t: number, order: readonly number[]): Float32Array {
  const values = x.data();
  return Float32Array.from(
    order.flatMap((row) => [...values.subarray((row * time + t) * input).subarray(0, input)]),
  );
}

/** The outputs and weights of whole targets, step by step, of rows in an order. */
function expected(
  { decoder, x, inputs }: Case,
  order: readonly number[],
): (t: number) => { output: Float32Array; weights: Float32Array | undefined } {
  return scope(() => {
    const needWeights = Boolean(inputs.memory);
    const result = decoder.forward(x, { ...inputs, needWeights });
    const ids = tensor(Int32Array.from(order));
    const output = indexSelect(result.output, 0, ids).permute([1, 0, 2]);
    const weights = (result as { weights?: Tensor }).weights;
    const shares = weights && indexSelect(weights, 0, ids).permute([1, 0, 2]);
    const cut = (of: Tensor): ((t: number) => Float32Array) => {
      const [values, size] = [of.data(), of.size / time];
      return (t) => values.slice(t * size, (t + 1) * size);
    };
    const [outputs, all] = [cut(output), shares && cut(shares)];
    return (t) => ({ output: outputs(t), weights: all?.(t) });
  });
}

describe.each(FORMS.map((form) => [nameOf(form), form] as const))("%s", (_, form) => {
  let own: Case;
  beforeAll(() => (own = caseOf(form)));

  it("gives the bits of the whole target", () => {
    const stream = own.decoder.stream(own.inputs);
    const whole = expected(own, [0, 1, 2]);
    for (let t = 0; t < time; t++) {
      const { output, weights } = whole(t);
      expect(stream.push(frames(own.x, t, [0, 1, 2]))).toEqual(output);
      if (weights) expect(stream.weights()).toEqual(weights);
    }
    stream.dispose();
  });

  it("goes on with rows that are repeated, dropped and reordered", () => {
    const stream = own.decoder.stream({ ...own.inputs, capacity: 5 });
    let order = [0, 1, 2];
    const orders = [[2, 0, 0, 1], [3, 1, 0, 0, 2], [4], [0, 0]];
    for (let t = 0; t < time; t++) {
      const { output, weights } = expected(own, order)(t);
      expect(stream.rows).toBe(order.length);
      expect(stream.push(frames(own.x, t, order))).toEqual(output);
      if (weights) expect(stream.weights()).toEqual(weights);
      const next = orders[t];
      if (!next) continue;
      stream.select(Int32Array.from(next));
      order = next.map((row) => order[row]!);
    }
    stream.dispose();
  });

  it("begins with several rows a source, and a row alone has the same bits", () => {
    const stream = own.decoder.stream({ ...own.inputs, rows: 2 * batch });
    const order = [0, 1, 2, 0, 1, 2];
    const both = expected(own, order);
    for (let t = 0; t < 2; t++)
      expect(stream.push(frames(own.x, t, order))).toEqual(both(t).output);
    stream.dispose();
    const one = scope(() => alone(own));
    expect(one).toEqual(expected(own, [1])(0).output);
  });
});

/** The first output of a stream of the second source alone, which packs weights for one row. */
function alone({ decoder, x, inputs }: Case): Float32Array {
  const { memory, encoding, state } = inputs;
  const pick = (of: Tensor, axis: number): Tensor => indexSelect(of, axis, tensor([1]).to("int32"));
  const stream = decoder.stream({
    memory: memory && {
      keys: pick(memory.keys, 0),
      values: pick(memory.values, 0),
      mask: memory.mask && indexSelect(memory.mask, 0, tensor([1]).to("int32")),
    },
    encoding: encoding && pick(encoding, 0),
    state: Object.fromEntries(
      Object.entries(state!).map(([name, part]) => [
        name,
        pick(part as Tensor, name === "feed" ? 0 : 1),
      ]),
    ) as never,
  });
  const output = stream.push(frames(x, 0, [1])).slice();
  stream.dispose();
  return output;
}

describe("a stream", () => {
  const { decoder, x, inputs } = caseOf({ placement: "inputFeeding", memorySize: SIZES.memory });
  const streamed = (options: DecoderStreamOptions = {}): DecoderStream =>
    decoder.stream({ ...inputs, ...options });

  it("allocates nothing", () => {
    const stream = streamed({ capacity: 6 });
    const order = Int32Array.of(1, 0, 2);
    const frame = frames(x, 0, [0, 1, 2]);
    const turn = (): void => {
      stream.push(frame);
      stream.weights();
      stream.select(order);
    };
    turn();
    const before = memoryUsage();
    for (let i = 0; i < 100; i++) turn();
    expect(memoryUsage()).toEqual(before);
    stream.dispose();
  });

  it("leaves no memory behind", () => {
    streamed().dispose();
    const before = memoryUsage();
    streamed().dispose();
    expect(memoryUsage()).toEqual(before);
  });

  it.each(["inputFeeding", "gnmt"] as const)(
    "begins at zeros, %s, and leaves none",
    (placement) => {
      const form = { placement, numLayers: 2, memorySize: 3 } as const;
      const { decoder, x, inputs } = caseOf(form);
      const { memory } = inputs;
      const first = frames(x, 0, [0, 1, 2]);
      const zeros = [2, batch, decoder.hiddenSize] as const;
      const size = placement === "gnmt" ? decoder.memorySize : decoder.attentionSize;
      const of = (state: DecoderStreamOptions["state"]): Float32Array =>
        scope(() => {
          const stream = decoder.stream({ memory, state });
          const output = stream.push(first).slice();
          stream.dispose();
          return { output };
        }).output;
      const state = { h: full([...zeros], 0), c: full([...zeros], 0) };
      const expected = of({ ...state, feed: full([batch, size], 0) });
      expect(of(state)).toEqual(expected);
      const all = (): void => {
        for (const given of [undefined, state]) {
          const stream = decoder.stream({ memory, state: given });
          expect(stream.push(first)).toEqual(expected);
          stream.dispose();
        }
        const { output, state: last } = noGrad(() => decoder.forward(x, { memory }));
        for (const each of [output, last.h, last.c!, last.feed!]) each.dispose();
      };
      all();
      const { tensors, heapBytes } = memoryUsage();
      all();
      expect(memoryUsage()).toMatchObject({ tensors, heapBytes });
    },
  );
  it("packs weights anew when they have changed, and one in use keeps what it began with", () => {
    const own = caseOf({ placement: "inputFeeding", memorySize: SIZES.memory });
    const frame = frames(own.x, 0, [0, 1, 2]);
    const first = (): DecoderStream => own.decoder.stream(own.inputs);
    const one = first();
    const before = one.push(frame).slice();
    const inUse = first();
    const weight = own.decoder.weight_ih_l0!;
    const values = weight.data();
    weight.set(
      tensor(
        values.map((each) => -each),
        { shape: weight.shape },
      ),
    );
    const changed = first();
    const after = changed.push(frame).slice();
    expect(after).not.toEqual(before);
    expect(inUse.push(frame)).toEqual(before);
    weight.set(tensor(values, { shape: weight.shape }));
    const back = first();
    expect(back.push(frame)).toEqual(before);
    expect(
      scope(() =>
        own.decoder
          .forward(own.x, own.inputs as never)
          .output.select(1, 0)
          .data(),
      ),
    ).toEqual(before);
    for (const each of [one, inUse, changed, back]) each.dispose();
  });

  it("keeps packed weights as long as the decoder, which frees them", () => {
    const bytes = (): number => memoryUsage().heapBytes;
    const make = (): Case => caseOf({ placement: "inputFeeding", memorySize: SIZES.memory });
    const unread = make();
    const all = bytes();
    unread.decoder.dispose();
    const freed = all - bytes();
    const own = make();
    const begun = bytes();
    const streams = [1, 2].map(() => own.decoder.stream(own.inputs));
    const one = streams[0]!.push(frames(own.x, 0, [0, 1, 2])).slice();
    own.decoder.dispose();
    // Those in use have what they read.
    expect(streams[1]!.push(frames(own.x, 0, [0, 1, 2]))).toEqual(one);
    for (const each of streams) each.dispose();
    expect(begun - bytes()).toBe(freed);
  });

  it("refuses what does not fit", () => {
    const stream = streamed({ capacity: 4 });
    expect(() => stream.push(new Float32Array(2))).toThrow(ShapeError);
    expect(() => stream.push(frames(x, 0, [0, 1, 2]), new Float32Array(2))).toThrow(ShapeError);
    expect(() => stream.select(new Int32Array(5))).toThrow(ShapeError);
    expect(() => stream.select(new Int32Array(0))).toThrow(ShapeError);
    expect(() => stream.select(Int32Array.of(3))).toThrow(IndexError);
    stream.dispose();
    stream.dispose();
    expect(() => stream.push(frames(x, 0, [0, 1, 2]))).toThrow(ScopeError);
    expect(() => stream.select(Int32Array.of(0))).toThrow(ScopeError);
    expect(() => stream.weights()).toThrow(ScopeError);
    expect(() => streamed({ rows: 4 })).toThrow(OptionError);
    expect(() => streamed({ capacity: 2 })).toThrow(OptionError);
    expect(() => decoder.stream({})).toThrow(/memory/);
  });
});
