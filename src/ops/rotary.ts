import { checkCall, checkChoice, checkCount, checkKeys } from "../core/check.js";
import { described } from "../core/described.js";
import { defineOp } from "../autograd/op.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { at, type Ptr } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";
import { rotaryTable } from "./rotary-angles.js";

/** Which features of a head are turned together: i and i + size / 2, or 2i and 2i + 1. */
export type RotaryPairing = "halves" | "interleaved";

export interface RotaryOptions {
  /** Pair i turns by position · base^(-2i / size). Default 10000. */
  base?: number | undefined;
  /**
   * `"halves"`: features i and i + size / 2, as Llama and GPT-NeoX; `"interleaved"`: 2i and 2i + 1, as the paper and GPT-J.
   * Default `"halves"`.
   */
  pairing?: RotaryPairing | undefined;
}

/** @internal Both, with their values. */
export interface Rotary {
  readonly base: number;
  readonly pairing: RotaryPairing;
}

/** @internal Options of rotary positions, checked. */
export function readRotary(op: string, options: RotaryOptions, size: number): Rotary {
  checkKeys(op, options, "base:number pairing:string");
  const { base = 10000, pairing = "halves" } = options;
  checkChoice(op, "pairing", pairing, ["halves", "interleaved"]);
  if (!(base >= 1 && base < Infinity))
    throw new OptionError({ op, expected: "base to be a number from 1 on", got: described(base) });
  if (size % 2 !== 0)
    throw new OptionError({
      op,
      expected: "an even number of features in a head for rotary positions",
      got: described(size),
    });
  return { base, pairing };
}

interface Heads extends Rotary {
  /** Of x, `[…, time, columns]`. */
  readonly columns: number;
  readonly time: number;
  /** The first columns are so many heads, which turn; the others stay. */
  readonly heads: number;
  readonly size: number;
  readonly start: number;
}

const NAME = "rotary";

function turn(to: Ptr, from: Ptr, elements: number, given: Heads, inverse: number): void {
  const { columns, time, heads, size, start, base, pairing } = given;
  if (elements === 0) return;
  const rows = elements / columns;
  const angles = at(rotaryTable(start + time, size, base), start * size);
  const interleaved = Number(pairing === "interleaved");
  const { rotate } = extraKernels();
  rotate(to, from, angles, rows, time, heads, size, columns, columns, interleaved, inverse);
  const [turned, rest] = [heads * size, columns - heads * size];
  if (rest > 0) kernels().copyRows(at(to, turned), at(from, turned), rows, rest, columns, columns);
}

/** @internal Heads that stand side by side, turned by their steps' positions; x is `[…, time, columns]`. */
export const rotateHeads = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(x: Tensor, given: Heads) {
    requireFloat(NAME, x);
    const y = empty(x.shape);
    turn(y.storage.ptr, x.address(NAME), x.size, given, 0);
    return { inputs: [x], unread: [x], output: y, saved: { given, elements: x.size } };
  },
  backward(pass, { given, elements }) {
    pass.write(0, (dx) => turn(dx, pass.grad(), elements, given, 1));
  },
});

/**
 * Rotary positions: each pair of features turned by an angle that grows with the position, so that the product of a query and
 * a key depends on how far they are apart. Su et al.: RoFormer (2021).
 *
 * @param x `[…, time, size]`, queries or keys of a head; size is even
 * @param options.start position of the first step. Default 0
 * @returns the same shape
 * @throws ShapeError for less than two axes; OptionError for an odd size, or a base below 1
 */
export function rotary(
  x: Tensor,
  options: RotaryOptions & { start?: number | undefined } = {},
): Tensor {
  checkCall(NAME, arguments, "x:tensor {base:number pairing:string start:number}");
  const { start = 0, ...others } = options;
  const [time, size] = x.shape.slice(-2);
  if (size === undefined)
    throw new ShapeError({ op: NAME, expected: "x [..., time, size]", got: formatShape(x.shape) });
  checkCount(NAME, "start", start, 0);
  const settings = readRotary(NAME, others, size);
  return rotateHeads(x, { ...settings, columns: size, time: time!, heads: 1, size, start });
}
