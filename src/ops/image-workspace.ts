// Scratch memory of a convolution or pooling: one image with its padding, and room for its columns.
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { kernels } from "../wasm/backend.js";
import { fillZero, i32, scratch } from "../wasm/memory.js";
import type { Window } from "./window.js";

/** Images of `groups · inputs` channels, over which a window slides. */
export interface Images {
  readonly window: Window;
  readonly groups: number;
  /** Channels of one group. */
  readonly inputs: number;
}

export interface Workspace {
  /** The window over one group, as the kernels read it. */
  readonly geometry: number;
  /** Where an image lies within its padding, as the strided kernels read it. */
  readonly plan: number;
  /** The parts that the caller asked for. */
  readonly parts: readonly number[];
  /** Image number `index` of x, with its padding. */
  pad(x: number, index: number): number;
  /** Where the gradient of image number `index` is to be summed, with its padding: zeros. */
  zeroed(dx: number, index: number): number;
  /** Brings that gradient to dx, without its padding. */
  crop(dx: number, index: number): void;
  /** Where a group's channels begin in what `pad` and `zeroed` gave. */
  group(image: number, group: number): number;
}

/** Geometry and plan: ten and seven words. */
const TABLE_BYTES = 64;

/**
 * Lays out one block of scratch memory: valid until the next call of `scratch`.
 *
 * @param sizes bytes of further parts
 * @param fill what the padding holds
 */
export function workspace(
  { window, groups, inputs }: Images,
  sizes: readonly number[],
  fill = 0,
): Workspace {
  const { size, padded, before, kernel, stride, dilation, out } = window;
  const channels = groups * inputs;
  const plane = padded[0] * padded[1];
  const own = channels * size[0] * size[1];
  const whole = channels * plane;
  const isPadded = whole > own;
  // Kernels may read 64 bytes beyond each part.
  const rooms = [TABLE_BYTES, TABLE_BYTES, isPadded ? whole * BYTES_PER_ELEMENT : 0, ...sizes].map(
    (bytes) => (bytes + 127) & -64,
  );
  let end = scratch(rooms.reduce((a, b) => a + b));
  const [geometry, plan, image, ...parts] = rooms.map((bytes) => (end += bytes) - bytes) as [
    number,
    number,
    number,
    ...number[],
  ];
  const words = [inputs, plane, padded[1], ...kernel, ...stride, ...dilation, out[1]];
  i32(geometry, words.length).set(words);
  i32(plan, 7).set([3, channels, ...size, plane, padded[1], 1]);
  if (isPadded) kernels().fill(image, whole, fill);
  const inside = offset(image, before[0] * padded[1] + before[1]);
  return {
    geometry,
    plan,
    parts,
    pad(x, index) {
      const from = offset(x, index * own);
      if (!isPadded) return from;
      kernels().scatterStrided(inside, from, plan);
      return image;
    },
    zeroed(dx, index) {
      const to = isPadded ? image : offset(dx, index * own);
      fillZero(to, whole * BYTES_PER_ELEMENT);
      return to;
    },
    crop(dx, index) {
      if (isPadded) kernels().copyStrided(offset(dx, index * own), inside, plan);
    },
    group: (image, group) => offset(image, group * inputs * plane),
  };
}

/** The address some elements further on. */
export function offset(ptr: number, elements: number): number {
  return ptr + elements * BYTES_PER_ELEMENT;
}
