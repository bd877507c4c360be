// Pictures in one form and size. `resized.json` was counted by Pillow 9.4.0: Image.resize with BILINEAR, in mode F.
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { hasColours, imageShape, pixelsOf, resized } from "../../src/data/images.js";

const { width, height, data, cases } = JSON.parse(
  readFileSync(new URL("resized.json", import.meta.url), "utf8"),
) as {
  width: number;
  height: number;
  data: number[];
  cases: { width: number; height: number; values: number[] }[];
};

describe("another size", () => {
  it.each(cases)("$width × $height is Pillow's, rounded", (wanted) => {
    const pixels = { data: Uint8Array.from(data), width, height, channels: 1 } as const;
    const found = resized(pixels, wanted.width, wanted.height);
    expect([found.width, found.height]).toEqual([wanted.width, wanted.height]);
    expect(found.data).toHaveLength(wanted.values.length);
    wanted.values.forEach((value, i) =>
      expect(Math.abs(found.data[i]! - value)).toBeLessThan(0.5 + 1e-3),
    );
  });

  it("takes channels one by one", () => {
    const grey = resized({ data: Uint8Array.from(data), width, height, channels: 1 }, 4, 3);
    const three = Uint8Array.from(data.flatMap((value) => [value, 255 - value, 7]));
    const colours = resized({ data: three, width, height, channels: 3 }, 4, 3).data;
    grey.data.forEach((value, i) => {
      expect(colours[3 * i]).toBe(value);
      expect(Math.abs(colours[3 * i + 1]! - (255 - value))).toBeLessThanOrEqual(1);
      expect(colours[3 * i + 2]).toBe(7);
    });
  });
});

test("a picture is the same in every form", () => {
  const grey = Uint8Array.of(0, 51, 204, 255);
  const size = { width: 2, height: 2 };
  const rgba = Uint8ClampedArray.from([...grey].flatMap((value) => [value, value, value, 255]));
  for (const image of [
    { data: grey, ...size },
    { data: rgba, ...size },
    { data: Float32Array.from(grey, (value) => value / 255), ...size },
    { data: grey, shape: [2, 2] },
    { data: grey, shape: [2, 2, 1] },
    { data: rgba, shape: [2, 2, 4] },
  ]) {
    expect(pixelsOf("read", image, 1).data).toEqual(grey);
    expect(hasColours(imageShape("read", image), image)).toBe(false);
    expect([...pixelsOf("read", image, 3).data]).toEqual([...grey].flatMap((v) => [v, v, v]));
  }
});

test("colours are weighed by how bright they are seen, and what is transparent shows white", () => {
  const image = { data: Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 0), width: 2, height: 1 };
  expect([...pixelsOf("read", image, 1).data]).toEqual([76, 255]);
  expect([...pixelsOf("read", image, 3).data]).toEqual([255, 0, 0, 255, 255, 255]);
  expect(hasColours(imageShape("read", image), image)).toBe(true);
});

test("what is no picture is refused", () => {
  const bytes = new Uint8Array(6);
  const read = (image: unknown) => () => pixelsOf("read", image as never, 1);
  for (const image of [undefined, {}, { data: [1], width: 1, height: 1 }, { data: bytes }])
    expect(read(image)).toThrow(OptionError);
  for (const size of [
    { width: 0, height: 6 },
    { width: 1.5, height: 4 },
    { shape: [6] },
    { shape: [1, "6"] },
  ])
    expect(read({ data: bytes, ...size })).toThrow(OptionError);
  expect(read({ data: bytes, width: 2, height: 2 })).toThrow(ShapeError);
  expect(read({ data: bytes, shape: [2, 2, 3] })).toThrow(ShapeError);
  expect(read({ data: new Uint8Array(30), width: 3, height: 2 })).toThrow(ShapeError);
  expect(read({ data: Float32Array.of(1, 2), width: 2, height: 1 })).toThrow(/from 0 to 1, got 2/);
});
