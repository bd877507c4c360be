// Initial values, set in place. The distributions are PyTorch's; the same seed gives the same bits.
import { checkLike } from "../core/check-like.js";
import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { log } from "../core/exp-log.js";
import { formatShape, sizeOf } from "../core/shape.js";
import { randn, uniform as uniformTensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Module } from "./module.js";

/** What an initializer fills: a leaf, in most cases a Parameter. */
type Target = Tensor;

/** Uniform in [low, high). Default 0, 1. */
export function uniform(target: Target, low = 0, high = 1): void {
  checkCall("uniform", arguments, "target:tensor low?:number high?:number");
  scope(() => void target.set(uniformTensor(target.shape, low, high)));
}

/** Normal. Default mean 0, standard deviation 1. */
export function normal(target: Target, mean = 0, std = 1): void {
  checkCall("normal", arguments, "target:tensor mean?:number std?:number");
  scope(() => void target.set(randn(target.shape).mul(std).add(mean)));
}

/** The same value everywhere. */
export function constant(target: Target, value: number): void {
  checkCall("constant", arguments, "target:tensor value:number");
  target.set(new Float32Array(target.size).fill(value));
}

/** Zeros. */
export function zero(target: Target): void {
  checkCall("zero", arguments, "target:tensor");
  constant(target, 0);
}

/** U(-a, a), a = gain · √(6 / (fanIn + fanOut)) (Glorot & Bengio 2010). */
export function xavierUniform(target: Target, options: { gain?: number | undefined } = {}): void {
  checkCall("xavierUniform", arguments, "target:tensor {gain:number}");
  const { gain = 1 } = options;
  const { fanIn, fanOut } = fans("xavierUniform", target);
  const a = gain * Math.sqrt(6 / (fanIn + fanOut));
  uniform(target, -a, a);
}

/** N(0, gain² · 2 / (fanIn + fanOut)) (Glorot & Bengio 2010). */
export function xavierNormal(target: Target, options: { gain?: number | undefined } = {}): void {
  checkCall("xavierNormal", arguments, "target:tensor {gain:number}");
  const { gain = 1 } = options;
  const { fanIn, fanOut } = fans("xavierNormal", target);
  normal(target, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

export interface KaimingOptions {
  /** Which fan keeps its variance: forwards or backwards. Default `"fanIn"`. */
  mode?: "fanIn" | "fanOut" | undefined;
  /** Of the nonlinearity behind the weight. Default √2, ReLU's. */
  gain?: number | undefined;
}

/** U(-a, a), a = gain · √(3 / fan) (He et al. 2015). */
export function kaimingUniform(target: Target, options: KaimingOptions = {}): void {
  checkCall("kaimingUniform", arguments, "target:tensor {mode:string gain:number}");
  const a = Math.sqrt(3) * kaimingStd("kaimingUniform", target, options);
  uniform(target, -a, a);
}

/** N(0, gain² / fan) (He et al. 2015). */
export function kaimingNormal(target: Target, options: KaimingOptions = {}): void {
  checkCall("kaimingNormal", arguments, "target:tensor {mode:string gain:number}");
  normal(target, 0, kaimingStd("kaimingNormal", target, options));
}

function kaimingStd(
  op: string,
  target: Target,
  { mode = "fanIn", gain = Math.SQRT2 }: KaimingOptions,
): number {
  if (mode !== "fanIn" && mode !== "fanOut")
    throw new OptionError({ op, expected: 'mode "fanIn" or "fanOut"', got: described(mode) });
  return gain / Math.sqrt(fans(op, target)[mode]);
}

/** Inputs and outputs of a weight `[out, in, …]`: further axes, a convolution's, count on both sides. */
function fans(op: string, { shape }: Target): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new ShapeError({
      op,
      expected: "a weight of at least two axes, [out, in]",
      got: formatShape(shape),
    });
  const field = sizeOf(shape.slice(2));
  return { fanIn: shape[1]! * field, fanOut: shape[0]! * field };
}

/**
 * Rows, or columns where there are fewer of these, that are orthonormal, times `gain`, uniformly among all
 * such matrices (Saxe et al. 2014). Axes after the first count as one.
 *
 * @param options.blocks how many matrices, one below the other, the target holds; each is orthogonal by itself: the gates
 *   of `weight_hh`. Default 1
 */
export function orthogonal(
  target: Target,
  options: { gain?: number | undefined; blocks?: number | undefined } = {},
): void {
  checkCall("orthogonal", arguments, "target:tensor {gain:number blocks:number}");
  const { gain = 1, blocks = 1 } = options;
  const [height, columns] = matrixOf("orthogonal", target, blocks);
  const values = scope(() => randn(target.shape).data());
  const size = height * columns;
  for (let block = 0; block < blocks; block++)
    orthonormalize(values.subarray(block * size, (block + 1) * size), height, columns, gain);
  target.set(values);
}

/**
 * Gram-Schmidt in float64, each vector twice against those before it: which is enough (Giraud et al. 2005). Of normal
 * numbers it gives a uniform orthogonal matrix, as QR with a positive diagonal.
 */
function orthonormalize(values: Float32Array, rows: number, columns: number, gain: number): void {
  // The shorter side counts the vectors.
  const wide = rows <= columns;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const at = (vector: number, i: number): number =>
    wide ? vector * columns + i : i * columns + vector;
  const vectors = Array.from({ length: count }, (_, v) =>
    Float64Array.from({ length }, (_, i) => values[at(v, i)]!),
  );
  vectors.forEach((vector, v) => {
    for (let pass = 0; pass < 2; pass++)
      for (const before of vectors.slice(0, v)) {
        const shared = dot(before, vector);
        for (let i = 0; i < length; i++) vector[i]! -= shared * before[i]!;
      }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) {
      vector[i]! /= norm;
      values[at(v, i)] = gain * vector[i]!;
    }
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** scale · I: of the recurrent weight of a ReLU network with zero biases an IRNN (Le et al. 2015). `blocks` as {@link orthogonal}'s. */
export function identity(
  target: Target,
  options: { scale?: number | undefined; blocks?: number | undefined } = {},
): void {
  checkCall("identity", arguments, "target:tensor {scale:number blocks:number}");
  const { scale = 1, blocks = 1 } = options;
  const [height, columns] = matrixOf("identity", target, blocks);
  const size = height * columns;
  const values = new Float32Array(target.size);
  for (let block = 0; block < blocks; block++)
    for (let i = 0; i < Math.min(height, columns); i++)
      values[block * size + i * columns + i] = scale;
  target.set(values);
}

/** Rows and columns of each block. */
function matrixOf(op: string, { shape }: Target, blocks: number): [number, number] {
  const [rows] = shape;
  if (shape.length < 2 || !Number.isInteger(blocks) || blocks < 1 || rows! % blocks !== 0)
    throw new ShapeError({
      op,
      expected: `a matrix whose rows make ${blocks} ${blocks === 1 ? "block" : "blocks"}`,
      got: formatShape(shape),
    });
  return [rows! / blocks, sizeOf(shape.slice(1))];
}

/**
 * Sets the bias of every forget gate of an LSTM or LSTMCell, so that it remembers from the start (Gers et al. 2000,
 * Jozefowicz et al. 2015): `bias_ih` to `value`, `bias_hh` to 0, as their sum is what counts.
 *
 * @param value default 1
 * @throws OptionError for a module without such biases
 */
export function forgetBias(lstm: Gated, value = 1): void {
  checkCall("forgetBias", arguments, "lstm:object value?:number");
  setGateBiases("forgetBias", "an LSTM or LSTMCell", lstm, (gates, units) =>
    gates === 4 ? [[LSTM_FORGET, new Float32Array(units).fill(value)]] : [],
  );
}

/**
 * Sets the gates' biases of an LSTM, a GRU or a cell of them so that its units remember over spans of all lengths up to
 * `maxSteps` (chrono initialization; Tallec & Ollivier 2018, section 3): with b = log u, u uniform in [1, maxSteps - 1), an
 * LSTM's forget gate begins with b and its input gate with -b, a GRU's update gate, which keeps, with b. `bias_ih` has the
 * value, `bias_hh` 0.
 *
 * @param maxSteps the longest dependence to expect, often the length of the sequences: at least 3
 * @throws OptionError for a module without such biases
 */
export function chronoBias(layer: Gated, maxSteps: number): void {
  checkCall("chronoBias", arguments, "layer:object maxSteps:number");
  checkCount("chronoBias", "maxSteps", maxSteps, 3);
  setGateBiases("chronoBias", "an LSTM, a GRU or a cell of them", layer, (gates, units) => {
    if (gates !== 3 && gates !== 4) return [];
    const b = scope(() => uniformTensor([units], 1, maxSteps - 1).data()).map(log);
    if (gates === 3) return [[GRU_UPDATE, b]];
    return [
      [LSTM_FORGET, b],
      [LSTM_INPUT, b.map((value) => -value)],
    ];
  });
}

type Gated = Module & { readonly hiddenSize: number };

// Places of the gates among the rows of weights and biases.
const LSTM_INPUT = 0;
const LSTM_FORGET = 1;
const GRU_UPDATE = 1;

/** Sets gates of every `bias_ih` to values, one for each unit, and the same gates of its `bias_hh` to 0. */
function setGateBiases(
  op: string,
  expected: string,
  layer: Gated,
  valuesOf: (gates: number, units: number) => [gate: number, values: Float32Array][],
): void {
  checkLike(op, expected, "namedParameters", layer);
  const units = layer.hiddenSize;
  const parameters = new Map(layer.namedParameters());
  let found = false;
  for (const [name, inputBias] of parameters) {
    if (!name.startsWith("bias_ih")) continue;
    const hiddenBias = parameters.get(name.replace("_ih", "_hh"))!;
    for (const [gate, values] of valuesOf(inputBias.shape[0]! / units, units)) {
      setRows(inputBias, gate * units, values);
      setRows(hiddenBias, gate * units, new Float32Array(units));
      found = true;
    }
  }
  if (!found)
    throw new OptionError({
      op,
      expected: `${expected} with biases`,
      got: layer.constructor.name,
    });
}

function setRows(target: Tensor, from: number, rows: Float32Array): void {
  const values = target.data();
  values.set(rows, from);
  target.set(values);
}
