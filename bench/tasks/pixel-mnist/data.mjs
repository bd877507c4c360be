// MNIST's images as series of 784 pixels in [0, 1], in its official parts; the last 5,000 of the training part validate.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { tensor } from "hiddenstate";

export const PIXELS = 784;
const VALID = 5000;

/** The values of an IDX file: a big-endian header of 4 bytes and 4 more for each axis. */
function idx(folder, name) {
  const bytes = gunzipSync(readFileSync(join(folder, "mnist", `${name}.gz`)));
  return bytes.subarray(4 + 4 * bytes[3]);
}

export function mnist(folder) {
  const part = (name) => ({
    pixels: idx(folder, `${name}-images-idx3-ubyte`),
    labels: idx(folder, `${name}-labels-idx1-ubyte`),
  });
  const [all, test] = [part("train"), part("t10k")];
  const split = all.labels.length - VALID;
  return {
    train: slice(all, 0, split),
    valid: slice(all, split, split + VALID),
    test: slice(test, 0, test.labels.length),
  };
}

function slice({ pixels, labels }, from, to) {
  return {
    length: to - from,
    /** x `[batch, 784, 1]` and the classes of images by their indices. */
    batch(indices) {
      const values = new Float32Array(indices.length * PIXELS);
      indices.forEach((index, row) => {
        const image = (from + index) * PIXELS;
        for (let i = 0; i < PIXELS; i++) values[row * PIXELS + i] = pixels[image + i] / 255;
      });
      return {
        x: tensor(values, { shape: [indices.length, PIXELS, 1] }),
        labels: tensor(Int32Array.from(indices, (index) => labels[from + index])),
      };
    },
  };
}
