import { describe, expect, it } from "vitest";
import { builds, noise } from "./harness.js";

interface Geometry {
  channels: number;
  height: number;
  width: number;
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
}

const plain = { stride: [1, 1], dilation: [1, 1] } as const;
/** Output widths round every vector and panel: 1 to 5, 7 to 9, 15 to 17, 33. */
const GEOMETRIES: Geometry[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33].map((out): Geometry => ({
    channels: 2,
    height: 1,
    width: out + 2,
    kernel: [1, 3],
    stride: [1, 1],
    dilation: [1, 1],
  })),
  { ...plain, channels: 3, height: 5, width: 6, kernel: [2, 3], stride: [1, 1], dilation: [1, 1] },
  { channels: 1, height: 9, width: 11, kernel: [3, 2], stride: [2, 3], dilation: [1, 1] },
  { channels: 2, height: 8, width: 9, kernel: [2, 3], stride: [1, 2], dilation: [3, 2] },
  { channels: 5, height: 4, width: 17, kernel: [1, 1], stride: [1, 1], dilation: [1, 1] },
];

const outOf = ({ height, width, kernel, stride, dilation }: Geometry): [number, number] => [
  Math.floor((height - dilation[0] * (kernel[0] - 1) - 1) / stride[0]) + 1,
  Math.floor((width - dilation[1] * (kernel[1] - 1) - 1) / stride[1]) + 1,
];

/** For each row of the columns, for each position, the element of the image. */
function places(geometry: Geometry): number[][] {
  const { channels, height, width, kernel, stride, dilation } = geometry;
  const [rows, columns] = outOf(geometry);
  const places: number[][] = [];
  for (let c = 0; c < channels; c++)
    for (let ky = 0; ky < kernel[0]; ky++)
      for (let kx = 0; kx < kernel[1]; kx++)
        places.push(
          Array.from({ length: rows * columns }, (_, i) => {
            const y = Math.floor(i / columns) * stride[0] + ky * dilation[0];
            return (c * height + y) * width + (i % columns) * stride[1] + kx * dilation[1];
          }),
        );
  return places;
}

const words = (geometry: Geometry): number[] => {
  const { channels, height, width, kernel, stride, dilation } = geometry;
  return [channels, height * width, width, ...kernel, ...stride, ...dilation, outOf(geometry)[1]];
};

const label = ({ channels, height, width, kernel, stride, dilation }: Geometry): string =>
  `${channels}×${height}×${width} by ${kernel}, stride ${stride}, dilation ${dilation}`;

describe.each(builds())("columns of windows ($name)", (bench) => {
  const { k } = bench;
  const cases = GEOMETRIES.map((geometry) => [label(geometry), geometry] as const);

  it.each(cases)("of %s: all, and a part of them", (_, geometry) => {
    const { channels, height, width } = geometry;
    const x = noise(channels * height * width, 1);
    const at = places(geometry);
    const positions = at[0]!.length;
    const [image, plan] = [bench.f32(x), bench.i32(words(geometry))];
    const from = Math.floor(positions / 3);
    for (const [start, count] of [
      [0, positions],
      [from, positions - from],
      [from, 1],
    ] as const) {
      const expected = at.map((row) => row.slice(start, start + count).map((i) => x[i]!));
      const out = bench.f32(at.length * count);
      k.unfold(out.ptr, image.ptr, plan.ptr, start, count);
      expect([...out.view]).toEqual(expected.flat());

      // What the panels multiply is what the plain matrix does, packed.
      const bytes = k.packedBytes(at.length, count);
      const [packed, twin] = [bench.f32(bytes / 4), bench.f32(bytes / 4)];
      k.unfoldPacked(packed.ptr, image.ptr, plan.ptr, start, count);
      k.packB(twin.ptr, out.ptr, at.length, count, count);
      const rows = noise(3 * at.length, 2);
      const [a, c, d] = [bench.f32(rows), bench.f32(3 * count), bench.f32(3 * count)];
      const sizes = [3, count, at.length, at.length, count] as const;
      k.gemm(c.ptr, a.ptr, packed.ptr, 0, ...sizes);
      k.gemm(d.ptr, a.ptr, twin.ptr, 0, ...sizes);
      expect([...c.view]).toEqual([...d.view]);
      expect(c.view.every(Number.isFinite)).toBe(true);

      const columns = noise(at.length * count, 3);
      const sums = Float32Array.from(x);
      // Position by position within a row of the kernel, as every element has one sum.
      const order = at.flatMap((row, r) =>
        row.slice(start, start + count).map((i, p) => [i, columns[r * count + p]!] as const),
      );
      order.forEach(([i, value]) => (sums[i]! += value));
      const folded = bench.f32(x);
      k.foldAcc(folded.ptr, bench.f32(columns).ptr, plan.ptr, start, count);
      folded.view.forEach((v, i) => expect(v).toBeCloseTo(sums[i]!, 5));
    }
    bench.checkCanaries();
  });
});
