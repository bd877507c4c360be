import { checkCall, checkChoice } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { framesBySize } from "./normalize.js";

export interface DeltasOptions {
  /** Frames that a slope is taken over: odd, at least 3. Default 5, torchaudio's; librosa's is 9. */
  winLength?: number | undefined;
  /** At the ends: the first and last frame repeated, as torchaudio; or the slope of the first and last whole window, as librosa. Default `"replicate"`. */
  edges?: "replicate" | "interp" | undefined;
}

/**
 * The slope of each feature over time, by a straight line through the frames around: Σ n (x[t + n] − x[t − n]) / (2 Σ n²), n from 1
 * to `winLength` / 2. torchaudio's `compute_deltas`; with `edges: "interp"` librosa's `feature.delta`. Twice gives
 * the acceleration.
 *
 * @param features `[frames, size]`
 * @returns `[frames, size]`
 * @throws OptionError for a window that is no odd number from 3 on; ShapeError for fewer frames than `"interp"` needs
 * @example
 * ```ts
 * deltas(tensor([[0], [1], [2], [3], [4], [5]]), { edges: "interp" }).toArray(); // [[1], [1], [1], [1], [1], [1]]
 * ```
 */
export function deltas(features: Tensor, options: DeltasOptions = {}): Tensor {
  checkCall("deltas", arguments, "features:tensor {winLength:number edges:string}");
  const { winLength = 5, edges = "replicate" } = options;
  checkChoice("deltas", "edges", edges, ["replicate", "interp"]);
  if (!Number.isInteger(winLength) || winLength < 3 || winLength % 2 === 0)
    throw new OptionError({
      op: "deltas",
      expected: "winLength to be an odd number of at least 3",
      got: described(winLength),
    });
  const [frames, size] = framesBySize("deltas", features);
  if (edges === "interp" && frames < winLength)
    throw new ShapeError({
      op: "deltas",
      expected: `at least winLength = ${winLength} frames for edges "interp"`,
      got: String(frames),
    });
  const values = features.data();
  const out = new Float32Array(values.length);
  const reach = winLength >> 1;
  const divisor = (reach * (reach + 1) * (2 * reach + 1)) / 3;
  const least = edges === "interp" ? reach : 0;
  for (let t = 0; t < frames; t++) {
    const middle = Math.min(Math.max(t, least), frames - 1 - least);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let n = 1; n <= reach; n++) {
        const [before, after] = [Math.max(0, middle - n), Math.min(frames - 1, middle + n)];
        sum += n * (values[after * size + i]! - values[before * size + i]!);
      }
      out[t * size + i] = sum / divisor;
    }
  }
  return tensor(out, { shape: features.shape });
}
