import { described } from "../core/described.js";
import { defineOp } from "../autograd/op.js";
import { checkCall } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes, fillZero } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";
import { checkLengths, type Lengths } from "./lengths.js";

export interface PoolSequenceOptions {
  /** What becomes of the steps: their mean, the largest of each feature, or the last one. */
  mode: "mean" | "max" | "last";
  /** Steps that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
}

interface Saved {
  readonly mode: PoolSequenceOptions["mode"];
  readonly time: number;
  readonly features: number;
  readonly lengths: Int32Array;
  /** With "max", the step that each feature came from. */
  readonly steps: Tensor<"int32"> | undefined;
}

const NAME = "poolSequence";

const pooled = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(x: Tensor, mode: PoolSequenceOptions["mode"], lengths: Int32Array) {
    const [batch, time, features] = x.shape as [number, number, number];
    const y = empty([batch, features]);
    const steps = mode === "max" ? empty([batch, features], "int32") : undefined;
    const row = bytesOf(features);
    const k = kernels();
    lengths.forEach((length, i) => {
      const from = at(x.address(NAME), i * time * features);
      const to = at(y.storage.ptr, i * features);
      if (length === 0) {
        fillZero(to, row);
        if (steps) fillZero(at(steps.storage.ptr, i * features), row);
      } else if (steps)
        k.maxAxis(to, at(steps.storage.ptr, i * features), from, 1, length, features);
      else if (mode === "last") copyBytes(to, at(from, (length - 1) * features), row);
      else {
        k.sumAxis(to, from, 1, length, features);
        k.scale(to, to, features, 1 / length);
      }
    });
    const saved = { mode, time, features, lengths, steps };
    return { inputs: [x], unread: [x], output: y, saved };
  },
  backward(pass, { mode, time, features, lengths, steps }: Saved) {
    const row = bytesOf(features);
    const dy = pass.grad();
    pass.write(0, (dx) => {
      fillZero(dx, lengths.length * time * row);
      const k = kernels();
      lengths.forEach((length, i) => {
        if (length === 0) return;
        const to = at(dx, i * time * features);
        const from = at(dy, i * features);
        if (steps) {
          const places = at(steps.address(NAME), i * features);
          k.scatterAddAxis(to, from, places, 1, 1, time, features);
        } else if (mode === "last") copyBytes(at(to, (length - 1) * features), from, row);
        else k.expandAxis(to, from, 1, length, features, 1 / length);
      });
    });
  },
});

/**
 * Sequences of different lengths to one vector each. Values past a length never count, NaN
 * included; a row of length 0 gives zeros and takes no gradient.
 *
 * @param x `[batch, time, features]`
 * @returns `[batch, features]`
 * @throws ShapeError for another number of axes or of lengths; IndexError for lengths outside 0..time;
 *   OptionError for another mode; DTypeError for int32
 */
export function poolSequence(x: Tensor, options: PoolSequenceOptions): Tensor {
  checkCall("poolSequence", arguments, "x:tensor {mode!:string lengths:list|tensor}");
  const { mode, lengths } = options;
  requireFloat(NAME, x);
  if (x.shape.length !== 3)
    throw new ShapeError({
      op: NAME,
      expected: "input [batch, time, features]",
      got: formatShape(x.shape),
    });
  if (mode !== "mean" && mode !== "max" && mode !== "last")
    throw new OptionError({
      op: NAME,
      expected: 'mode to be "mean", "max" or "last"',
      got: described(mode),
    });
  const [batch, time] = x.shape as [number, number, number];
  const counts = checkLengths(NAME, lengths, batch, time);
  return pooled(x, mode, counts ?? new Int32Array(batch).fill(time));
}
