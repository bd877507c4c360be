import { described } from "../core/described.js";
import { IndexError, ShapeError } from "../core/errors.js";

/** Refuses an order of a stream's rows with none or more than `most`, or with one that is not there. */
export function checkRows(op: string, order: Int32Array, rows: number, most: number): void {
  if (order.length < 1 || order.length > most)
    throw new ShapeError({ op, expected: `1 to ${most} rows`, got: described(order.length) });
  for (const row of order)
    if (!(Number.isInteger(row) && row >= 0 && row < rows))
      throw new IndexError({ op, expected: `rows from 0 to ${rows - 1}`, got: described(row) });
}
