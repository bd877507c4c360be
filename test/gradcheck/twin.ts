// Plain float64 arrays and the few loops that the twins are made of: slow, unfused, obvious.

export interface Twin {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A twin whose element at each index is `f(index)`. */
export function build(shape: readonly number[], f: (index: number[]) => number): Twin {
  const data = new Float64Array(sizeOf(shape));
  for (let flat = 0; flat < data.length; flat++) data[flat] = f(unravel(flat, shape));
  return { shape, data };
}

export function unravel(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = flat % shape[axis]!;
    flat = Math.floor(flat / shape[axis]!);
  }
  return index;
}

export function at(x: Twin, index: readonly number[]): number {
  let flat = 0;
  for (let axis = 0; axis < x.shape.length; axis++) flat = flat * x.shape[axis]! + index[axis]!;
  return x.data[flat]!;
}

/** The element that meets `index` of a broadcast result. */
export function broadcastAt(x: Twin, index: readonly number[]): number {
  const skipped = index.length - x.shape.length;
  return at(
    x,
    x.shape.map((size, axis) => (size === 1 ? 0 : index[skipped + axis]!)),
  );
}

export function broadcastShape(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    shapes.reduce((size, shape) => {
      const own = shape[shape.length - rank + axis] ?? 1;
      return own === 1 ? size : own;
    }, 1),
  );
}

export const map = (x: Twin, f: (value: number) => number): Twin => ({
  shape: x.shape,
  data: x.data.map(f),
});

export function zip(a: Twin, b: Twin, f: (x: number, y: number) => number): Twin {
  return build(broadcastShape(a.shape, b.shape), (i) => f(broadcastAt(a, i), broadcastAt(b, i)));
}

/** Reduces the axes (all of them by default), handing each group of values to `f`. */
export function reduce(
  x: Twin,
  f: (values: number[]) => number,
  axes: readonly number[] = x.shape.map((_, axis) => axis),
  keepdim = false,
): Twin {
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)));
  const groups = new Map<string, number[]>();
  x.data.forEach((value, flat) => {
    const key = unravel(flat, x.shape)
      .map((i, axis) => (gone.has(axis) ? 0 : i))
      .join();
    groups.set(key, [...(groups.get(key) ?? []), value]);
  });
  const kept = x.shape.map((size, axis) => (gone.has(axis) ? 1 : size));
  const full = build(kept, (index) => f(groups.get(index.join()) ?? []));
  return keepdim ? full : { shape: kept.filter((_, axis) => !gone.has(axis)), data: full.data };
}

/** Replaces each line along an axis by what `f` makes of it, of any length. */
export function alongAxis(x: Twin, axis: number, f: (line: number[]) => number[]): Twin {
  if (axis < 0) axis += x.shape.length;
  const line = (index: readonly number[]): number[] =>
    Array.from({ length: x.shape[axis]! }, (_, i) => at(x, index.with(axis, i)));
  const length = f(line(x.shape.map(() => 0))).length;
  return build(x.shape.with(axis, length), (index) => f(line(index))[index[axis]!]!);
}

export const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

export function logSumExp(values: number[]): number {
  const most = Math.max(...values);
  return most + Math.log(sum(values.map((value) => Math.exp(value - most))));
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The normal distribution function: a series near 0, a continued fraction in the tails. */
export function normalCdf(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 0) return 1 - normalCdf(-x);
  if (x < -2) {
    let fraction = -x;
    for (let k = 300; k > 0; k--) fraction = -x + k / fraction;
    return density / fraction;
  }
  let term = x;
  let series = x;
  for (let k = 1; k < 60; k++) series += term *= (x * x) / (2 * k + 1);
  return 0.5 + density * series;
}

/** The last two axes swapped. */
export const transposed = (x: Twin): Twin =>
  build([...x.shape.slice(0, -2), x.shape.at(-1)!, x.shape.at(-2)!], (index) =>
    at(x, [...index.slice(0, -2), index.at(-1)!, index.at(-2)!]),
  );

/** One matrix product; leading axes broadcast. */
export function matmul(a: Twin, b: Twin): Twin {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const leading = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const entry = (x: Twin, batch: number[], row: number, column: number): number => {
    const own = x.shape.slice(0, -2);
    const offset = batch
      .slice(batch.length - own.length)
      .map((i, axis) => (own[axis] === 1 ? 0 : i));
    return at(x, [...offset, row, column]);
  };
  return build([...leading, m, n], (index) => {
    const [batch, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    let total = 0;
    for (let p = 0; p < k; p++) total += entry(a, batch, i, p) * entry(b, batch, p, j);
    return total;
  });
}
