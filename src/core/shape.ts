// Shapes are plain arrays of sizes, row-major, without strides.
import { described } from "./described.js";
import { type IndexError, OptionError, ShapeError } from "./errors.js";

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

/** `[32, 100, 64]` */
export function formatShape(shape: Shape): string {
  return `[${shape.slice(0, 16).join(", ")}${shape.length > 16 ? ", …" : ""}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The most elements a tensor may have: 2^31 - 1 bytes of four-byte elements stay addressable. */
export const MAX_ELEMENTS = 0x1fffffff;

/** Refuses anything that is no list of whole sizes >= 0 with at most `MAX_ELEMENTS` elements. */
export function checkShape(op: string, shape: Shape): void {
  const ok = Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0);
  if (!ok || sizeOf(shape) > MAX_ELEMENTS)
    throw new ShapeError({
      op,
      expected: `a shape of whole numbers >= 0 with at most ${MAX_ELEMENTS} elements`,
      got: described(shape),
    });
}

/**
 * The shape two operands broadcast to, by NumPy's and PyTorch's rule: align at the last axis; each
 * pair of sizes must be equal or hold a 1.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const m = a[a.length - rank + i] ?? 1;
    const n = b[b.length - rank + i] ?? 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError({
        op,
        expected: "shapes that broadcast",
        got: `${formatShape(a)} and ${formatShape(b)}`,
        cure: `Aligned at the last axis, each pair of sizes must be equal or hold a 1; ${m} and ${n} do not.`,
      });
    out[i] = m === 1 ? n : m;
  }
  return out;
}

/** An axis in 0..rank-1 from one that may count from the end (-1 is the last). */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (rank === 0)
    throw new OptionError({ op, expected: "a tensor with at least one axis", got: "a scalar" });
  return fromEnd(op, "axis", axis, rank, OptionError);
}

/** A place in 0..length-1 from one that may count from the end. */
export function fromEnd(
  op: string,
  what: string,
  place: number,
  length: number,
  Kind: typeof IndexError | typeof OptionError,
): number {
  const at = place < 0 ? place + length : place;
  if (Number.isInteger(at) && at >= 0 && at < length) return at;
  throw new Kind({
    op,
    expected: `an ${what} from ${-length} to ${length - 1}`,
    got: described(place),
  });
}

/** A shape seen from one axis: how many blocks before it, its length, how many elements after it. */
export function splitAtAxis(
  shape: Shape,
  axis: number,
): { outer: number; length: number; inner: number } {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    length: shape[axis]!,
    inner: sizeOf(shape.slice(axis + 1)),
  };
}
