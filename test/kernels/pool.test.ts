import { describe, expect, it } from "vitest";
import { builds, noise } from "./harness.js";

interface Windows {
  channels: number;
  height: number;
  width: number;
  kernel: readonly [number, number];
  stride: readonly [number, number];
  dilation: readonly [number, number];
}

/** Output widths round every vector, by each way to read a vector of columns. */
const CASES: Windows[] = [
  ...[1, 2, 3].flatMap((across) =>
    [1, 2, 3, 4, 5, 8, 9].map((out): Windows => ({
      ...{ channels: 2, height: 5, width: (out - 1) * across + 2 },
      ...{ kernel: [3, 2], stride: [2, across], dilation: [1, 1] },
    })),
  ),
  { channels: 3, height: 7, width: 11, kernel: [2, 3], stride: [1, 2], dilation: [3, 2] },
  { channels: 1, height: 1, width: 9, kernel: [1, 9], stride: [1, 1], dilation: [1, 1] },
];

describe.each(builds())("largest of windows ($name)", (bench) => {
  const { k } = bench;

  it.each(CASES.map((each) => [JSON.stringify(each), each] as const))("%s", (_, each) => {
    const { channels, height, width, kernel, stride, dilation } = each;
    const out = [height, width].map(
      (size, i) => Math.floor((size - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1,
    ) as [number, number];
    const x = noise(channels * height * width, 1);
    // Equals, of which the first counts, and NaN, which counts as the largest.
    for (let i = 0; i < x.length; i += 3) x[i] = 0.5;
    for (let i = 7; i < x.length; i += 11) x[i] = NaN;
    const positions = out[0] * out[1];
    const dy = noise(channels * positions, 2);
    const expected: number[] = [];
    const places: number[] = [];
    const sums = new Float32Array(x.length);
    for (let c = 0; c < channels; c++)
      for (let row = 0; row < out[0]; row++)
        for (let column = 0; column < out[1]; column++) {
          const first = (c * height + row * stride[0]) * width + column * stride[1];
          let best = first;
          for (let i = 0; i < kernel[0]; i++)
            for (let j = 0; j < kernel[1]; j++) {
              const at = first + i * dilation[0] * width + j * dilation[1];
              if (!Number.isNaN(x[best]!) && !(x[at]! <= x[best]!)) best = at;
            }
          sums[best]! += dy[expected.length]!;
          expected.push(x[best]!);
          places.push(4 * (best - first));
        }
    const words = [channels, height * width, width, ...kernel, ...stride, ...dilation, out[1]];
    const [image, geometry] = [bench.f32(x), bench.i32(words)];
    const [y, found] = [bench.f32(expected.length), bench.i32(expected.length)];
    k.maxPoolForward(y.ptr, found.ptr, image.ptr, geometry.ptr, positions);
    expect([...y.view]).toEqual(expected);
    expect([...found.view]).toEqual(places);
    const dx = bench.f32(new Float32Array(x.length));
    k.maxPoolBackwardAcc(dx.ptr, bench.f32(dy).ptr, found.ptr, geometry.ptr, positions);
    expect([...dx.view]).toEqual([...sums]);
    bench.checkCanaries();
  });
});
