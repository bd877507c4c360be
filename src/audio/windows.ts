import { checkCall, checkChoice, checkCount } from "../core/check.js";
import { cosOfTurn } from "./turns.js";

/** Window functions by their names in `torch` (`hann_window`, …) and `scipy.signal`. */
export type WindowKind = "hann" | "hamming" | "blackman" | "rectangular";

export const WINDOWS: readonly WindowKind[] = ["hann", "hamming", "blackman", "rectangular"];

/** Weights of the cosines of 0, 1 and 2 turns over the window. */
const TERMS: Readonly<Record<WindowKind, readonly number[]>> = {
  hann: [0.5, -0.5],
  hamming: [0.54, -0.46],
  blackman: [0.42, -0.5, 0.08],
  rectangular: [1],
};

export interface WindowOptions {
  /** Whether it is one period, as transforms want it; else symmetric, as filters do. Default true, as in PyTorch. */
  periodic?: boolean | undefined;
}

/**
 * A window function: weights by which the samples of a frame are multiplied, so that its edges fade.
 *
 * @returns `length` numbers
 * @throws OptionError for a window that is unknown
 * @example
 * ```ts
 * [...windowFunction("hann", 4)]; // [0, 0.5, 1, 0.5]
 * ```
 */
export function windowFunction(
  kind: WindowKind,
  length: number,
  options: WindowOptions = {},
): Float32Array {
  checkCall("windowFunction", arguments, "kind:string length:number {periodic:boolean}");
  const { periodic = true } = options;
  checkChoice("windowFunction", "the window", kind, WINDOWS);
  checkCount("windowFunction", "length", length);
  const period = periodic ? length : Math.max(1, length - 1);
  const terms = length === 1 ? TERMS.rectangular : TERMS[kind];
  return Float32Array.from({ length }, (_, i) =>
    terms.reduce((sum, weight, turns) => sum + weight * cosOfTurn(turns * i, period), 0),
  );
}
