// Pictures as models read them: whatever the canvas, a PNG file or an array of numbers gives, in one form and size.
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";

/** Values of a picture's pixels, row by row: whole numbers from 0 to 255, or in a Float32Array numbers from 0 to 1. */
export type PixelValues = Uint8Array | Uint8ClampedArray | Float32Array;

/**
 * A picture: a canvas's `ImageData`, what `decodePNG` gives, or values of your own. Of each pixel there are 1 value (grey), 2 (grey,
 * alpha), 3 (red, green, blue) or 4 (and alpha); how many, `data` tells by its length, or `shape`.
 */
export type ImageLike =
  | { readonly data: PixelValues; readonly width: number; readonly height: number }
  | {
      readonly data: PixelValues;
      /** `[height, width]` or `[height, width, channels]` */
      readonly shape: readonly number[];
    };

/** A picture as a model reads it. */
export interface Pixels {
  /** Row by row, the channels of a pixel side by side. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
}

/** Shares of red, green and blue in what is seen as bright, in thousandths (ITU-R BT.601). */
const [RED, GREEN, BLUE] = [299, 587, 114];

/** Width, height and values a pixel. */
export interface ImageShape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * The shape of a picture.
 *
 * @throws OptionError for what is no picture; ShapeError where it does not have as many values as it should
 */
export function imageShape(op: string, image: ImageLike): ImageShape {
  const { data, width, height, shape } = Object(image) as Partial<
    Record<"data" | "width" | "height" | "shape", unknown>
  >;
  const isData =
    data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Float32Array;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
  const listed = Array.isArray(shape) ? (shape as unknown[]) : undefined;
  const sizes = listed ?? [height, width];
  if (!isData || ![2, 3].includes(sizes.length) || !sizes.every(isCount))
    throw new OptionError({
      op,
      expected:
        "a picture: { data, width, height } or { data, shape: [height, width, channels] }, its data a Uint8Array, Uint8ClampedArray or Float32Array",
      got: isData
        ? listed
          ? `shape ${described(shape)}`
          : `width ${described(width)}, height ${described(height)}`
        : described(data === undefined ? image : data),
      ...((image as unknown) instanceof Uint8Array && {
        cure: "Files are read first: decodePNG(bytes).",
      }),
    });
  const [tall, wide, given] = sizes as [number, number, number?];
  const channels = given ?? data.length / (tall * wide);
  if ([1, 2, 3, 4].includes(channels) && data.length === tall * wide * channels)
    return { width: wide, height: tall, channels };
  throw new ShapeError({
    op,
    expected: `${wide} · ${tall} · ${given ?? "1, 2, 3 or 4"} values`,
    got: String(data.length),
    cure: given === undefined ? undefined : "A pixel has 1, 2, 3 or 4 of them.",
  });
}

/** Whether pixels have more than shades of grey. */
export function hasColours({ channels }: ImageShape, { data }: ImageLike): boolean {
  if (channels < 3) return false;
  for (let i = 0; i < data.length; i += channels)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return true;
  return false;
}

/**
 * A picture in grey or in colours; transparent parts show white, as on a page.
 *
 * @throws OptionError, ShapeError as {@link imageShape}; OptionError for a number that is not from 0 to 1
 */
export function pixelsOf(op: string, image: ImageLike, channels: 1 | 3): Pixels {
  const shape = imageShape(op, image);
  const { width, height, channels: given } = shape;
  const values = bytesOf(op, image.data);
  const data = new Uint8Array(width * height * channels);
  const [colours, alpha] = [given >= 3, given % 2 === 0];
  for (let from = 0, to = 0; from < values.length; from += given, to += channels) {
    const red = values[from]!;
    const green = colours ? values[from + 1]! : red;
    const blue = colours ? values[from + 2]! : red;
    const opaque = alpha ? values[from + given - 1]! : 255;
    const shown = (value: number) => Math.round(255 + ((value - 255) * opaque) / 255);
    if (channels === 3) {
      data[to] = shown(red);
      data[to + 1] = shown(green);
      data[to + 2] = shown(blue);
    } else {
      const grey = colours ? (RED * red + GREEN * green + BLUE * blue) / 1000 : red;
      data[to] = shown(grey);
    }
  }
  return { data, width, height, channels };
}

function bytesOf(op: string, data: PixelValues): Uint8Array | Uint8ClampedArray {
  if (!(data instanceof Float32Array)) return data;
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0)
    throw new OptionError({
      op,
      expected: "a picture's numbers in a Float32Array to be from 0 to 1",
      got: `${data[bad]} at ${bad}`,
      cure: "Values from 0 to 255 belong into a Uint8Array.",
    });
  return Uint8Array.from(data, (value) => Math.round(255 * value));
}

/**
 * A picture in another size: bilinear, over as many pixels as fall into one where it gets smaller, as Pillow and torchvision
 * (`antialias`) do it.
 */
export function resized(pixels: Pixels, width: number, height: number): Pixels {
  const { channels } = pixels;
  if (pixels.width === width && pixels.height === height) return pixels;
  const across = tapsOf(pixels.width, width);
  const down = tapsOf(pixels.height, height);
  const wide = new Float64Array(pixels.height * width * channels);
  for (let y = 0, to = 0; y < pixels.height; y++)
    for (const { first, weights } of across)
      for (let channel = 0; channel < channels; channel++, to++) {
        let from = (y * pixels.width + first) * channels + channel;
        for (const weight of weights) {
          wide[to]! += weight * pixels.data[from]!;
          from += channels;
        }
      }
  const data = new Uint8Array(width * height * channels);
  const row = width * channels;
  for (let y = 0, to = 0; y < height; y++) {
    const { first, weights } = down[y]!;
    for (let x = 0; x < row; x++, to++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * wide[(first + i) * row + x]!;
      data[to] = Math.round(sum);
    }
  }
  return { data, width, height, channels };
}

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** For each place of an axis in its new size: the places of the old one that it is made of, and their shares. */
function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const all = Array.from({ length: last - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / reach),
    );
    const sum = all.reduce((a, b) => a + b, 0);
    return { first, weights: all.map((weight) => weight / sum) };
  });
}
