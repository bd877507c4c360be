// A caption over its picture.
import { expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.js";
import { captionFigure } from "../../src/inspect/index.js";
import { decodePNG } from "../../src/io/png.js";

const image = { data: Uint8Array.of(0, 64, 128, 255), width: 2, height: 2 };
const attention = {
  tokens: ["a <b>", "</s>"],
  image,
  ...{ rows: 2, columns: 2 },
  weights: [0.5, 0.25, 0.25, 0, 0.25, 0.25, 0.25, 0.25],
};

test("the picture stands in it once, and is shown for itself and for each token", () => {
  const svg = captionFigure(attention);
  const [, file] = /data:image\/png;base64,([^"]+)"/.exec(svg)!;
  expect(decodePNG(Uint8Array.from(Buffer.from(file!, "base64")))).toEqual(image);
  expect(svg.match(/<image /g)).toHaveLength(1);
  const [, id] = /<image id="([^"]+)"/.exec(svg)!;
  expect(svg.split(`href="#${id}"`)).toHaveLength(4);
  expect(svg).toContain("a &#60;b&#62;");
  expect(svg).not.toContain("<b>");
});

test("a place is covered the more, the less a token looked there", () => {
  const svg = captionFigure(attention, { title: "One" });
  const covered = Array.from(svg.matchAll(/fill-opacity="([^"]+)"/g), ([, value]) => Number(value));
  expect(covered).toEqual([0, 0.43, 0.43, 0.85, 0, 0, 0, 0]);
  expect(svg).toContain("0.250");
});

test("weights of other places are refused", () => {
  expect(() => captionFigure({ ...attention, rows: 3 })).toThrow(ShapeError);
  expect(() => captionFigure({ ...attention, weights: [] })).toThrow(/2 · 2 · 2 weights/);
});
