// How much of each row of a batch of sequences counts.
import { described } from "../core/described.js";
import { IndexError, ShapeError } from "../core/errors.js";
import { tensor } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";
import { requireInt } from "./check.js";

/** Steps that count in each row: integers 0..time. */
export type Lengths = readonly number[] | Int32Array | Tensor<"int32">;

/** The lengths, or undefined where every row is full. */
export function checkLengths(
  op: string,
  lengths: Lengths | undefined,
  batch: number,
  time: number,
  name = "lengths",
): Int32Array | undefined {
  if (lengths === undefined) return undefined;
  if (lengths instanceof Tensor) requireInt(op, name, lengths);
  const values = lengths instanceof Tensor ? lengths.data() : Int32Array.from(lengths);
  if (values.length !== batch)
    throw new ShapeError({
      op,
      expected: `${batch} ${name}, one a row`,
      got: described(values.length),
    });
  values.forEach((length, row) => {
    const given = lengths instanceof Tensor ? length : lengths[row]!;
    if (given !== length || length < 0 || length > time)
      throw new IndexError({
        op,
        expected: `${name} to be whole numbers from 0 to ${time}`,
        got: `${given} for row ${row}`,
      });
  });
  return values.every((length) => length === time) ? undefined : values;
}

/** @internal Lengths that were checked as a mask, int32 `[batch, time]`: 1 where a step counts. */
export function maskOfLengths(lengths: Int32Array, time: number): Tensor<"int32"> {
  const mask = new Int32Array(lengths.length * time);
  lengths.forEach((length, row) => mask.fill(1, row * time, row * time + length));
  return tensor(mask, { shape: [lengths.length, time] });
}
