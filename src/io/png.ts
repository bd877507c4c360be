/**
 * PNG files: pictures as bytes to pixels and back, wherever JavaScript runs.
 *
 * @packageDocumentation
 */
// Samples are decompressed and compressed by fast-png; what a model reads is made of them here: 8 bits, no palette.
import { decode, encode, type DecodedPng } from "fast-png";
import { checkCall, type Given } from "../core/check.js";
import { FormatError } from "../core/errors.js";
import { imageShape, type ImageLike } from "../data/images.js";

/** A picture of a file. */
export interface PNGImage {
  /** Row by row; of each pixel 1 (gray), 2 (gray, alpha), 3 (red, green, blue) or 4 values (and alpha), from 0 to 255. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface DecodePNGOptions {
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Pixels of a picture at the most: a few bytes can say that they are billions. */
const MOST_PIXELS = 1e8;
/** "IDAT": a chunk of pixels. */
const IDAT = 0x49444154;
const MOST_CHANNELS = 4;
/** Kinds of colors: red, green and blue; places in a palette. */
const [COLORS, PALETTE] = [2, 3];
/** Bits of a sample, by the kind of colors. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  [COLORS]: [8, 16],
  [PALETTE]: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
/** What other files begin with. */
const OTHERS: readonly (readonly [name: string, begin: string])[] = [
  ["a JPEG file", "\xff\xd8\xff"],
  ["a GIF file", "GIF8"],
  ["a BMP file", "BM"],
  ["a WebP file, or another RIFF file", "RIFF"],
  ["text, an SVG picture say", "<"],
];

/**
 * Reads a PNG file: gray, colors or palette, 1 to 16 bits, with and without transparency. 16 bits become 8. Not read are interlaced
 * pictures of less than 8 bits, and pictures of 1 or 2 pixels with a transparent color.
 *
 * @param bytes the whole file
 * @throws FormatError for what is no PNG file, is damaged or ends early
 * @example
 * ```ts
 * const file = encodePNG({ data: Uint8Array.of(0, 128, 255, 0), width: 2, height: 2 });
 * [...decodePNG(file).data]; // [0, 128, 255, 0]
 * ```
 */
export function decodePNG(bytes: Uint8Array, options: Given<DecodePNGOptions> = {}): PNGImage {
  checkCall("decodePNG", arguments, "bytes:Uint8Array {name:string}");
  const { name = "the file" } = options;
  const refuse = (expected: string, got: string, cure?: string, cause?: unknown): never => {
    throw new FormatError({ op: "decodePNG", expected, got: `${got} (${name})`, cure }, { cause });
  };
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    const begin = String.fromCharCode(...bytes.subarray(0, 8));
    const [other] = OTHERS.find(([, first]) => begin.startsWith(first)) ?? [];
    refuse("a PNG file", bytes.length === 0 ? "an empty one" : (other ?? "something else"));
  }
  if (bytes.length < 33) refuse("a whole PNG file", `its first ${bytes.length} bytes`);
  const { width, height, depth, type, interlaced } = headOf(bytes);
  if (width === 0 || height === 0 || width * height > MOST_PIXELS)
    refuse(`a picture of 1 to ${MOST_PIXELS} pixels`, `${width} × ${height}`);
  if (!DEPTHS[type]?.includes(depth))
    refuse("a kind of colors and a depth that PNG has", `kind ${type} of ${depth} bits`);
  if (interlaced && depth < 8)
    refuse(
      "an interlaced picture of 8 or 16 bits",
      `${depth} bits`,
      "Save it without interlacing.",
    );
  const [compressed, most] = [compressedIn(bytes), mostBytesOf(width, height, depth)];
  if (compressed > most)
    refuse(
      "a whole PNG file",
      `one with more data than a picture of ${width} × ${height} can have: ${compressed} bytes`,
    );
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    // fast-png 8.0.0 counts the three values of the color as pixels, of which there must be no fewer.
    if (type === COLORS && width * height < 3 && said.startsWith("tRNS"))
      refuse(
        "a picture of at least 3 pixels where a color is transparent",
        `${width} × ${height}`,
        "Save it with an alpha channel.",
      );
    return refuse(
      "a whole PNG file",
      `one that is damaged or ends early: ${said}`,
      undefined,
      cause,
    );
  }
  if (type === PALETTE && !png.palette) refuse("a whole PNG file", "one without its palette");
  // Other kinds may have one as well: colors for screens that show few.
  const image = { data: type === PALETTE ? colorsOf(png) : samplesOf(png), width, height };
  if (image.data.length > 0 && image.data.length % (width * height) === 0) return image;
  return refuse("a whole PNG file", "one that is damaged");
}

function headOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: view.getUint8(24),
    type: view.getUint8(25),
    interlaced: view.getUint8(28) !== 0,
  };
}

/** Bytes of all chunks of pixels. A few can become a thousand times as many, which no picture of this size has. */
function compressedIn(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = SIGNATURE.length; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === IDAT) sum += length;
    at += 12 + length;
  }
  return sum;
}

/** Compressed bytes of a picture at the most, where nothing got smaller: with each row's own byte, and what blocks begin with. */
function mostBytesOf(width: number, height: number, depth: number): number {
  const rows = 2 * height * (1 + Math.ceil((width * MOST_CHANNELS * depth) / 8));
  return rows + 65_536;
}

/** The colors of places in a palette. */
function colorsOf(png: DecodedPng): Uint8Array {
  const { palette = [] } = png;
  const places = png.depth < 8 ? unpacked(png) : png.data;
  const size = palette[0]?.length ?? 0;
  const data = new Uint8Array(places.length * size);
  places.forEach((place, i) => data.set(palette[place] ?? [], i * size));
  return data;
}

/** Values of 8 bits, alpha where some color is transparent. */
function samplesOf(png: DecodedPng): Uint8Array {
  const { depth, channels, transparency } = png;
  const values = depth < 8 ? unpacked(png) : png.data;
  const most = (1 << depth) - 1;
  const scaled = (value: number) => Math.round((255 * value) / most);
  if (!transparency) return Uint8Array.from(values, scaled);
  const data = new Uint8Array((values.length / channels) * (channels + 1));
  for (let from = 0, to = 0; from < values.length; from += channels, to += channels + 1) {
    const pixel = values.subarray(from, from + channels);
    data.set(Array.from(pixel, scaled), to);
    data[to + channels] = pixel.every((value, i) => value === transparency[i]) ? 0 : 255;
  }
  return data;
}

/** Samples of less than a byte; each row begins with a byte of its own. */
function unpacked({ data, width, height, depth }: DecodedPng): Uint8Array {
  const row = Math.ceil((width * depth) / 8);
  const mask = (1 << depth) - 1;
  const values = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++)
    for (let bit = 0; bit < width * depth; bit += depth, to++)
      values[to] = (data[y * row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask;
  return values;
}

/**
 * The PNG file of a picture, as many channels as it has.
 *
 * @throws OptionError for what is no picture; ShapeError where it does not have as many values as it should
 */
export function encodePNG(image: ImageLike): Uint8Array<ArrayBuffer> {
  checkCall("encodePNG", arguments, "image:object");
  const { width, height, channels } = imageShape("encodePNG", image);
  const { data } = image;
  const values =
    data instanceof Float32Array
      ? Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))))
      : new Uint8Array(data.buffer, data.byteOffset, data.length);
  return Uint8Array.from(encode({ data: values, width, height, channels, depth: 8 }));
}
