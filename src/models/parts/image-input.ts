// Pictures as what a model reads: grey or in colours, in one size, normalized.
import { checkCall, checkCount } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import {
  hasColours,
  imageShape,
  pixelsOf,
  resized,
  type ImageLike,
  type Pixels,
} from "../../data/images.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";

/** How pictures are read: all of it is saved with a model. */
export interface ImageReading {
  readonly width: number;
  readonly height: number;
  /** `"gray"`, or `"rgb"`: red, green and blue. */
  readonly colors: "gray" | "rgb";
  /**
   * What becomes of a picture with other proportions: `"stretch"`, it fills the size; `"contain"`, it keeps its proportions, with
   * the mean colour at its sides.
   */
  readonly resize: "stretch" | "contain";
  /** Of each channel over the pictures that the model was built from, from 0 to 255. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Reads pictures: {@link Pixels} in, a tensor out. */
export class ImageInput {
  readonly reading: ImageReading;
  readonly channels: 1 | 3;

  constructor(op: string, reading: ImageReading) {
    checkCall(op, [reading], "reading:object");
    const { width, height, colors, mean, std } = reading;
    checkCount(op, "width", width);
    checkCount(op, "height", height);
    this.channels = colors === "rgb" ? 3 : 1;
    for (const list of [mean, std])
      if (list.length !== this.channels || !list.every(Number.isFinite))
        throw new OptionError({
          op,
          expected: `a mean and a std of ${this.channels} finite numbers each`,
          got: JSON.stringify(list),
        });
    this.reading = reading;
  }

  /** A picture as the model reads it: `[height, width, channels]`, from 0 to 255. */
  encode(op: string, image: ImageLike): Uint8Array {
    const { width, height, resize, mean } = this.reading;
    const pixels = pixelsOf(op, image, this.channels);
    if (resize === "stretch") return resized(pixels, width, height).data;
    const scale = Math.min(width / pixels.width, height / pixels.height);
    const within = (size: number, most: number) =>
      Math.max(1, Math.min(most, Math.round(size * scale)));
    const inside = resized(pixels, within(pixels.width, width), within(pixels.height, height));
    return framed(inside, width, height, mean.map(Math.round));
  }

  /** `[batch, channels, height, width]`, normalized: (x − mean) / std. */
  forward(batch: readonly Uint8Array[]): Tensor {
    const { width, height, mean, std } = this.reading;
    const { channels } = this;
    const places = width * height;
    const values = new Float32Array(batch.length * channels * places);
    let to = 0;
    for (const data of batch)
      for (let channel = 0; channel < channels; channel++) {
        const [center, spread] = [mean[channel]!, std[channel]!];
        for (let i = channel; i < data.length; i += channels)
          values[to++] = (data[i]! - center) / spread;
      }
    return tensor(values, { shape: [batch.length, channels, height, width] });
  }
}

/** A picture in the middle of a larger one of one colour. */
function framed(
  { data, width, height, channels }: Pixels,
  wide: number,
  tall: number,
  colour: readonly number[],
): Uint8Array {
  if (width === wide && height === tall) return data;
  const frame = new Uint8Array(wide * tall * channels).map((_, i) => colour[i % channels]!);
  const left = Math.floor((wide - width) / 2);
  const top = Math.floor((tall - height) / 2);
  const row = width * channels;
  for (let y = 0; y < height; y++)
    frame.set(data.subarray(y * row, (y + 1) * row), ((top + y) * wide + left) * channels);
  return frame;
}

/** The longest side of pictures as they are read, where nothing else is said. */
const LONGEST = 128;
/** Proportions that differ by no more than this are one. */
const ALIKE = 1.05;
/** Standard deviations that are no less: what is of one colour is not divided by 0. */
const LEAST_SPREAD = 1;

/** Looks at pictures one after another, for how they are to be read. */
export class ImageSurvey {
  #width = 0;
  #height = 0;
  #flattest = Infinity;
  #longest = 0;
  #colours = false;
  #pixels = 0;
  /** Of grey, red, green and blue. */
  readonly #sums = [0, 0, 0, 0];
  readonly #squares = [0, 0, 0, 0];

  add(op: string, image: ImageLike): void {
    const shape = imageShape(op, image);
    const { width, height } = shape;
    this.#width = Math.max(this.#width, width);
    this.#height = Math.max(this.#height, height);
    this.#flattest = Math.min(this.#flattest, width / height);
    this.#longest = Math.max(this.#longest, width / height);
    this.#colours ||= hasColours(shape, image);
    this.#pixels += width * height;
    this.#count(pixelsOf(op, image, 1), 0);
    this.#count(pixelsOf(op, image, 3), 1);
  }

  #count({ data, channels }: Pixels, first: number): void {
    for (let i = 0; i < data.length; i++) {
      const value = data[i]!;
      const at = first + (i % channels);
      this.#sums[at]! += value;
      this.#squares[at]! += value * value;
    }
  }

  /** How they are read, as far as options do not say. */
  reading(given: Partial<ImageReading>): ImageReading {
    const scale = Math.min(1, LONGEST / Math.max(this.#width, this.#height));
    const colors = given.colors ?? (this.#colours ? "rgb" : "gray");
    const channels = colors === "rgb" ? [1, 2, 3] : [0];
    const mean = channels.map((at) => this.#sums[at]! / this.#pixels);
    return {
      width: given.width ?? Math.max(1, Math.round(this.#width * scale)),
      height: given.height ?? Math.max(1, Math.round(this.#height * scale)),
      colors,
      resize: given.resize ?? (this.#longest > ALIKE * this.#flattest ? "contain" : "stretch"),
      mean,
      std: channels.map((at, i) =>
        Math.max(
          LEAST_SPREAD,
          Math.sqrt(Math.max(0, this.#squares[at]! / this.#pixels - mean[i]! * mean[i]!)),
        ),
      ),
    };
  }
}
