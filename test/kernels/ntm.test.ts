// The heads of a Neural Turing Machine against float64, forwards and backwards, at sizes round the vectors' edges.
import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";

interface Form {
  B: number;
  N: number;
  M: number;
  /** Which head writes. */
  heads: readonly boolean[];
  range: number;
  active?: number[];
  /** Elements between the rows of what was read, beyond these. */
  gap?: number;
}

const READ = false;
const WRITE = true;

const FORMS: readonly (readonly [string, Form])[] = [
  ["one location", { B: 1, N: 1, M: 1, heads: [READ, WRITE], range: 0 }],
  ["less than a vector", { B: 2, N: 3, M: 2, heads: [READ, WRITE], range: 1 }],
  ["a vector", { B: 1, N: 4, M: 4, heads: [WRITE, READ], range: 1, gap: 1 }],
  ["one more", { B: 3, N: 5, M: 3, heads: [READ, WRITE], range: 2, gap: 3 }],
  ["one less than two", { B: 1, N: 7, M: 5, heads: [WRITE, WRITE, READ], range: 3 }],
  ["two and one", { B: 2, N: 9, M: 20, heads: [READ, WRITE, READ, WRITE], range: 1 }],
  ["rows left out", { B: 3, N: 6, M: 3, heads: [READ, WRITE], range: 1, active: [1, 0, 1], gap: 2 }],
  ["none that writes", { B: 1, N: 6, M: 3, heads: [READ], range: 2 }],
  ["as large as in use", { B: 1, N: 128, M: 20, heads: [READ, WRITE], range: 1 }],
]; // prettier-ignore

const countOf = ({ M, range }: Form, writes: boolean): number =>
  (writes ? 3 * M : M) + 2 * range + 4;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
const softmax = (values: number[]): number[] => {
  const exps = values.map((value) => Math.exp(value - Math.max(...values)));
  return exps.map((e) => e / sum(exps));
};

/** What the machine reads: [memory | weightings | parameters] of one row, flat, so that differences are easy. */
interface Step {
  reads: number[];
  memory: number[];
  weights: number[];
}

function step(form: Form, memory: number[], weights: number[], parameters: number[]): Step {
  const { N, M, heads, range } = form;
  let cells = [...memory];
  let from = 0;
  const reads: number[] = [];
  const after: number[] = [];
  heads.forEach((writes, head) => {
    const p = parameters.slice(from, (from += countOf(form, writes)));
    const [strength, gate] = [Math.log1p(Math.exp(p[M]!)), sigmoid(p[M + 1]!)];
    const shift = softmax(p.slice(M + 2, M + 3 + 2 * range));
    const power = 1 + Math.log1p(Math.exp(p[M + 3 + 2 * range]!));
    const row = (n: number): number[] => cells.slice(n * M, (n + 1) * M);
    const norm = (x: number[]): number => Math.hypot(...x);
    const key = p.slice(0, M);
    const cosine = (x: number[]): number =>
      sum(x.map((value, m) => value * key[m]!)) / norm(x) / norm(key);
    const content = softmax(Array.from({ length: N }, (_, n) => strength * cosine(row(n))));
    const mixed = content.map((w, n) => gate * w + (1 - gate) * weights[head * N + n]!);
    const powers = mixed.map(
      (_, n) => sum(shift.map((s, j) => s * mixed[(n + j - range + N) % N]!)) ** power,
    );
    const w = powers.map((value) => value / sum(powers));
    after.push(...w);
    if (!writes) {
      for (let m = 0; m < M; m++) reads.push(sum(w.map((share, n) => share * cells[n * M + m]!)));
      return;
    }
    const at = M + 4 + 2 * range;
    cells = cells.map((value, i) => {
      const [n, m] = [Math.floor(i / M), i % M];
      return value * (1 - w[n]! * sigmoid(p[at + m]!)) + w[n]! * p[at + M + m]!;
    });
  });
  return { reads, memory: cells, weights: after };
}

describe.each(builds())("a machine's heads ($name)", (bench) => {
  const { k } = bench;

  it.each(FORMS)("%s", (_, form) => {
    const { B, N, M, heads, range, active, gap = 0 } = form;
    const P = (N + 3) & ~3;
    const readers = heads.filter((writes) => !writes).length;
    const writes = heads.length - readers;
    const writers = heads.reduce((bits, each, i) => bits | (+each << i), 0);
    const count = sum(heads.map((each) => countOf(form, each)));
    const stride = readers * M + gap;
    const given = {
      memory: noise(B * N * M, 1),
      weights: noise(B * heads.length * N, 2).map((value) => Math.abs(value) / N),
      parameters: noise(B * count, 3, 2),
    };
    const padded = (values: ArrayLike<number>, rows: number): Float32Array => {
      const out = new Float32Array(rows * P);
      for (let i = 0; i < rows * N; i++) out[Math.floor(i / N) * P + (i % N)] = values[i]!;
      return out;
    };
    /** [B, N, M] → [B, M, P] */
    const transposed = (values: ArrayLike<number>): Float32Array => {
      const out = new Float32Array(B * M * P);
      for (let i = 0; i < B * N * M; i++) {
        const [b, n, m] = [Math.floor(i / N / M), Math.floor(i / M) % N, i % M];
        out[(b * M + m) * P + n] = values[i]!;
      }
      return out;
    };
    const cells = bench.f32((writes + 1) * B * M * P);
    cells.view.set(transposed(given.memory));
    const before = bench.f32(padded(given.weights, B * heads.length));
    const parameters = bench.f32(given.parameters);
    const after = bench.f32(B * heads.length * P);
    const reads = bench.f32(B * stride);
    const record = k.ntmRecordSize(N, M, range);
    const records = bench.f32(B * heads.length * record);
    const on = active ? bench.i32(active).ptr : 0;
    const cellStep = B * M * P;
    // prettier-ignore
    k.ntmForward(
      reads.ptr, after.ptr, records.ptr, cells.ptr, before.ptr, parameters.ptr, on, cellStep, B, N, M, heads.length,
      writers, range, stride,
    );

    const part = (values: ArrayLike<number>, b: number): number[] =>
      Array.from(values).slice((b * values.length) / B, ((b + 1) * values.length) / B);
    const rows = Array.from({ length: B }, (_, b) =>
      active?.[b] === 0
        ? {
            reads: new Array<number>(readers * M).fill(0),
            memory: part(given.memory, b),
            weights: part(given.weights, b),
          }
        : step(form, part(given.memory, b), part(given.weights, b), part(given.parameters, b)),
    );
    const wanted = (key: keyof Step): number[] => rows.flatMap((row) => row[key]);
    const readRows = Array.from({ length: B }, (_, b) =>
      Array.from(reads.view.subarray(b * stride, b * stride + readers * M)),
    );
    expect(maxError(readRows.flat(), wanted("reads"))).toBeLessThan(1e-5);
    const looked = padded(wanted("weights"), B * heads.length);
    expect(maxError(after.view, looked)).toBeLessThan(2e-6);
    const left = cells.view.slice(writes * cellStep);
    expect(maxError(left, transposed(wanted("memory")))).toBeLessThan(1e-5);

    // The gradient of a sum of all that came out, weighted.
    const projection = {
      reads: noise(B * stride, 5),
      memory: noise(B * N * M, 6),
      weights: noise(B * heads.length * N, 7),
    };
    const dCells = bench.f32(transposed(projection.memory));
    const dWeights = bench.f32(padded(projection.weights, B * heads.length));
    const dReads = bench.f32(projection.reads);
    const scratch = bench.f32(k.ntmScratchSize(N, range));
    // prettier-ignore
    k.ntmBackward(
      dCells.ptr, dWeights.ptr, parameters.ptr, scratch.ptr, dReads.ptr, after.ptr, records.ptr, cells.ptr, before.ptr,
      on, cellStep, B, N, M, heads.length, writers, range, stride,
    );
    for (let b = 0; b < B; b++) {
      const own = {
        memory: part(given.memory, b),
        weights: part(given.weights, b),
        parameters: part(given.parameters, b),
      };
      const loss = (): number => {
        const result =
          active?.[b] === 0
            ? { reads: [], memory: own.memory, weights: own.weights }
            : step(form, own.memory, own.weights, own.parameters);
        const dot = (values: number[], with_: ArrayLike<number>, from: number): number =>
          sum(values.map((value, i) => value * with_[from + i]!));
        return (
          dot(result.reads, projection.reads, b * stride) +
          dot(result.memory, projection.memory, b * N * M) +
          dot(result.weights, projection.weights, b * heads.length * N)
        );
      };
      /** By differences, of some elements. */
      const check = (name: keyof typeof own, gradient: (i: number) => number): void => {
        const values = own[name];
        const every = Math.ceil(values.length / 60);
        for (let i = 0; i < values.length; i += every) {
          const x = values[i]!;
          const h = 1e-5;
          values[i] = x + h;
          const up = loss();
          values[i] = x - h;
          const down = loss();
          values[i] = x;
          const slope = (up - down) / (2 * h);
          const error = Math.abs(gradient(i) - slope) / Math.max(1, Math.abs(slope));
          expect(error, `d${name}[${b}][${i}]`).toBeLessThan(5e-5);
        }
      };
      const [dc, dw, dp] = [dCells.view, dWeights.view, parameters.view];
      check("memory", (i) => dc[(b * M + (i % M)) * P + Math.floor(i / M)]!);
      check("weights", (i) => dw[(b * heads.length + Math.floor(i / N)) * P + (i % N)]!);
      check("parameters", (i) => dp[b * count + i]!);
    }
    bench.checkCanaries();
  });

  it("works in place with the same bits", () => {
    const [B, N, M, P] = [2, 6, 3, 8];
    const run = (inPlace: boolean): number[] => {
      const memory = noise(B * M * P, 1).map((value, i) => (i % P < N ? value : 0));
      const cells = bench.f32((inPlace ? 1 : 2) * B * M * P);
      cells.view.set(memory);
      const before = bench.f32(
        noise(B * 2 * P, 2).map((v, i) => (i % P < N ? Math.abs(v) / N : 0)),
      );
      const after = inPlace ? before : bench.f32(B * 2 * P);
      const parameters = bench.f32(noise(B * (4 * M + 12), 3));
      const records = bench.f32(B * 2 * k.ntmRecordSize(N, M, 1));
      const reads = bench.f32(B * M);
      // prettier-ignore
      k.ntmForward(
        reads.ptr, after.ptr, records.ptr, cells.ptr, before.ptr, parameters.ptr, 0, inPlace ? 0 : B * M * P,
        B, N, M, 2, 2, 1, M,
      );
      const result = [...reads.view, ...after.view, ...cells.view.slice(inPlace ? 0 : B * M * P)];
      bench.checkCanaries();
      return result;
    };
    expect(run(true)).toEqual(run(false));
  });
});
