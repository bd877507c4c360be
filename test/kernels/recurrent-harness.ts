// Holds the kernels of a recurrent cell against its reference: every batch with every width round the edges
// of tiles, both directions, lengths and mask or none, NaN wherever nothing may be read.
import { expect, it } from "vitest";
import { at, type Ptr } from "../../src/wasm/ptr.js";
import { noise, maxError, type Bench, type F32Buffer } from "./harness.js";
import {
  runReference,
  type Cell,
  type Gradients,
  type RecurrentCase,
} from "./recurrent-reference.js";

export interface Shape {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  readonly P: number;
  readonly reverse: boolean;
  readonly lengths: readonly number[] | undefined;
  readonly masked: boolean;
  /** Where out and dOut lie: rows first inside a wider tensor, or steps first. */
  readonly wide: boolean;
}

/** One call of the kernels: addresses, and buffers whose contents count. */
export interface Run extends Omit<Shape, "reverse" | "lengths" | "masked"> {
  readonly k: Bench["k"];
  /** A buffer of NaN. */
  readonly buffer: (n: number) => F32Buffer;
  /** The input [T, B, gates·H], NaN past a row's length. */
  readonly gates: F32Buffer;
  /** The slabs [T + 1, B, ·] of each part of the state; the initial one is there. */
  readonly slabs: readonly F32Buffer[];
  readonly out: Ptr;
  readonly outRow: number;
  readonly outTime: number;
  readonly lengths: Ptr;
  readonly mask: Ptr;
  readonly masked: Ptr;
  readonly reverse: number;
  /** What the recurrent products have read, [T, B, P]. */
  readonly read: () => Float32Array;
  /** The address of a weight with so many columns, packed for products or for gradients. */
  readonly product: (weight: number, columns: number) => Ptr;
  readonly gradient: (weight: number, columns: number) => Ptr;
  readonly bias: (weight: number) => Ptr;
}

/** A weight's gradient is the sum of dyᵀ · x over T·B rows; columns `from` and on of dy, `rows` of them. */
export interface WeightGradient {
  readonly dy: Float32Array;
  readonly from?: number;
  readonly rows: number;
  /** Undefined: of a bias. */
  readonly x?: Float32Array;
}

export interface CellKernels<Kept> {
  readonly cell: Cell;
  /** Runs forward; returns what backward reads. */
  forward(run: Run): Kept;
  /** What `forward` left, under the names of the reference. */
  kept?(run: Run, kept: Kept): Record<string, Float32Array>;
  /**
   * Runs backward: `state` holds the gradient of the final state and becomes that of the initial one.
   * Returns the gradient of the input and those of the weights.
   */
  backward(
    run: Run,
    kept: Kept,
    dOut: Ptr,
    state: readonly F32Buffer[],
  ): { input: Float32Array; weights: readonly WeightGradient[] };
  /** One step; `state` are addresses. */
  step(run: Run, state: readonly Ptr[], x: Ptr, wx: Ptr, biasInput: Ptr, features: number): void;
}

const SIZES = [1, 3, 4, 5, 16, 17, 48, 49];

/**
 * Every batch with every width in both directions, with lengths and without; a mask in every second case, so that
 * neighbouring sizes have what one lacks. P is another size than H only with `projected`.
 */
export function shapes(projected = false): Shape[] {
  const T = 4;
  return [1, 2, 3, 6, 7, 13].flatMap((B, b) =>
    SIZES.flatMap((H, i) =>
      [0, 1, 2, 3].map((variant) => {
        const reverse = variant % 2 === 1;
        const lengths = Array.from({ length: B }, (_, row) => ((row + i) * 3) % (T + 1));
        return {
          T,
          B,
          H,
          P: projected ? SIZES[(5 * i + b + 2 * variant) % SIZES.length]! : H,
          reverse,
          lengths: variant < 2 ? undefined : lengths,
          masked: (variant + b + i + (variant >> 1)) % 2 === 0,
          wide: variant === 0 || variant === 3,
        };
      }),
    ),
  );
}

const label = ({ T, B, H, P, reverse, lengths, masked }: Shape) =>
  `T=${T} B=${B} H=${H} P=${P}${reverse ? " reverse" : ""}${masked ? " mask" : ""}` +
  (lengths ? ` lengths ${lengths.join()}` : "");

export function caseOf(cell: Cell, shape: Shape, seed: number): RecurrentCase {
  const { T, B, H, P, masked } = shape;
  const keep = noise(B * P, seed + 9);
  return {
    ...shape,
    cell,
    input: noise(T * B * cell.gates * H, seed, 2),
    weights: cell
      .weights(H, P)
      .map((size, i) => noise(size, seed + 1 + i, 1 / Math.sqrt(Math.max(H, P)))),
    mask: masked ? keep.map((v) => (v < -0.2 ? 0 : 1 / 0.6)) : undefined,
    state: Array.from({ length: cell.parts }, (_, part) =>
      noise(B * (part ? H : P), seed + 5 + part),
    ),
  };
}

/** `values` [T, B, ·] with `mark` wherever a row has ended. */
function marked({ T, B, lengths }: Shape, values: ArrayLike<number>, mark: number): Float32Array {
  const out = Float32Array.from(values);
  const size = out.length / (T * B);
  for (let t = 0; t < T; t++)
    for (let row = 0; row < B; row++) {
      const start = (t * B + row) * size;
      if (lengths && t >= lengths[row]!) out.fill(mark, start, start + size);
    }
  return out;
}

function layoutOf({ T, B, P, wide }: Shape) {
  const width = 2 * P + 3;
  return wide
    ? { size: B * T * width, offset: P + 3, row: T * width, time: width }
    : { size: T * B * P, offset: 0, row: P, time: B * P };
}

/** `values` [T, B, P] as they lie in memory, NaN between them. */
function place(shape: Shape, values: ArrayLike<number>): Float32Array {
  const { T, B, P } = shape;
  const { size, offset, row: rows, time } = layoutOf(shape);
  const all = new Float32Array(size).fill(NaN);
  for (let t = 0; t < T; t++)
    for (let row = 0; row < B; row++)
      for (let j = 0; j < P; j++)
        all[offset + row * rows + t * time + j] = values[(t * B + row) * P + j]!;
  return all;
}

function prepare(bench: Bench, shape: Shape, x: RecurrentCase) {
  const { k, f32, i32 } = bench;
  const { T, B, P, reverse, lengths } = shape;
  const slabs = x.state.map((initial) => {
    const slab = f32((T + 1) * initial.length);
    slab.view.set(initial, reverse ? T * initial.length : 0);
    return slab;
  });
  const weights = x.weights.map((w) => f32(Float32Array.from(w)));
  const layout = layoutOf(shape);
  const out = f32(layout.size);
  const masked = x.mask && f32(T * B * P);
  const before = (slab: F32Buffer) => {
    const size = slab.length / (T + 1);
    return reverse ? slab.view.subarray(size) : slab.view.subarray(0, T * size);
  };
  const run: Run = {
    ...shape,
    k,
    buffer: (n) => f32(n),
    gates: f32(marked(shape, x.input, NaN)),
    slabs,
    out: at(out.ptr, layout.offset),
    outRow: layout.row,
    outTime: layout.time,
    lengths: lengths ? i32(lengths).ptr : 0,
    mask: x.mask ? f32(x.mask).ptr : 0,
    masked: masked?.ptr ?? 0,
    reverse: +reverse,
    read: () => masked?.view ?? before(slabs[0]!),
    product: (i, columns) => packedFor(bench, weights[i]!, columns, B),
    gradient(i, columns) {
      const { ptr, length } = weights[i]!;
      const packed = f32(k.packedBytes(length / columns, columns) / 4).ptr;
      const pack = B === 1 ? k.packRowB : k.packB;
      pack(packed, ptr, length / columns, columns, columns);
      return packed;
    },
    bias: (i) => weights[i]!.ptr,
  };
  return { run, out, before, masked };
}

function packedFor({ k, f32 }: Bench, { ptr, length }: F32Buffer, columns: number, batch: number) {
  const rows = length / columns;
  const packed = f32(k.packedBytes(columns, rows) / 4).ptr;
  const pack = batch === 1 ? k.packRowBT : k.packBT;
  pack(packed, ptr, columns, rows, columns);
  return packed;
}

function weightGradient({ dy, from = 0, rows, x }: WeightGradient, count: number): Float64Array {
  const [width, columns] = [dy.length / count, x ? x.length / count : 1];
  const sum = new Float64Array(rows * columns);
  for (let at = 0; at < count; at++)
    for (let row = 0; row < rows; row++)
      for (let j = 0; j < columns; j++)
        sum[row * columns + j]! += dy[at * width + from + row]! * (x ? x[at * columns + j]! : 1);
  return sum;
}

interface Expected {
  readonly x: RecurrentCase;
  readonly exact: ReturnType<typeof runReference>;
  readonly dOut: Float32Array;
  readonly dState: readonly Float32Array[];
  readonly gradients: Gradients;
}

/** Every build is held against the same results: by cell and shape. */
const expectations = new WeakMap<Cell, Map<string, Expected>>();

function expected(cell: Cell, shape: Shape): Expected {
  if (!expectations.has(cell)) expectations.set(cell, new Map());
  const known = expectations.get(cell)!;
  const found = known.get(label(shape));
  if (found) return found;
  const x = caseOf(cell, shape, 31);
  const exact = runReference(x);
  const dOut = noise(shape.T * shape.B * shape.P, 52);
  const dState = x.state.map((part, i) => noise(part.length, 53 + i));
  const result = { x, exact, dOut, dState, gradients: exact.gradients(dOut, dState) };
  known.set(label(shape), result);
  return result;
}

/** The tests of one cell in one build: forward, backward, and the bits of single steps. */
export function testCell<Kept>(
  bench: Bench,
  kernels: CellKernels<Kept>,
  { all = shapes(), error = 2e-6 } = {},
): void {
  const { cell } = kernels;

  it("runs forward as the reference, past a row's length nothing counts", () => {
    for (const shape of all) {
      const { T, B, reverse } = shape;
      const { x, exact } = expected(cell, shape);
      const { run, out, before, masked } = prepare(bench, shape, x);
      const kept = kernels.forward(run);
      expect(maxError(out.view, place(shape, exact.out)), label(shape)).toBeLessThan(error);
      run.slabs.forEach(({ view, length }, part) => {
        const size = length / (T + 1);
        const after = reverse ? view.subarray(0, T * size) : view.subarray(size);
        expect(maxError(after, exact.states[part]!), label(shape)).toBeLessThan(error);
      });
      if (masked) {
        const h = before(run.slabs[0]!);
        const product = h.map((v, i) => v * x.mask![i % x.mask!.length]!);
        expect(masked.view, label(shape)).toEqual(product);
      }
      for (const [name, values] of Object.entries(kernels.kept?.(run, kept) ?? {})) {
        const width = values.length / (T * B);
        expect(maxError(values, exact.kept(name, width)), `${name} ${label(shape)}`).toBeLessThan(
          error,
        );
      }
      bench.checkCanaries();
    }
  });

  it("runs backward as the reference, past a row's length the gradient passes through", () => {
    for (const shape of all) {
      const { T, B } = shape;
      const { x, dOut, dState, gradients: exact } = expected(cell, shape);
      const { run } = prepare(bench, shape, x);
      const kept = kernels.forward(run);
      const state = dState.map((values) => bench.f32(values));
      const from = bench.f32(place(shape, marked(shape, dOut, NaN)));
      const dOutAt = at(from.ptr, layoutOf(shape).offset);
      const { input, weights } = kernels.backward(run, kept, dOutAt, state);
      expect(maxError(input, exact.input), label(shape)).toBeLessThan(error);
      state.forEach(({ view }, part) =>
        expect(maxError(view, exact.state[part]!), label(shape)).toBeLessThan(error),
      );
      expect(weights.length).toBe(exact.weights.length);
      weights.forEach((weight, i) => {
        const sum = weightGradient(weight, T * B);
        // A sum over all steps of all rows.
        expect(maxError(sum, exact.weights[i]!), `weight ${i} ${label(shape)}`).toBeLessThan(
          3 * error,
        );
      });
      bench.checkCanaries();
    }
  });

  it.each([1, 2, 3, 32])("steps with the bits of the sequence, %i rows", (B) => {
    for (const plain of all.filter((s) => s.B === 1 && !s.reverse && !s.lengths)) {
      const shape = { ...plain, B, T: 3, masked: false, wide: false };
      const { T, H } = shape;
      const features = 6;
      const outputs = cell.gates * H;
      const x = caseOf(cell, shape, 61);
      const [X, wx] = [
        bench.f32(noise(T * B * features, 62)),
        bench.f32(noise(outputs * features, 63)),
      ];
      const bias = bench.f32(noise(outputs, 64)).ptr;
      const { run } = prepare(bench, shape, x);
      bench.k.gemm(
        run.gates.ptr,
        X.ptr,
        packedFor(bench, wx, features, 2),
        bias,
        T * B,
        outputs,
        features,
        features,
        outputs,
      );
      kernels.forward(run);
      const state = x.state.map((part) => bench.f32(part));
      const packed = packedFor(bench, wx, features, B);
      for (let t = 0; t < T; t++) {
        kernels.step(
          run,
          state.map(({ ptr }) => ptr),
          at(X.ptr, t * B * features),
          packed,
          bias,
          features,
        );
        run.slabs.forEach(({ view }, part) => {
          const { length } = state[part]!;
          const after = view.subarray((t + 1) * length, (t + 2) * length);
          expect(state[part]!.view, `step ${t} ${label(shape)}`).toEqual(after);
        });
      }
      expect(state[0]!.view.every(Number.isFinite)).toBe(true);
      bench.checkCanaries();
    }
  });
}
