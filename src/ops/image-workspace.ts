// Scratch memory of a convolution or pooling: one image with its padding, and room for its columns.
import { kernels } from "../wasm/backend.js";
import { fillZero, i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
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
 * Lends scratch memory, laid out.
 *
 * @param sizes bytes of further parts
 * @param fill what the padding holds
 */
export function withWorkspace(
  images: Images,
  sizes: readonly number[],
  run: (space: Workspace) => void,
  fill = 0,
): void {
  const { window, groups, inputs } = images;
  const whole = groups * inputs * window.padded[0] * window.padded[1];
  // Kernels may read 64 bytes beyond each part.
  const rooms = [TABLE_BYTES, TABLE_BYTES, isPadded(window) ? bytesOf(whole) : 0, ...sizes].map(
    (bytes) => (bytes + 127) & -64,
  );
  withScratch(
    rooms.reduce((a, b) => a + b),
    (space) => {
      let end = space;
      const parts = rooms.map((bytes) => {
        const start = end;
        end = offset(end, bytes);
        return start;
      });
      run(workspace(images, parts as [Ptr, Ptr, Ptr, ...Ptr[]], fill));
    },
  );
}

/** Whether an image with its padding is larger than without: then it is copied. */
export function isPadded({ size, padded }: Window): boolean {
  return padded[0] * padded[1] > size[0] * size[1];
}

function workspace(
  { window, groups, inputs }: Images,
  [geometry, plan, image, ...parts]: readonly [Ptr, Ptr, Ptr, ...Ptr[]],
  fill: number,
): Workspace {
  const { size, padded, before, kernel, stride, dilation, out } = window;
  const channels = groups * inputs;
  const plane = padded[0] * padded[1];
  const own = channels * size[0] * size[1];
  const whole = channels * plane;
  const copied = isPadded(window);
  const words = [inputs, plane, padded[1], ...kernel, ...stride, ...dilation, out[1]];
  i32(geometry, words.length).set(words);
  i32(plan, 7).set([3, channels, ...size, plane, padded[1], 1]);
  if (copied) kernels().fill(image, whole, fill);
  const inside = at(image, before[0] * padded[1] + before[1]);
  return {
    geometry,
    plan,
    parts,
    pad(x, index) {
      const from = at(x, index * own);
      if (!copied) return from;
      kernels().scatterStrided(inside, from, plan);
      return image;
    },
    zeroed(dx, index) {
      const to = copied ? image : at(dx, index * own);
      fillZero(to, bytesOf(whole));
      return to;
    },
    crop(dx, index) {
      if (copied) kernels().copyStrided(at(dx, index * own), inside, plan);
    },
    group: (image, group) => at(image, group * inputs * plane),
  };
}
