// Neural Turing Machines: that no parameter gives NaN, that steps, streams and sequences agree, what is refused.
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  binaryCrossEntropyWithLogits,
  concat,
  FormatError,
  IndexError,
  manualSeed,
  memoryUsage,
  noGrad,
  OptionError,
  randn,
  scope,
  ScopeError,
  ShapeError,
  tensor,
  type Tensor,
  zeros,
} from "../../src/index.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/io/index.js";
import { NTM, NTMCell, Scan, type NTMOptions, type NTMState } from "../../src/nn/index.js";
import { RMSprop } from "../../src/optim/index.js";

const SMALL = { controllerSize: 6, memoryRows: 7, memoryWidth: 3 } as const;
const FORMS: readonly NTMOptions[] = [
  { ...SMALL },
  { ...SMALL, heads: ["write", "read", "read", "write"], numLayers: 2, shiftRange: 2 },
  { ...SMALL, controller: "feedforward" },
  { ...SMALL, controller: "feedforward", heads: ["write", "read"], numLayers: 2 },
];

const bitsOf = (x: Tensor): number[] => [...x.data()];
const partsOf = (state: NTMState): number[] =>
  Object.values({ ...state } as Record<string, Tensor>).flatMap(bitsOf);
const describeForm = (form: NTMOptions): string =>
  `${form.controller ?? "lstm"} ${form.heads?.join("+") ?? ""} ${form.numLayers ?? 1}`;

describe.each(FORMS.map((form) => [describeForm(form), form] as const))("%s", (_, form) => {
  it("has the same bits by steps, by a sequence and by a stream", () => {
    manualSeed(3);
    const ntm = new NTM(4, 2, form);
    for (const batch of [1, 3])
      scope(() =>
        noGrad(() => {
          const x = randn([batch, 5, 4]);
          const { output, state } = ntm.forward(x);
          const steps = new Scan(ntm.cell).forward(x);
          expect(bitsOf(ntm.fc.forward(steps.output))).toEqual(bitsOf(output));
          expect(partsOf(steps.state)).toEqual(partsOf(state));
          const stream = ntm.stream({ batch });
          for (let t = 0; t < 5; t++) {
            const pushed = stream.push(x.slice(1, t, t + 1).data());
            expect([...pushed]).toEqual(bitsOf(output.slice(1, t, t + 1)));
          }
          expect(partsOf(stream.state())).toEqual(partsOf(state));
          stream.dispose();
        }),
      );
    ntm.dispose();
  });

  it("gives a row of a batch the bits it has with its own length", () => {
    manualSeed(4);
    const ntm = new NTM(4, 2, form);
    scope(() =>
      noGrad(() => {
        const x = randn([3, 5, 4]);
        const both = ntm.forward(x, { lengths: [5, 2, 0], needWeights: true });
        const row = x.slice(0, 1, 2).slice(1, 0, 2);
        // Two rows, for products of one are packed otherwise.
        const alone = ntm.forward(concat([row, row]));
        expect(bitsOf(both.output.slice(0, 1, 2).slice(1, 0, 2))).toEqual(
          bitsOf(alone.output.slice(0, 0, 1)),
        );
        expect(bitsOf(both.state.memory.slice(0, 1, 2))).toEqual(
          bitsOf(alone.state.memory.slice(0, 0, 1)),
        );
        expect(bitsOf(both.state.reads.slice(0, 2, 3))).toEqual(bitsOf(ntm.start(1).reads));
      }),
    );
    ntm.dispose();
  });

  it("has no NaN and no infinity, whatever steers the heads", () => {
    // A head's parameters are the biases, as the weights are small beside them.
    const extreme = fc.constantFrom(
      0,
      1e-30,
      -1e-30,
      1,
      -1,
      30,
      -30,
      200,
      -200,
      1e6,
      -1e6,
      1e30,
      -1e30,
    );
    const moderate = fc.constantFrom(0, 1e-20, -1e-20, 1, -1, 100, -100, 1e4, -1e4);
    fc.assert(
      fc.property(
        fc.array(extreme, { minLength: 16, maxLength: 16 }),
        fc.array(moderate, { minLength: 16, maxLength: 16 }),
        fc.constantFrom("random", "zeros", "rows alike"),
        (steering, vectors, memory) => {
          const ntm = new NTM(4, 2, form);
          const { memoryWidth: M, shiftRange, heads, headKinds } = ntm.cell;
          heads.forEach(({ bias }, head) => {
            const values = bias!.data();
            values.forEach((_, i) => {
              const steers = i >= M && i < M + 2 * shiftRange + 4;
              values[i] = (steers ? steering : vectors)[(i + 5 * head) % 16]!;
            });
            bias!.set(values);
          });
          expect(headKinds).toContain("read");
          if (memory === "zeros") ntm.cell.memory.set(new Float32Array(ntm.cell.memory.size));
          if (memory === "rows alike")
            ntm.cell.memory.set(new Float32Array(ntm.cell.memory.size).fill(1));
          scope(() => {
            const { output, state } = ntm.forward(randn([2, 6, 4]));
            expect(bitsOf(output).every(Number.isFinite)).toBe(true);
            expect(partsOf(state).every(Number.isFinite)).toBe(true);
            const loss = output.mean().add(state.memory.mean()).add(state.weights.sum());
            loss.backward();
          });
          for (const [name, { grad }] of ntm.namedParameters())
            expect(!grad || bitsOf(grad).every(Number.isFinite), name).toBe(true);
          ntm.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("resumes a training to the bits of one that went on", () => {
    const bits = tensor(
      new Float32Array(10).map((_, i) => i % 2),
      { shape: [1, 5, 2] },
    );
    const start = () => {
      manualSeed(7);
      const model = new NTM(4, 2, form);
      return { model, optimizer: new RMSprop(model.parameters(), { lr: 1e-3, momentum: 0.9 }) };
    };
    const train = ({ model, optimizer }: ReturnType<typeof start>, steps: number): void => {
      for (let i = 0; i < steps; i++)
        scope(() => {
          optimizer.zeroGrad();
          binaryCrossEntropyWithLogits(model.forward(randn([1, 5, 4])).output, bits).backward();
          optimizer.step();
        });
    };
    const [whole, killed] = [start(), start()];
    train(whole, 6);
    const wanted = [...whole.model.stateDict().values()].map((x) => bitsOf(x as Tensor));
    manualSeed(7);
    const again = start();
    train(killed, 0);
    train(again, 3);
    const saved = saveCheckpoint(again, {});
    const resumed = start();
    loadCheckpoint(resumed, saved);
    train(resumed, 3);
    expect([...resumed.model.stateDict().values()].map((x) => bitsOf(x as Tensor))).toEqual(wanted);
    for (const { model } of [whole, killed, again, resumed]) model.dispose();
    bits.dispose();
  });
});

describe("a weighting", () => {
  it("is sharp where strength, gate and sharpness are large: the place of the key's row, and the shift from there", () => {
    const ntm = new NTMCell(1, { ...SMALL, heads: ["read"], controllerSize: 2 });
    scope(() => {
      const rows = tensor(
        new Float32Array(21).map((_, i) => Number(i % 3 === Math.floor(i / 3) % 3)),
        {
          shape: [7, 3],
        },
      ).data();
      // Row 4 alone looks like the key.
      rows.set([0.5, 0.5, -0.7], 12);
      ntm.memory.set(rows);
      for (const { weight } of ntm.heads) weight.set(new Float32Array(weight.size));
      const steer = (gate: number, ...shift: number[]): void =>
        void ntm.heads[0]!.bias!.set([0.5, 0.5, -0.7, 300, gate, ...shift, 50]);
      steer(40, -60, 60, -60);
      const found = ntm.step(tensor([[1]]));
      expect(bitsOf(found.state.weights)).toEqual([0, 0, 0, 0, 1, 0, 0]);
      // By place: three times one further.
      steer(-40, 60, -60, -60);
      let { state } = found;
      for (let i = 0; i < 3; i++) ({ state } = ntm.step(tensor([[1]]), state));
      expect(bitsOf(state.weights)).toEqual([1, 0, 0, 0, 0, 0, 0]);
      steer(-40, -60, -60, 60);
      ({ state } = ntm.step(tensor([[1]]), state));
      expect(bitsOf(state.weights)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    });
    ntm.dispose();
  });
});

describe.each(FORMS.map((form) => [describeForm(form), form] as const))("%s", (_, form) => {
  it("streams on with rows in another order, repeated and dropped", () => {
    manualSeed(4);
    const ntm = new NTM(2, 3, form);
    const rows = [1, 2, 3].map((seed) => [0.4 * seed, 1 - seed]);
    const some = (...order: number[]) => Float32Array.from(order.flatMap((row) => rows[row]!));
    const [stream, other] = [ntm.stream({ batch: 3 }), ntm.stream({ batch: 3 })];
    const first = [...stream.push(some(0, 1, 2))];
    stream.select(Int32Array.of(2, 0, 2));
    other.push(some(2, 0, 2));
    expect([...stream.push(some(1, 1, 0))]).toEqual([...other.push(some(1, 1, 0))]);
    scope(() => expect(partsOf(stream.state())).toEqual(partsOf(other.state())));

    for (const order of [[1, 2], [1]]) {
      stream.select(Int32Array.from(order));
      expect(stream.rows).toBe(order.length);
      const kept = [...other.push(some(2, 2, 2))].slice(3 * (3 - order.length));
      const bytes = stream.toBytes();
      const pushed = [...stream.push(some(...order.map(() => 2)))];
      pushed.forEach((value, i) => expect(value).toBeCloseTo(kept[i]!, 6));
      const after = scope(() => stream.state());
      expect(after.memory.shape[0]).toBe(order.length);
      stream.fromBytes(bytes);
      expect([...stream.push(some(...order.map(() => 2)))]).toEqual(pushed);
      stream.setState(after);
      Object.values({ ...after } as Record<string, Tensor>).forEach((part) => part.dispose());
    }
    expect(() => stream.push(some(0, 1))).toThrow(ShapeError);
    // Its parts have axes of their own.
    scope(() => {
      const memory = zeros([4, SMALL.memoryRows, SMALL.memoryWidth]);
      const wrong = { ...stream.state(), memory } as NTMState;
      expect(() => stream.setState(wrong)).toThrow("state.memory [1, 7, 3], got [4, 7, 3]");
    });
    expect(() => stream.select(Int32Array.of(1))).toThrow(IndexError);
    expect(() => stream.select(Int32Array.of(0, 0, 0, 0))).toThrow(ShapeError);
    stream.reset();
    expect([...stream.push(some(0, 1, 2))]).toEqual(first);
    for (const one of [stream, other]) one.dispose();
    expect(() => stream.select(Int32Array.of(0))).toThrow(ScopeError);
    ntm.dispose();
  });
});

describe("a stream", () => {
  const ntm = new NTM(3, 2, SMALL);
  const x = Float32Array.of(1, -1, 0.5);

  it("goes on from bytes, starts again by reset, and allocates nothing", () => {
    const stream = ntm.stream();
    const first = [...stream.push(x)];
    const bytes = stream.toBytes();
    const second = [...stream.push(x)];
    const before = memoryUsage();
    for (let i = 0; i < 200; i++) stream.push(x);
    expect(memoryUsage()).toEqual(before);
    stream.fromBytes(bytes);
    expect([...stream.push(x)]).toEqual(second);
    stream.reset();
    expect([...stream.push(x)]).toEqual(first);
    stream.dispose();
    expect(() => stream.push(x)).toThrow(ScopeError);
  });

  it("refuses bytes of another machine and wrong sizes", () => {
    const [stream, other] = [ntm.stream(), new NTM(3, 2, { ...SMALL, memoryRows: 8 }).stream()];
    expect(() => stream.fromBytes(other.toBytes())).toThrow(FormatError);
    expect(() => stream.push(new Float32Array(2))).toThrow(ShapeError);
    stream.dispose();
    other.dispose();
  });
});

it("refuses options that make no sense together", () => {
  expect(() => new NTM(2, 1, { heads: ["write"] })).toThrow(OptionError);
  expect(() => new NTM(2, 1, { memoryRows: 4, shiftRange: 2 })).toThrow(
    "NTMCell: expected a shiftRange of which 2 · shiftRange + 1 places fit 4 rows, got 2.",
  );
  expect(() => new NTM(2, 1, { controller: "gru" as never })).toThrow(OptionError);
});

it("prints what it is", () => {
  expect(String(new NTMCell(2, SMALL))).toContain(
    "2, 6, controller=lstm, memory=7×3, heads=read+write, shiftRange=1",
  );
});
