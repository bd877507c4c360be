// One gradient check: an operation of the library against its plain float64 twin.
import { scope, tensor, type Module, type Parameter, type Tensor } from "../../src/index.js";
import { expectClose, type Tolerance } from "../helpers/expect-close.js";
import { numericalGradient } from "../helpers/finite-difference.js";
import { testRandom } from "../helpers/random.js";
import { sizeOf, type Twin } from "./twin.js";

/** What a case hands to the operation. */
export interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
  /** Whether its gradient is checked: float inputs are, unless they are `fixed`. */
  readonly checked: boolean;
}

type One<T> = T | readonly T[];

export interface GradientCase {
  readonly inputs: Readonly<Record<string, Input>>;
  /** Makes the layer that is checked, if it is one: the inputs of its parameters' names are their values. */
  readonly module?: () => Module;
  /** The operation, and its twin: the same outputs from plain arrays. */
  run(inputs: Record<string, Tensor>, layer: Module | undefined): One<Tensor>;
  twin(inputs: Record<string, Twin>): One<Twin>;
  readonly tolerance?: Tolerance;
}

/** Float32 rounding of a few dozen operations on values near 1. */
const TOLERANCE: Tolerance = { absolute: 1e-5, relative: 1e-5 };

/**
 * Compares outputs with the twin's, then every gradient with finite differences of the twin: of one use of
 * the operation; of two uses, whose gradients add up; of two uses of an intermediate result.
 */
export function checkGradients(checking: GradientCase): void {
  const { inputs, run, twin, tolerance = TOLERANCE } = checking;
  const layer = checking.module?.();
  const parameters = layer?.namedParameters() ?? new Map<string, Parameter>();
  for (const [name, parameter] of parameters) parameter.set(inputs[name]!.data);
  const evaluate = (data: Data): readonly Twin[] =>
    list(
      twin(
        mapValues(inputs, ({ shape }, name) => ({ shape, data: Float64Array.from(data[name]!) })),
      ),
    );
  const point: Data = mapValues(inputs, ({ data }) => data);
  const expected = evaluate(point);
  const projections = [1, 2].map((seed) => project(expected, seed));
  // Two uses under these projections have the gradient of one use under their sum.
  const both = expected.map((_, i) =>
    projections[0]![i]!.map((p, j) => p + projections[1]![i]![j]!),
  );
  const checked = Object.keys(inputs).filter((name) => inputs[name]!.checked);
  const numeric = mapValues(
    Object.fromEntries(checked.map((name) => [name, point[name]!])),
    (at, name) =>
      numericalGradient((data) => dotAll(evaluate({ ...point, [name]: data }), both), at),
  );

  const compare = (
    uses: readonly (readonly Float32Array[])[],
    through: (x: Tensor) => Tensor,
  ): void =>
    scope(() => {
      layer?.zeroGrad();
      const leaves = mapValues(
        inputs,
        ({ shape, data, checked }, name) => parameters.get(name) ?? leaf(data, shape, checked),
      );
      const given = mapValues(leaves, (x, name) => (inputs[name]!.checked ? through(x) : x));
      const terms = uses.flatMap((projection) => {
        const outputs = list(run(given, layer));
        expectOutputs(outputs, expected, tolerance);
        return outputs.map((y, i) => y.mul(tensor(projection[i]!, { shape: y.shape })).sum());
      });
      terms.reduce((total, term) => total.add(term)).backward();
      for (const name of checked) {
        const gradient = leaves[name]!.grad;
        if (!gradient) throw new Error(`no gradient for ${name}`);
        expectClose(
          gradient.data(),
          numeric[name]!,
          tolerance,
          `gradient of ${name}, ${uses.length} uses`,
        );
      }
    });

  compare([both], (x) => x);
  compare(projections, (x) => x);
  compare(projections, (x) => x.clone());
  layer?.dispose();
}

type Data = Record<string, ArrayLike<number>>;

function expectOutputs(
  outputs: readonly Tensor[],
  expected: readonly Twin[],
  tolerance: Tolerance,
): void {
  if (outputs.length !== expected.length)
    throw new Error(`expected ${expected.length} outputs, got ${outputs.length}`);
  outputs.forEach((output, i) => {
    const { shape, data } = expected[i]!;
    if (String(output.shape) !== String(shape))
      throw new Error(`output ${i}: expected shape [${shape}], got [${output.shape}]`);
    expectClose(output.data(), data, tolerance, `output ${i}`);
  });
}

/** Random weights of each output: multiples of 1/64, so that sums of two are exact in float32. */
function project(outputs: readonly Twin[], seed: number): Float32Array[] {
  return outputs.map(({ data }, i) => {
    const random = testRandom(100 * seed + i);
    return Float32Array.from(data, () => random.integer(-96, 96) / 64);
  });
}

function dotAll(outputs: readonly Twin[], weights: readonly Float32Array[]): number {
  return outputs.reduce((total, { data }, i) => total + dot(data, weights[i]!), 0);
}

function leaf(data: Input["data"], shape: readonly number[], requiresGrad: boolean): Tensor {
  return tensor(data as Float32Array, { shape, requiresGrad });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

const list = <T>(one: One<T>): readonly T[] => (Array.isArray(one) ? one : [one as T]);

const mapValues = <T, U>(from: Readonly<Record<string, T>>, f: (value: T, key: string) => U) =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, f(value, key)]));

/**
 * Float inputs: distinct values in steps of `step`, shuffled, none at zero. Finite differences then never
 * cross a kink, whether of one value (relu) or between two (max).
 */
export function float(
  shape: readonly number[],
  { seed = 1, step = 1 / 32, above = -Infinity } = {},
): Input {
  const size = sizeOf(shape);
  const random = testRandom(seed * 7919 + size);
  const first = Math.max(above, -(Math.floor(size / 2) * step));
  const data = Float32Array.from({ length: size }, (_, i) => first + (i + 0.5) * step);
  for (let i = size - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [data[i], data[j]] = [data[j]!, data[i]!];
  }
  return { shape, data, checked: true };
}

/** The same without a gradient. */
export const fixed = (input: Input): Input => ({ ...input, checked: false });

/** Int32 inputs. */
export const ints = (shape: readonly number[], values: readonly number[]): Input => ({
  shape,
  data: Int32Array.from(values),
  checked: false,
});
