// The LSTM kernels against a plain float64 twin, whose own gradients are held against finite differences.
import { afterEach, describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";
import { lstmBackward, lstmForward, type LstmCase } from "./lstm-reference.js";

interface Shape {
  T: number;
  B: number;
  H: number;
  reverse: boolean;
  lengths: readonly number[] | undefined;
}

/** Every batch with every width, both directions; lengths with 0, T and what lies between. */
const SHAPES: Shape[] = [1, 2, 3, 32].flatMap((B) =>
  [1, 3, 4, 5, 16, 33].flatMap((H) =>
    [false, true].flatMap((reverse) => {
      const T = B === 32 ? 4 : 7;
      const some = Array.from({ length: B }, (_, row) => (row * 3) % (T + 1));
      const lengths = B === 1 ? [undefined, [0], [3], [T]] : [undefined, some, some.toReversed()];
      return lengths.map((l) => ({ T, B, H, reverse, lengths: l }));
    }),
  ),
);
const name = ({ T, B, H, reverse, lengths }: Shape) =>
  `T=${T} B=${B} H=${H}${reverse ? " reverse" : ""}${lengths ? ` lengths ${lengths.join()}` : ""}`;

function caseOf(shape: Shape, seed: number): LstmCase {
  const { T, B, H } = shape;
  return {
    ...shape,
    input: noise(T * B * 4 * H, seed, 2),
    wh: noise(4 * H * H, seed + 1, 1 / Math.sqrt(H)),
    h0: noise(B * H, seed + 2),
    c0: noise(B * H, seed + 3, 2),
  };
}

const isPast = ({ lengths }: Shape, row: number, t: number) => !!lengths && t >= lengths[row]!;

/** `values` [T, B, size] with `mark` wherever a row has ended. */
function marked(shape: Shape, values: ArrayLike<number>, size: number, mark: number): Float32Array {
  const out = Float32Array.from(values);
  for (let t = 0; t < shape.T; t++)
    for (let row = 0; row < shape.B; row++) {
      const at = (t * shape.B + row) * size;
      if (isPast(shape, row, t)) out.fill(mark, at, at + size);
    }
  return out;
}

describe("the float64 twin", () => {
  it.each(
    [false, true].flatMap((reverse) => [
      { T: 4, B: 3, H: 2, reverse, lengths: undefined },
      { T: 4, B: 3, H: 2, reverse, lengths: [2, 0, 4] },
    ]),
  )("has the gradients of finite differences, %o", (shape) => {
    const lstm = caseOf(shape, 11);
    const { T, B, H } = shape;
    const [dOut, dhN, dcN] = [noise(T * B * H, 21), noise(B * H, 22), noise(B * H, 23)];
    const loss = (changed: Partial<LstmCase>) => {
      const { out, hN, cN } = lstmForward({ ...lstm, ...changed });
      const dot = (x: ArrayLike<number>, y: Float64Array) =>
        y.reduce((s, v, i) => s + v * x[i]!, 0);
      return dot(dOut, out) + dot(dhN, hN) + dot(dcN, cN);
    };
    const { dGates, dWh, dh0, dc0 } = lstmBackward(lstm, dOut, dhN, dcN);
    const byHand = { input: dGates, wh: dWh, h0: dh0, c0: dc0 };
    for (const key of ["input", "wh", "h0", "c0"] as const) {
      const step = 1e-5;
      const slopes = Array.from(lstm[key], (_, i) => {
        const at = (delta: number) => {
          const values = Float64Array.from(lstm[key]);
          values[i]! += delta;
          return loss({ [key]: values });
        };
        return (at(step) - at(-step)) / (2 * step);
      });
      expect(maxError(slopes, byHand[key]), key).toBeLessThan(1e-8);
    }
  });
});

describe.each(builds())("lstm, $name build", ({ k, f32, i32, checkCanaries }) => {
  afterEach(checkCanaries);

  /** Where out and dOut lie: rows first inside a wider tensor, or steps first. */
  const layouts = (shape: Shape) => {
    const { T, B, H } = shape;
    const wide = 2 * H + 3;
    return [
      { size: B * T * wide, offset: H + 3, row: T * wide, time: wide },
      { size: T * B * H, offset: 0, row: H, time: B * H },
    ];
  };
  type Layout = ReturnType<typeof layouts>[number];
  const place = ({ T, B, H }: Shape, l: Layout, values: ArrayLike<number>) => {
    const out = new Float32Array(l.size).fill(NaN);
    for (let t = 0; t < T; t++)
      for (let row = 0; row < B; row++)
        for (let j = 0; j < H; j++)
          out[l.offset + row * l.row + t * l.time + j] = values[(t * B + row) * H + j]!;
    return out;
  };

  /** Runs the forward kernel; past a row's length the input is NaN. */
  function forward(shape: Shape, lstm: LstmCase, layout: Layout) {
    const { T, B, H, reverse, lengths } = shape;
    const gates = f32(marked(shape, lstm.input, 4 * H, NaN));
    const wh = f32(Float32Array.from(lstm.wh));
    const packed = f32(k.packedBytes(H, 4 * H) / 4);
    k.packRecurrentBT(packed.ptr, wh.ptr, H, 4 * H, B);
    const [hs, cs] = [f32((T + 1) * B * H), f32((T + 1) * B * H)];
    const initial = reverse ? T * B * H : 0;
    hs.view.set(lstm.h0, initial);
    cs.view.set(lstm.c0, initial);
    const out = f32(layout.size);
    const rows = lengths ? i32(lengths).ptr : 0;
    const to = out.ptr + layout.offset * 4;
    k.lstmForward(
      to,
      hs.ptr,
      cs.ptr,
      gates.ptr,
      packed.ptr,
      rows,
      layout.row,
      layout.time,
      T,
      B,
      H,
      +reverse,
    );
    return { gates, hs, cs, out, wh, rows };
  }

  it("runs forward as the twin, past a row's length nothing counts", () => {
    for (const shape of SHAPES)
      for (const layout of layouts(shape)) {
        const { T, B, H, reverse } = shape;
        const lstm = caseOf(shape, 31);
        const twin = lstmForward(lstm);
        const { gates, hs, cs, out } = forward(shape, lstm, layout);
        const states = (all: Float32Array) =>
          reverse ? all.subarray(0, T * B * H) : all.subarray(B * H);
        expect(maxError(gates.view, twin.gates), name(shape)).toBeLessThan(1e-6);
        expect(maxError(states(hs.view), twin.hs), name(shape)).toBeLessThan(1e-6);
        expect(maxError(states(cs.view), twin.cs), name(shape)).toBeLessThan(2e-6);
        expect(maxError(out.view, place(shape, layout, twin.out)), name(shape)).toBeLessThan(1e-6);
        for (let t = 0; t < T; t++)
          for (let row = 0; row < B; row++) {
            if (!isPast(shape, row, t)) continue;
            const at = (t * B + row) * H;
            expect(gates.view.subarray(4 * at, 4 * at + 4 * H).every((v) => v === 0)).toBe(true);
          }
        checkCanaries();
      }
  });

  it("runs backward as the twin, past a row's length the gradient passes through", () => {
    for (const shape of SHAPES)
      for (const layout of layouts(shape)) {
        const { T, B, H, reverse } = shape;
        const lstm = caseOf(shape, 41);
        const [dOut, dhN, dcN] = [noise(T * B * H, 42), noise(B * H, 43), noise(B * H, 44)];
        const twin = lstmBackward(lstm, dOut, dhN, dcN);
        const { gates, cs, wh, rows } = forward(shape, lstm, layout);
        const packed = f32(k.packedBytes(4 * H, H) / 4);
        k.packRecurrentB(packed.ptr, wh.ptr, 4 * H, H, B);
        const [dh, dc] = [f32(dhN), f32(dcN)];
        const from = f32(place(shape, layout, marked(shape, dOut, H, NaN)));
        k.lstmBackward(
          dh.ptr,
          dc.ptr,
          gates.ptr,
          cs.ptr,
          from.ptr + layout.offset * 4,
          packed.ptr,
          rows,
          layout.row,
          layout.time,
          T,
          B,
          H,
          +reverse,
        );
        expect(maxError(gates.view, twin.dGates), name(shape)).toBeLessThan(2e-6);
        expect(maxError(dh.view, twin.dh0), name(shape)).toBeLessThan(2e-6);
        expect(maxError(dc.view, twin.dc0), name(shape)).toBeLessThan(2e-6);
        checkCanaries();
      }
  });

  it.each([1, 2, 3, 32])("steps with the bits of the sequence, %i rows", (B) => {
    for (const H of [1, 3, 4, 5, 16, 33]) {
      const [T, I] = [3, 6];
      const x = noise(T * B * I, 51);
      const wx = noise(4 * H * I, 52);
      const bias = noise(4 * H, 53);
      const lstm = caseOf({ T, B, H, reverse: false, lengths: undefined }, 54);
      const [packedX, packedH] = [
        f32(k.packedBytes(I, 4 * H) / 4),
        f32(k.packedBytes(H, 4 * H) / 4),
      ];
      k.packRecurrentBT(packedX.ptr, f32(wx).ptr, I, 4 * H, B);
      k.packRecurrentBT(packedH.ptr, f32(lstm.wh).ptr, H, 4 * H, B);
      const [X, BIAS, gates] = [f32(x), f32(bias), f32(T * B * 4 * H)];
      const several = f32(k.packedBytes(I, 4 * H) / 4);
      k.packBT(several.ptr, f32(wx).ptr, I, 4 * H, I);
      k.gemm(gates.ptr, X.ptr, several.ptr, BIAS.ptr, T * B, 4 * H, I, I, 4 * H);
      const input = gates.view.slice();
      const [hs, cs, out] = [f32((T + 1) * B * H), f32((T + 1) * B * H), f32(T * B * H)];
      hs.view.set(lstm.h0);
      cs.view.set(lstm.c0);
      k.lstmForward(out.ptr, hs.ptr, cs.ptr, gates.ptr, packedH.ptr, 0, H, B * H, T, B, H, 0);
      const [h, c, scratch] = [f32(lstm.h0), f32(lstm.c0), f32(B * 4 * H)];
      for (let t = 0; t < T; t++) {
        const at = X.ptr + t * B * I * 4;
        k.lstmStep(h.ptr, c.ptr, scratch.ptr, at, packedX.ptr, packedH.ptr, BIAS.ptr, B, I, H);
        expect(h.view).toEqual(hs.view.subarray((t + 1) * B * H, (t + 2) * B * H));
        expect(c.view).toEqual(cs.view.subarray((t + 1) * B * H, (t + 2) * B * H));
      }
      expect(maxError(h.view, lstmForward({ ...lstm, T, B, H, input }).hN)).toBeLessThan(1e-6);
      checkCanaries();
    }
  });
});
