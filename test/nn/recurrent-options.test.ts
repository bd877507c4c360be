// Merges, skips, dropouts and projections of recurrent layers against the same built of cells and operations.
import { describe, expect, it } from "vitest";
import {
  concat,
  dropout,
  getRngState,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  memoryUsage,
  noGrad,
  ones,
  randn,
  RNN,
  RNNCell,
  scope,
  setRngState,
  stack,
  tensor,
  type MergeMode,
  type RecurrentOptions,
  type Skip,
  type Tensor,
} from "../../src/index.js";
import { scanCell } from "../../src/nn/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(31);
const input = (shape: number[], requiresGrad = false): Tensor =>
  tensor(random.uniforms(shape.reduce((a, b) => a * b, 1)), { shape, requiresGrad });
const frame = (x: Tensor, t: number): Tensor =>
  x.slice(1, t, t + 1).reshape([x.shape[0]!, x.shape[2]!]);

type Layer = Pick<
  RNN,
  | "forward"
  | "step"
  | "stream"
  | "carry"
  | "stateDict"
  | "loadStateDict"
  | "parameters"
  | "zeroGrad"
  | "dispose"
  | "eval"
>;
type Cell = Pick<RNNCell, "step" | "stateDict" | "loadStateDict">;
interface Kind {
  layer(i: number, h: number, o: RecurrentOptions): Layer;
  cell(i: number, h: number): Cell;
}
const KINDS: Record<string, Kind> = {
  RNN: { layer: (i, h, o) => new RNN(i, h, o), cell: (i, h) => new RNNCell(i, h) },
  GRU: {
    layer: (i, h, o) => new GRU(i, h, o) as unknown as Layer,
    cell: (i, h) => new GRUCell(i, h),
  },
  "GRU, reset before": {
    layer: (i, h, o) => new GRU(i, h, { resetAfter: false, ...o }) as unknown as Layer,
    cell: (i, h) => new GRUCell(i, h, { resetAfter: false }),
  },
  LSTM: {
    layer: (i, h, o) => new LSTM(i, h, o) as unknown as Layer,
    cell: (i, h) => new LSTMCell(i, h),
  },
};

const MERGES: Record<MergeMode, (a: Tensor, b: Tensor) => Tensor> = {
  concat: (a, b) => concat([a, b], -1),
  none: (a, b) => concat([a, b], -1),
  sum: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  average: (a, b) => a.add(b).mul(0.5),
};

/** The layer by its definition: cells scanned over the sequence, merged, skipped past. */
function compose(
  { cell }: Kind,
  layer: Layer,
  x: Tensor,
  hiddenSize: number,
  { numLayers = 1, bidirectional, mergeMode = "concat", skip }: RecurrentOptions,
  lengths?: number[],
): { output: Tensor; finals: Tensor[] } {
  const own = layer.stateDict();
  const finals: Tensor[] = [];
  const run = (read: Tensor, suffix: string, reverse: boolean): Tensor => {
    const each = cell(read.shape[2]!, hiddenSize);
    // The layer's own parameters, so that gradients meet there.
    for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
      Object.assign(each, { [name]: own.get(`${name}_${suffix}`) });
    const { output, state } = scanCell(
      (frame, state: { h: Tensor } | undefined) => each.step(frame, state),
      read,
      { reverse, ...(lengths && { lengths }) },
    );
    finals.push(state.h);
    return output;
  };
  // NaN in padding must not reach the skip either.
  const source = lengths
    ? stack(
        lengths.map((length, row) => {
          const kept = x.slice(0, row, row + 1).reshape([x.shape[1]!, x.shape[2]!]);
          const rest = x.shape[1]! - length;
          return concat([kept.slice(0, 0, length), ones([rest, x.shape[2]!]).mul(0)]);
        }),
      )
    : x;
  let current = source;
  for (let k = 0; k < numLayers; k++) {
    const read = k > 0 && skip === "concat" ? concat([current, source], -1) : current;
    const forwards = run(read, `l${k}`, false);
    const merged = bidirectional
      ? MERGES[mergeMode](forwards, run(read, `l${k}_reverse`, true))
      : forwards;
    current = k > 0 && skip === "residual" ? merged.add(current) : merged;
  }
  const [batch, time, size] = current.shape as [number, number, number];
  const output = mergeMode === "none" ? current.reshape([batch, time, 2, size / 2]) : current;
  return { output, finals };
}

interface Case {
  kind: string;
  batch: number;
  numLayers: number;
  merge?: MergeMode;
  skip?: Skip;
  lengths?: number[];
}

describe.each<Case>([
  { kind: "RNN", batch: 2, numLayers: 1, merge: "sum" },
  { kind: "GRU", batch: 3, numLayers: 2, merge: "mul", lengths: [4, 0, 2] },
  { kind: "LSTM", batch: 1, numLayers: 2, merge: "average", skip: "residual" },
  { kind: "GRU, reset before", batch: 2, numLayers: 2, merge: "none", lengths: [3, 4] },
  { kind: "GRU, reset before", batch: 3, numLayers: 3, skip: "residual", lengths: [1, 4, 2] },
  { kind: "LSTM", batch: 3, numLayers: 2, merge: "none", skip: "residual", lengths: [4, 1, 0] },
  { kind: "LSTM", batch: 2, numLayers: 3, skip: "concat", lengths: [4, 2] },
  { kind: "RNN", batch: 2, numLayers: 2, merge: "concat", skip: "concat" },
  { kind: "GRU", batch: 1, numLayers: 3, merge: "sum", skip: "concat", lengths: [3] },
  { kind: "GRU", batch: 2, numLayers: 2, skip: "residual" },
  { kind: "RNN", batch: 3, numLayers: 3, merge: "average", skip: "concat", lengths: [2, 4, 4] },
])("$kind, $numLayers layers, merge $merge, skip $skip, lengths $lengths", (each) => {
  const { kind, batch, numLayers, merge, skip, lengths } = each;
  const options: RecurrentOptions = {
    numLayers,
    ...(merge && { bidirectional: true, mergeMode: merge }),
    ...(skip && { skip }),
  };
  const [time, inputSize, hiddenSize] = [4, 3, 5];

  it("is what its cells give, values and gradients, whatever the padding holds", () => {
    const layer = KINDS[kind]!.layer(inputSize, hiddenSize, options);
    scope(() => {
      const padded = input([batch, time, inputSize]).data();
      lengths?.forEach((length, row) =>
        padded.fill(NaN, (row * time + length) * inputSize, (row + 1) * time * inputSize),
      );
      const through = (
        run: (x: Tensor) => { output: Tensor; finals: Tensor[] },
      ): Float32Array[] => {
        layer.zeroGrad();
        const x = tensor(padded, { shape: [batch, time, inputSize], requiresGrad: true });
        const { output, finals } = run(x);
        const weights = tensor(testRandom(2).uniforms(output.size), { shape: output.shape });
        const states = finals.reduce(
          (sum, h) => sum.add(h.mul(h).sum()),
          output.mul(weights).sum(),
        );
        states.backward();
        return [output, ...finals, x.grad!, ...layer.parameters().map(({ grad }) => grad!)].map(
          (t) => t.data(),
        );
      };
      const fused = through((x) => {
        const { output, state } = layer.forward(x, lengths && { lengths });
        const slots = Array.from({ length: state.h.shape[0]! }, (_, slot) =>
          state.h.slice(0, slot, slot + 1).reshape([batch, hiddenSize]),
        );
        return { output, finals: slots };
      });
      const plain = through((x) => compose(KINDS[kind]!, layer, x, hiddenSize, options, lengths));
      const tolerance = { absolute: 3e-5, relative: 1e-5 };
      fused.forEach((values, i) => expectClose(values, plain[i]!, tolerance, `result ${i}`));
    });
    layer.dispose();
  });

  it.skipIf(merge !== undefined)("gives the same bits step by step and streamed", () => {
    const layer = KINDS[kind]!.layer(inputSize, hiddenSize, options);
    const stream = layer.stream({ batch });
    scope(() => {
      const x = input([batch, time, inputSize]);
      const whole = layer.forward(x);
      let state: { h: Tensor } | undefined;
      for (let t = 0; t < time; t++) {
        const step = layer.step(frame(x, t), state);
        expect(step.output.data()).toEqual(frame(whole.output, t).data());
        expect(stream.push(frame(x, t).data())).toEqual(step.output.data());
        if (t === 1) {
          const before = memoryUsage();
          const copy = stream.clone();
          copy.fromBytes(stream.toBytes());
          const next = frame(x, 2).data();
          const ahead = Float32Array.from(copy.push(next));
          copy.dispose();
          expect(ahead).toEqual(frame(whole.output, 2).data());
          expect(memoryUsage().heapBytes).toBe(before.heapBytes);
        }
        state = step.state;
      }
      expect(state!.h.data()).toEqual(whole.state.h.data());
    });
    stream.dispose();
    layer.dispose();
  });

  it("leaves nothing behind without a graph", () => {
    const layer = KINDS[kind]!.layer(inputSize, hiddenSize, options);
    const x = randn([batch, time, inputSize]);
    const run = () =>
      noGrad(() => {
        const { output, state } = layer.forward(x, lengths && { lengths });
        for (const tensor of [output, ...Object.values(state)]) tensor.dispose();
      });
    run();
    const before = memoryUsage();
    run();
    expect(memoryUsage()).toEqual(before);
    layer.dispose();
    x.dispose();
  });
});

describe("dropouts that are locked over time", () => {
  it("drop the same units of what passes between layers at every step", () => {
    const lstm = new LSTM(2, 16, { numLayers: 2, dropout: 0.5, variationalDropout: true });
    scope(() => {
      const x = input([3, 6, 2]);
      const before = getRngState();
      const dropped = lstm.forward(x).output;
      setRngState(before);
      const mask = dropout(ones([1, 3, 16]), 0.5).data();
      const lower = new LSTM(2, 16);
      const upper = new LSTM(16, 16);
      const own = [...lstm.stateDict()];
      const of = (k: number) => own.filter(([name]) => name.endsWith(`l${k}`));
      lower.loadStateDict(new Map(of(0)));
      upper.loadStateDict(new Map(of(1).map(([name, each]) => [name.replace("l1", "l0"), each])));
      const read = lower.forward(x).output.mul(tensor(mask, { shape: [3, 1, 16] }));
      expect(dropped.data()).toEqual(upper.forward(read).output.data());
      lstm.eval();
      const still = lstm.forward(x).output.data();
      expect(still).not.toEqual(dropped.data());
      expect(lstm.forward(x).output.data()).toEqual(still);
      lower.dispose();
      upper.dispose();
    });
    lstm.dispose();
  });

  it.each(Object.entries(KINDS))(
    "%s: drop what the recurrent product reads",
    (_, { layer, cell }) => {
      const dropping = layer(3, 8, { recurrentDropout: 0.4 });
      scope(() => {
        const x = input([2, 5, 3], true);
        const before = getRngState();
        const { output } = dropping.forward(x);
        setRngState(before);
        const mask = dropout(ones([1, 2, 8]), 0.4);
        const [kept, dropped] = [Math.max(...mask.data()), Math.min(...mask.data())];
        expect([kept, dropped]).toEqual([Math.fround(1 / 0.6), 0]);
        // A first step reads zeros: what it gives shows which units the second one drops.
        const one = dropping.forward(x.slice(1, 0, 1)).output;
        const plain = cell(3, 8);
        for (const [name, each] of dropping.stateDict())
          plain.stateDict().get(name.replace("_l0", ""))!.set(each);
        expect(one.reshape([2, 8]).data()).toEqual(plain.step(frame(x, 0)).output.data());
        expect(frame(output, 0).data()).toEqual(one.data());
        expect(output.data()).not.toEqual(layer(3, 8, {}).forward(x).output.data());
        output.sum().backward();
        expect(x.grad!.data().some((g) => g !== 0)).toBe(true);
        dropping.eval();
        const whole = dropping.forward(x).output;
        expect(whole.data()).not.toEqual(output.data());
      });
    },
  );
});

describe("weight dropout", () => {
  it.each(Object.entries(KINDS))(
    "%s: reads the same masked weight_hh at every step, whose gradients are masked as it is",
    (_, { layer }) => {
      const options = { numLayers: 2, bidirectional: true } as const;
      const dropping = layer(3, 4, { ...options, weightDropout: 0.4 });
      const plain = layer(3, 4, options);
      scope(() => {
        const x = input([2, 5, 3], true);
        const before = getRngState();
        const { output } = dropping.forward(x);
        output.mul(output).sum().backward();
        const after = getRngState();
        const dx = x.grad!.data();
        x.zeroGrad();

        setRngState(before);
        const masks = new Map<string, Tensor>();
        for (const [name, weight] of dropping.stateDict()) {
          const hidden = name.startsWith("weight_hh");
          if (hidden) masks.set(name, dropout(ones(weight.shape), 0.4));
          const masked = hidden ? (weight as Tensor).mul(masks.get(name)!) : (weight as Tensor);
          plain.stateDict().get(name)!.set(masked);
        }
        expect(getRngState()).toEqual(after);
        expect(masks.size).toBe(4);
        const same = plain.forward(x);
        expect(output.data()).toEqual(same.output.data());
        same.output.mul(same.output).sum().backward();
        expect(dx).toEqual(x.grad!.data());
        for (const [name, weight] of plain.stateDict()) {
          const expected = (weight as Tensor).grad!;
          const mask = masks.get(name);
          const { grad } = dropping.stateDict().get(name) as Tensor;
          // Zeros of either sign are the same.
          expectClose(grad!.data(), (mask ? expected.mul(mask) : expected).data(), 0);
        }
      });
      scope(() => {
        const x = input([2, 5, 3]);
        const drawn = getRngState();
        const still = dropping.eval().forward(x).output.data();
        expect(getRngState()).toEqual(drawn);
        const whole = layer(3, 4, options);
        whole.loadStateDict(dropping.stateDict());
        expect(whole.forward(x).output.data()).toEqual(still);
      });
    },
  );

  it("leaves nothing behind without a graph, and streams read the whole weights", () => {
    const lstm = new LSTM(3, 4, { weightDropout: 0.5 });
    const x = input([1, 1, 3]);
    const run = () =>
      noGrad(() => {
        const { output, state } = lstm.forward(x);
        for (const each of [output, state.h, state.c]) each.dispose();
      });
    run();
    const before = memoryUsage();
    run();
    expect(memoryUsage()).toEqual(before);
    const stream = lstm.stream();
    scope(() => {
      expect(stream.push(x.data())).toEqual(lstm.eval().forward(x).output.data());
      expect(() => new LSTM(3, 4, { weightDropout: 1 })).toThrow("dropout probability");
    });
    for (const each of [lstm, x, stream]) each.dispose();
  });
});

describe("a projected LSTM", () => {
  it("has h of the projection's size in outputs, states, streams and carries", () => {
    const lstm = new LSTM(3, 6, { projSize: 2, numLayers: 2, skip: "residual" });
    const [carry, stream] = [lstm.carry(2), lstm.stream({ batch: 2 })];
    expect([...lstm.stateDict()].map(([name, { shape }]) => `${name} ${shape}`)).toEqual([
      "weight_ih_l0 24,3",
      "weight_hh_l0 24,2",
      "bias_ih_l0 24",
      "bias_hh_l0 24",
      "weight_hr_l0 2,6",
      "weight_ih_l1 24,2",
      "weight_hh_l1 24,2",
      "bias_ih_l1 24",
      "bias_hh_l1 24",
      "weight_hr_l1 2,6",
    ]);
    scope(() => {
      const x = input([2, 4, 3]);
      const whole = lstm.forward(x);
      expect(whole.output.shape).toEqual([2, 4, 2]);
      expect(whole.state.h.shape).toEqual([2, 2, 2]);
      expect(whole.state.c.shape).toEqual([2, 2, 6]);
      for (let t = 0; t < 4; t++) {
        const step = lstm.step(frame(x, t), carry);
        carry.set(step.state);
        expect(step.output.data()).toEqual(frame(whole.output, t).data());
        expect(stream.push(frame(x, t).data())).toEqual(step.output.data());
      }
      for (const part of ["h", "c"] as const) {
        expect(carry[part].data()).toEqual(whole.state[part].data());
        expect(stream.state()[part].data()).toEqual(whole.state[part].data());
      }
      const other = lstm.stream({ batch: 2 });
      other.fromBytes(stream.toBytes());
      expect(other.push(frame(x, 0).data())).toEqual(stream.push(frame(x, 0).data()));
      const unprojected = new LSTM(3, 6, { numLayers: 2 }).stream({ batch: 2 });
      expect(() => unprojected.fromBytes(stream.toBytes())).toThrow("that of another stream");
      for (const each of [other, unprojected]) each.dispose();
    });
    for (const each of [lstm, carry, stream]) each.dispose();
  });
});
