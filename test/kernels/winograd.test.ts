// Convolutions in tiles against float64 ones, element by element within what float32 may lose: sizes round the edges of tiles, of
// vectors of channels and of blocks; zeros round the image, and NaN behind what they stand for.
import { describe, expect, it } from "vitest";
import { at, type Ptr } from "../../src/wasm/ptr.js";
import { builds, noise, type F32Buffer } from "./harness.js";

interface Shape {
  inputs: number;
  outputs: number;
  height: number;
  width: number;
  top: number;
  left: number;
  /** Of the output: zeros behind the image are as many as that takes. */
  down: number;
  across: number;
}

const SHAPES: Shape[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 13].map((across): Shape => ({
    ...{ inputs: 2, outputs: 3, height: 4, width: across, top: 1, left: 1 },
    ...{ down: 4, across },
  })),
  ...[1, 2, 3, 4, 5, 6, 9].map((down): Shape => ({
    ...{ inputs: 1, outputs: 1, height: down + 2, width: 7, top: 0, left: 0 },
    ...{ down, across: 5 },
  })),
  ...[3, 4, 5, 8, 9, 16, 17].map((channels): Shape => ({
    ...{ inputs: channels, outputs: channels + 2, height: 3, width: 6, top: 2, left: 0 },
    ...{ down: 5, across: 6 },
  })),
  // One element, seen by every output; zeros wider than the kernel.
  { inputs: 2, outputs: 1, height: 1, width: 1, top: 2, left: 2, down: 3, across: 3 },
  { inputs: 1, outputs: 2, height: 2, width: 3, top: 5, left: 6, down: 10, across: 13 },
  // Several blocks, of which one begins within a row of tiles of the second image.
  { inputs: 1, outputs: 65, height: 18, width: 23, top: 1, left: 1, down: 19, across: 25 },
];

const BATCH = 2;
const UNIT = 2 ** -24;
/** Interpolation at 0, ±1, ±2 and ∞ loses twice as much in some of the shapes. */
const MOST_LOST = 2e-6;
const label = ({ inputs, outputs, height, width, top, left, down, across }: Shape): string =>
  `${inputs} of ${height}×${width} to ${outputs} of ${down}×${across}, ${top} and ${left} zeros before`;

type Matrix = readonly (readonly number[])[];
const transposed = (x: Matrix): Matrix => x[0]!.map((_, j) => x.map((row) => row[j]!));
const times = (x: Matrix, y: Matrix): Matrix =>
  x.map((row) => y[0]!.map((_, j) => row.reduce((sum, v, k) => sum + v * y[k]![j]!, 0)));
const around = (x: Matrix, y: Matrix): Matrix => times(times(x, y), transposed(x));
const square = (size: number, at: (i: number, j: number) => number): Matrix =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => at(i, j)));

/** The absolute values of the transforms: what they make of absolute values is what rounding is a part of. */
const [LOW, HIGH] = [Math.SQRT1_2, Math.SQRT2];
const G = [[1, 0, 0], ...[2 / 3, 2 / 3].map((v) => [v, HIGH / 3, 1 / 3]), ...[1 / 6, 1 / 6].map((v) => [v, LOW / 3, 1 / 3]), [0, 0, 1]]; // prettier-ignore
const B = [[1, 0, 2.5, 0, 1, 0], [0, HIGH, 2, LOW, 1, 0], [0, HIGH, 2, LOW, 1, 0], [0, LOW, 0.5, HIGH, 1, 0], [0, LOW, 0.5, HIGH, 1, 0], [0, 1, 0, 2.5, 0, 1]]; // prettier-ignore
const A = [0, 1, 2, 3].map((power) => [power === 0 ? 1 : 0, ...[LOW, LOW, HIGH, HIGH].map((v) => v ** power), power === 3 ? 1 : 0]); // prettier-ignore
/** Outputs of a tile down and across, and elements of its matrices. */
const [TILE, POINTS] = [4, 6];

/** The exact results of one call, and how far those of float32 may lie from each. */
function reference(
  shape: Shape,
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  dy: Float32Array,
) {
  const { inputs, outputs, height, width, top, left, down, across } = shape;
  const imageAt = (n: number, c: number, i: number, j: number) =>
    i < 0 || j < 0 || i >= height || j >= width ? -1 : ((n * inputs + c) * height + i) * width + j;
  const outAt = (n: number, o: number, i: number, j: number) =>
    i >= down || j >= across ? -1 : ((n * outputs + o) * down + i) * across + j;
  const made = () => ({
    y: new Float64Array(dy.length),
    dx: new Float64Array(x.length),
    dw: new Float64Array(w.length),
  });
  const [exact, room] = [made(), made()];
  for (let n = 0; n < BATCH; n++)
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < down; i++)
        for (let j = 0; j < across; j++) {
          const at = outAt(n, o, i, j);
          exact.y[at]! += b[o]!;
          for (let c = 0; c < inputs; c++)
            for (let u = 0; u < 3; u++)
              for (let v = 0; v < 3; v++) {
                const from = imageAt(n, c, i + u - top, j + v - left);
                if (from < 0) continue;
                const tap = ((o * inputs + c) * 3 + u) * 3 + v;
                exact.y[at]! += x[from]! * w[tap]!;
                exact.dx[from]! += dy[at]! * w[tap]!;
                exact.dw[tap]! += dy[at]! * x[from]!;
              }
        }
  const size = (values: Float32Array, at: number) => (at < 0 ? 0 : Math.abs(values[at]!));
  const kernel = (o: number, c: number, turned: boolean) =>
    around(
      G,
      square(3, (i, j) => {
        const tap = 3 * i + j;
        return size(w, (o * inputs + c) * 9 + (turned ? 8 - tap : tap));
      }),
    );
  const kernels = [false, true].map((turned) =>
    Array.from({ length: outputs }, (_, o) =>
      Array.from({ length: inputs }, (_, c) => kernel(o, c, turned)),
    ),
  );
  const product = (m: Matrix, k: Matrix) => square(POINTS, (i, j) => m[i]![j]! * k[i]![j]!);
  const sum = (all: readonly Matrix[]) =>
    square(POINTS, (i, j) => all.reduce((total, m) => total + m[i]![j]!, 0));
  // Each product is rounded some times in its transforms, and once for every term of its sum.
  const tiles = Math.ceil(down / TILE) * Math.ceil(across / TILE);
  const sums = Array.from({ length: outputs * inputs }, (): Matrix => square(POINTS, () => 0));
  for (let n = 0; n < BATCH; n++) {
    for (let i = 0; i < down; i += TILE)
      for (let j = 0; j < across; j += TILE) {
        const tile = Array.from({ length: inputs }, (_, c) =>
          around(
            B,
            square(POINTS, (u, v) => size(x, imageAt(n, c, i + u - top, j + v - left))),
          ),
        );
        for (let o = 0; o < outputs; o++) {
          const within = around(A, sum(tile.map((m, c) => product(m, kernels[0]![o]![c]!))));
          const gradient = around(
            transposed(A),
            square(TILE, (u, v) => size(dy, outAt(n, o, i + u, j + v))),
          );
          tile.forEach((m, c) => {
            sums[o * inputs + c] = sum([sums[o * inputs + c]!, product(m, gradient)]);
          });
          within.forEach((row, u) =>
            row.forEach((v, k) => {
              const at = outAt(n, o, i + u, j + k);
              if (at >= 0) room.y[at] = (v + Math.abs(b[o]!)) * (inputs + 16) * UNIT;
            }),
          );
        }
      }
    for (let i = 0; i < height; i += TILE)
      for (let j = 0; j < width; j += TILE) {
        const tile = Array.from({ length: outputs }, (_, o) =>
          around(
            B,
            square(POINTS, (u, v) => {
              const [row, column] = [i + u + top - 2, j + v + left - 2];
              return row < 0 || column < 0 ? 0 : size(dy, outAt(n, o, row, column));
            }),
          ),
        );
        for (let c = 0; c < inputs; c++)
          around(A, sum(tile.map((m, o) => product(m, kernels[1]![o]![c]!)))).forEach((row, u) =>
            row.forEach((v, k) => {
              const at = imageAt(n, c, i + u, j + k);
              if (at >= 0) room.dx[at] = v * (outputs + 16) * UNIT;
            }),
          );
      }
  }
  sums.forEach((m, pair) =>
    around(transposed(G), m)
      .flat()
      .forEach((v, tap) => (room.dw[9 * pair + tap] = v * (BATCH * tiles + 16) * UNIT)),
  );
  return { exact, room };
}

/** The largest error, as a part of what is allowed to each element. */
function worst(actual: F32Buffer, exact: Float64Array, room: Float64Array): number {
  return actual.view.reduce((most, v, i) => {
    const error = Math.abs(v - exact[i]!);
    return Number.isNaN(error) ? Infinity : Math.max(most, error === 0 ? 0 : error / room[i]!);
  }, 0);
}

/** The largest error beside the largest number: what the points of interpolation decide. */
function loss(actual: F32Buffer, exact: Float64Array): number {
  const most = (values: Float64Array) => values.reduce((all, v) => Math.max(all, Math.abs(v)), 0);
  return most(exact.map((v, i) => actual.view[i]! - v)) / most(exact);
}

describe.each(builds())("convolutions in tiles ($name)", (bench) => {
  const { k } = bench;

  it.each(SHAPES.map((shape) => [label(shape), shape] as const))("%s", (_, shape) => {
    const { inputs, outputs, height, width, top, left, down, across } = shape;
    const x = noise(BATCH * inputs * height * width, 1);
    const [w, b] = [noise(outputs * inputs * 9, 2), noise(outputs, 3)];
    const dy = noise(BATCH * outputs * down * across, 4);
    const { exact, room } = reference(shape, x, w, b, dy);
    const [from, weight, bias, gradient] = [x, w, b, dy].map((values) => bench.f32(values)) as [
      F32Buffer,
      F32Buffer,
      F32Buffer,
      F32Buffer,
    ];
    const sizes = [BATCH, inputs, outputs] as const;
    const forwards = bench.i32([height, width, top, left, down, across]);
    const backwards = bench.i32([down, across, 2 - top, 2 - left, height, width]);

    const y = bench.f32(dy.length);
    const space = bench.f32(k.winogradScratchBytes(forwards.ptr, BATCH, inputs, outputs) / 4);
    k.winogradForward(y.ptr, from.ptr, weight.ptr, bias.ptr, forwards.ptr, space.ptr, ...sizes);
    expect(worst(y, exact.y, room.y)).toBeLessThan(1);
    expect(loss(y, exact.y)).toBeLessThan(MOST_LOST);

    // The same without a bias, and of the last image alone: no bit depends on the others.
    const [plain, alone] = [bench.f32(dy.length), bench.f32(dy.length / BATCH)];
    k.winogradForward(plain.ptr, from.ptr, weight.ptr, 0, forwards.ptr, space.ptr, ...sizes);
    const last = bench.f32(x.subarray(x.length / BATCH));
    const single = [1, inputs, outputs] as const;
    k.winogradForward(alone.ptr, last.ptr, weight.ptr, 0, forwards.ptr, space.ptr, ...single);
    expect([...alone.view]).toEqual([...plain.view.subarray(alone.length)]);
    const biased = plain.view.map((v, i) => v + b[Math.floor(i / (down * across)) % outputs]!);
    expect([...y.view]).toEqual([...biased]);

    const dx = bench.f32(x.length);
    const back = bench.f32(k.winogradScratchBytes(backwards.ptr, BATCH, outputs, inputs) / 4);
    k.winogradBackward(dx.ptr, gradient.ptr, weight.ptr, backwards.ptr, back.ptr, ...sizes);
    expect(worst(dx, exact.dx, room.dx)).toBeLessThan(1);
    expect(loss(dx, exact.dx)).toBeLessThan(MOST_LOST);

    const dw = bench.f32(new Float32Array(w.length));
    const sums = bench.f32(k.winogradKernelsScratchBytes(forwards.ptr, BATCH, inputs, outputs) / 4);
    const add = () =>
      k.winogradKernelsAcc(dw.ptr, gradient.ptr, from.ptr, forwards.ptr, sums.ptr, ...sizes);
    add();
    expect(worst(dw, exact.dw, room.dw)).toBeLessThan(1);
    expect(loss(dw, exact.dw)).toBeLessThan(MOST_LOST);
    const once = [...dw.view];
    add();
    expect([...dw.view]).toEqual(once.map((v) => 2 * v));
    bench.checkCanaries();
  });

  it.runIf(bench.name === "debug")("says what its callers owe", () => {
    const geometry = bench.i32([4, 4, 1, 1, 4, 4]);
    const space = bench.f32(k.winogradScratchBytes(geometry.ptr, 1, 1, 1) / 4);
    const [x, w] = [bench.f32(noise(20)), bench.f32(noise(9))];
    const run = (y: Ptr, scratch: Ptr) => () =>
      k.winogradForward(y, x.ptr, w.ptr, 0, geometry.ptr, scratch, 1, 1, 1);
    expect(run(at(x.ptr, 4), space.ptr)).toThrow("assertion failed");
    expect(run(bench.f32(16).ptr, at(space.ptr, 1))).toThrow("assertion failed");
    bench.checkCanaries();
  });
});
