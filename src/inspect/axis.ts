// Readable places for the marks of an axis.
import { log } from "../core/exp-log.js";
import { internal } from "../core/errors.js";

interface Axis {
  /** The marks, each with its label. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** From 0 at the axis' beginning to 1 at its end; NaN for what cannot stand on it. */
  place(value: number): number;
}

/** Marks at 1, 2 or 5 times a power of ten, about `count` of them; the axis ends at marks unless `tight`. */
export function linearAxis(values: readonly number[], { count = 5, tight = false } = {}): Axis {
  const finite = values.filter(Number.isFinite);
  let low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  let high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(low <= high)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const step = stepOf((high - low) / count);
  const first = tight ? Math.ceil(low / step) : Math.floor(low / step);
  const last = tight ? Math.floor(high / step) : Math.ceil(high / step);
  const [from, to] = tight ? [low, high] : [first * step, last * step];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => {
    const at = (first + i) * step;
    return { at, label: shortNumber(at) };
  });
  return { ticks, place: (value) => (value - from) / (to - from) };
}

/** Marks at powers of ten, at most nine; the axis ends at marks. What is not above zero cannot stand on it. */
export function logAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) positive.push(1);
  const least = positive.reduce((a, b) => Math.min(a, b));
  const most = positive.reduce((a, b) => Math.max(a, b));
  const decades = log10(most) - log10(least);
  const stride = Math.max(1, Math.ceil(decades / 7));
  const low = Math.floor(log10(least) / stride + 1e-9) * stride;
  const high = Math.max(Math.ceil(log10(most) / stride - 1e-9) * stride, low + stride);
  const ticks = [];
  for (let exponent = low; exponent <= high; exponent += stride)
    ticks.push({ at: powerOfTen(exponent), label: powerLabel(exponent) });
  return {
    ticks,
    place: (value) => (value > 0 ? (log10(value) - low) / (high - low) : NaN),
  };
}

/** 1234 as 1234, 0.00012 as 1.2e-4: at most four digits that say something. */
export function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(4));
  const size = Math.abs(rounded);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return rounded.toExponential().replace("e+", "e");
  return String(rounded);
}

/** The next of 1, 2, 5, 10 times a power of ten. */
function stepOf(least: number): number {
  const power = powerOfTen(Math.floor(log10(least) + 1e-9));
  const factor = [1, 2, 5, 10].find((factor) => factor * power >= least * 0.999999);
  if (factor === undefined) throw internal(`no step for ${least}`);
  return factor * power;
}

function log10(value: number): number {
  return log(value) / 2.302585092994046;
}

/** Read as a decimal, so that the mark is exact. */
function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}

function powerLabel(exponent: number): string {
  if (exponent === 0) return "1";
  if (exponent === 1) return "10";
  const digits = [...String(exponent)].map((char) =>
    char === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(char)],
  );
  return `10${digits.join("")}`;
}
