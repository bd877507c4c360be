// Scratch memory of a convolution or pooling: one image with its padding, and room for its columns.
import { kernels } from "../wasm/backend.js";
import { fillZero, i32, scratch } from "../wasm/memory.js";
import { at, bytesOf, offset, type Ptr } from "../wasm/ptr.js";
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
  readonly geometry: Ptr;
  /** Where an image lies within its padding, as the strided kernels read it. */
  readonly plan: Ptr;
  /** The parts that the caller asked for. */
  readonly parts: readonly Ptr[];
  /** Image number `index` of x, with its padding. */
  pad(x: Ptr, index: number): Ptr;
  /** Where the gradient of image number `index` is to be summed, with its padding: zeros. */
  zeroed(dx: Ptr, index: number): Ptr;
  /** Brings that gradient to dx, without its padding. */
  crop(dx: Ptr, index: number): void;
  /** Where a group's channels begin in what `pad` and `zeroed` gave. */
  group(image: Ptr, group: number): Ptr;
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
  const rooms = [TABLE_BYTES, TABLE_BYTES, isPadded ? bytesOf(whole) : 0, ...sizes].map(
    (bytes) => (bytes + 127) & -64,
  );
  let end = scratch(rooms.reduce((a, b) => a + b));
  const [geometry, plan, image, ...parts] = rooms.map((bytes) => {
    const start = end;
    end = offset(end, bytes);
    return start;
  }) as [Ptr, Ptr, Ptr, ...Ptr[]];
  const words = [inputs, plane, padded[1], ...kernel, ...stride, ...dilation, out[1]];
  i32(geometry, words.length).set(words);
  i32(plan, 7).set([3, channels, ...size, plane, padded[1], 1]);
  if (isPadded) kernels().fill(image, whole, fill);
  const inside = at(image, before[0] * padded[1] + before[1]);
  return {
    geometry,
    plan,
    parts,
    pad(x, index) {
      const from = at(x, index * own);
      if (!isPadded) return from;
      kernels().scatterStrided(inside, from, plan);
      return image;
    },
    zeroed(dx, index) {
      const to = isPadded ? image : at(dx, index * own);
      fillZero(to, bytesOf(whole));
      return to;
    },
    crop(dx, index) {
      if (isPadded) kernels().copyStrided(at(dx, index * own), inside, plan);
    },
    group: (image, group) => at(image, group * inputs * plane),
  };
}
