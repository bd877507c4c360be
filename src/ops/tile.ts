import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { expand } from "./expand.js";
import { reshape } from "./reshape.js";

/**
 * x side by side with itself, `repeats[i]` times along axis i; copied. Fewer numbers than axes count from
 * the last axis, more add axes in front.
 *
 * @throws OptionError for numbers that are not whole or below 0
 */
export function tile<D extends DType>(x: Tensor<D>, repeats: readonly number[]): Tensor<D> {
  checkCall("tile", arguments, "x:tensor repeats:list");
  if (!repeats.every((count) => Number.isInteger(count) && count >= 0))
    throw new OptionError({
      op: "tile",
      expected: "whole numbers >= 0",
      got: formatShape(repeats),
    });
  const rank = Math.max(x.shape.length, repeats.length);
  const ones = (count: number): number[] => new Array<number>(count).fill(1);
  const times = [...ones(rank - repeats.length), ...repeats];
  const sizes = [...ones(rank - x.shape.length), ...x.shape];
  const apart = reshape(
    x,
    sizes.flatMap((size) => [1, size]),
  );
  const repeated = expand(
    apart,
    sizes.flatMap((size, axis) => [times[axis]!, size]),
  );
  return reshape(
    repeated,
    sizes.map((size, axis) => size * times[axis]!),
  );
}
