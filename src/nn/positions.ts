// Positions of steps, added to their values: attention by itself does not see order.
import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { turn } from "../core/turn.js";
import { add } from "../ops/arithmetic.js";
import { slice } from "../ops/slice.js";
import { tensor } from "../tensor/create.js";
import { buffer, type Buffer, type Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { normalParameter } from "./init.js";
import { Module } from "./module.js";

/** The first rows of a table `[maxLength, features]` added to x `[batch, time, features]`. */
function addPositions(op: string, x: Tensor, table: Tensor): Tensor {
  const [maxLength, features] = table.shape as [number, number];
  if (x.shape.length !== 3 || x.shape[2] !== features || x.shape[1]! > maxLength)
    throw new ShapeError({
      op,
      expected: `input [batch, time up to ${maxLength}, ${features}]`,
      got: formatShape(x.shape),
    });
  return add(x, slice(table, 0, 0, x.shape[1]));
}

/**
 * Adds learned positions: `weight` `[maxLength, features]`, from N(0, 1) as an embedding's.
 *
 * @example
 * ```ts
 * new LearnedPositions(50, 16).forward(randn([2, 5, 16])).shape; // [2, 5, 16]
 * ```
 */
export class LearnedPositions extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LearnedPositions";
  readonly weight: Parameter;

  constructor(maxLength: number, features: number) {
    checkCall("LearnedPositions", arguments, "maxLength features");
    super();
    checkCount("LearnedPositions", "maxLength", maxLength);
    checkCount("LearnedPositions", "features", features);
    this.weight = normalParameter([maxLength, features]);
  }

  /** x `[batch, time, features]`, result of the same shape. */
  forward(x: Tensor): Tensor {
    checkCall("LearnedPositions.forward", arguments, "x:tensor");
    return addPositions("LearnedPositions", x, this.weight);
  }
}

/**
 * Adds sines and cosines of positions: {@link sinusoids}, in the buffer `pe` `[maxLength, features]`.
 * Vaswani et al.: Attention Is All You Need (2017).
 *
 * @example
 * ```ts
 * new SinusoidalPositions(50, 16).forward(randn([2, 5, 16])).shape; // [2, 5, 16]
 * ```
 */
export class SinusoidalPositions extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SinusoidalPositions";
  readonly pe: Buffer;

  /** @param features an even number */
  constructor(maxLength: number, features: number) {
    checkCall("SinusoidalPositions", arguments, "maxLength features");
    super();
    checkCount("SinusoidalPositions", "maxLength", maxLength);
    checkEven("SinusoidalPositions", features);
    const values = tensor(sinusoids(maxLength, features), { shape: [maxLength, features] });
    this.pe = buffer(values);
    values.dispose();
  }

  /** x `[batch, time, features]`, result of the same shape. */
  forward(x: Tensor): Tensor {
    checkCall("SinusoidalPositions.forward", arguments, "x:tensor");
    return addPositions("SinusoidalPositions", x, this.pe);
  }
}

/**
 * At position p, features 2i and 2i + 1 are the sine and the cosine of p / 10000^(2i / features), row by row.
 * Worked out in double precision by rotating from position to position: the same bits on every engine.
 *
 * @throws OptionError for an odd number of features
 */
export function sinusoids(positions: number, features: number): Float32Array {
  checkCall("sinusoids", arguments, "positions features");
  checkCount("sinusoids", "positions", positions);
  checkEven("sinusoids", features);
  const table = new Float32Array(positions * features);
  for (let i = 0; i < features; i += 2) {
    const [re, im] = turn(powerOfTenThousand(i / features));
    let [cosine, sine] = [1, 0];
    for (let at = i; at < table.length; at += features) {
      table[at] = sine;
      table[at + 1] = cosine;
      [cosine, sine] = [cosine * re - sine * im, sine * re + cosine * im];
    }
  }
  return table;
}

const LN_10000 = 9.210340371976184;

/** 10000^-x for x from 0 to 1: a series near 0, squared ten times. */
function powerOfTenThousand(x: number): number {
  const y = (-x * LN_10000) / 1024;
  let power = 1;
  for (let n = 12; n > 0; n--) power = 1 + (y / n) * power;
  for (let n = 0; n < 10; n++) power *= power;
  return power;
}

function checkEven(op: string, features: number): void {
  checkCount(op, "features", features);
  if (features % 2 !== 0)
    throw new OptionError({ op, expected: "an even number of features", got: described(features) });
}
