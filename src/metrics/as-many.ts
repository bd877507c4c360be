import { ShapeError } from "../core/errors.js";

/** Refuses lists that do not belong together. */
export function requireAsMany(op: string, a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
  if (a.length !== b.length)
    throw new ShapeError({
      op,
      expected: "two lists of one length",
      got: `${a.length} and ${b.length}`,
    });
}
