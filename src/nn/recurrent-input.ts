// What a recurrent layer takes: its checks.
import { IndexError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape, type Shape } from "../core/shape.js";
import { requireInt } from "../ops/check.js";
import { Tensor } from "../tensor/tensor.js";

/** Steps that count in each row: integers 0..time. */
export type Lengths = readonly number[] | Int32Array | Tensor<"int32">;

/** Refuses an input of the wrong shape. */
export function checkInput(op: string, { shape }: Tensor, features: number, rank: 2 | 3): void {
  if (shape.length === rank && shape[rank - 1] === features) return;
  const axes = rank === 3 ? "batch, time" : "batch";
  throw new ShapeError({
    op,
    expected: `input [${axes}, ${features}]`,
    got: formatShape(shape),
    cure:
      shape.length === rank
        ? `The last axis must equal inputSize (${features}).`
        : `Give it ${rank} axes: ${axes}, features.`,
  });
}

/** Refuses a state that lacks a part or has one of the wrong shape. */
export function checkState(
  op: string,
  state: Readonly<Record<string, Tensor>>,
  shapes: Readonly<Record<string, Shape>>,
): void {
  for (const [part, shape] of Object.entries(shapes)) {
    const value: unknown = state[part];
    if (!(value instanceof Tensor) || !sameShape(value.shape, shape))
      throw new ShapeError({
        op,
        expected: `state.${part} ${formatShape(shape)}${shape.length === 3 ? AXES : ""}`,
        got: value instanceof Tensor ? formatShape(value.shape) : String(value),
      });
  }
}

const AXES = " ([numLayers · directions, batch, hidden])";

/** The lengths, or undefined where every row is full. */
export function checkLengths(
  op: string,
  lengths: Lengths | undefined,
  batch: number,
  time: number,
): Int32Array | undefined {
  if (lengths === undefined) return undefined;
  if (lengths instanceof Tensor) requireInt(op, "lengths", lengths);
  const values = lengths instanceof Tensor ? lengths.data() : Int32Array.from(lengths);
  if (values.length !== batch)
    throw new ShapeError({
      op,
      expected: `${batch} lengths, one a row`,
      got: String(values.length),
    });
  values.forEach((length, row) => {
    const given = lengths instanceof Tensor ? length : lengths[row]!;
    if (given !== length || length < 0 || length > time)
      throw new IndexError({
        op,
        expected: `lengths to be whole numbers from 0 to ${time}`,
        got: `${given} for row ${row}`,
      });
  });
  return values.every((length) => length === time) ? undefined : values;
}
