// The nearest of many vectors, by the cosine of the angle between.
import { pack, packedBytes, product } from "../ops/products.js";
import { f32 } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";

/** Rows of vectors, one behind the other. */
export interface Rows {
  readonly values: Float32Array;
  readonly dimension: number;
  /** 1 / length of each vector, 0 of one without a direction. */
  readonly inverse: Float64Array;
}

/** The best of what is shown, in a short sorted list: of equal scores what came first. */
export class Best {
  readonly indices: number[] = [];
  readonly scores: number[] = [];
  readonly #count: number;
  /** What a score must be above. */
  least = -Infinity;

  constructor(count: number) {
    this.#count = count;
  }

  add(index: number, score: number): void {
    if (!(score > this.least)) return;
    const { indices, scores } = this;
    let place = scores.length;
    while (place > 0 && score > scores[place - 1]!) place--;
    scores.splice(place, 0, score);
    indices.splice(place, 0, index);
    if (scores.length > this.#count) {
      scores.pop();
      indices.pop();
    }
    if (scores.length === this.#count) this.least = scores[this.#count - 1]!;
  }
}

/** 1 / length of each row. */
export function inverseLengths(values: Float32Array, dimension: number): Float64Array {
  const inverse = new Float64Array(values.length / dimension);
  for (let row = 0, from = 0; row < inverse.length; row++, from += dimension) {
    let sum = 0;
    for (let i = from; i < from + dimension; i++) sum += values[i]! * values[i]!;
    inverse[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return inverse;
}

/** query · row, in double precision. */
export function dot(query: ArrayLike<number>, values: Float32Array, from: number): number {
  // Four sums, which need not wait for each other.
  let [a, b, c, d] = [0, 0, 0, 0];
  const n = query.length;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    a += query[i]! * values[from + i]!;
    b += query[i + 1]! * values[from + i + 1]!;
    c += query[i + 2]! * values[from + i + 2]!;
    d += query[i + 3]! * values[from + i + 3]!;
  }
  for (; i < n; i++) a += query[i]! * values[from + i]!;
  return a + b + (c + d);
}

/** A list times a factor that makes its length 1; zeros stay. */
export function unit(vector: ArrayLike<number>): Float64Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const factor = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return Float64Array.from(vector, (value) => value * factor);
}

/** Rows of a block, and queries that meet it together: 8 MB of scores. */
const BLOCK = 4096;
const TOGETHER = 512;

/**
 * The best `count` of the first `end` rows for each of many queries: products of matrices, one for each block of rows and
 * queries. Scores are float32; one query alone is scored by {@link dot}.
 *
 * @param queries unit vectors, one behind the other
 * @param leavesOut rows that are no answer to query q
 */
export function searchTogether(
  { values, dimension, inverse }: Rows,
  end: number,
  queries: Float32Array,
  count: number,
  leavesOut: (query: number) => readonly number[],
): Best[] {
  const total = queries.length / dimension;
  const found = Array.from({ length: total }, () => new Best(count));
  const bytes = bytesOf((BLOCK + TOGETHER) * dimension + TOGETHER * BLOCK) + 128;
  const packed = packedBytes(dimension, BLOCK);
  withBlock(bytes + packed, (block) => {
    const rowsAt = at(block, 0);
    const queriesAt = at(rowsAt, aligned(BLOCK * dimension));
    const scoresAt = at(queriesAt, aligned(TOGETHER * dimension));
    const packedAt = at(scoresAt, TOGETHER * BLOCK);
    for (let first = 0; first < end; first += BLOCK) {
      const rows = Math.min(BLOCK, end - first);
      const part = values.subarray(first * dimension, (first + rows) * dimension);
      f32(rowsAt, part.length).set(part);
      pack("packBT", packedAt, rowsAt, dimension, rows, dimension);
      for (let query = 0; query < total; query += TOGETHER) {
        const m = Math.min(TOGETHER, total - query);
        const some = queries.subarray(query * dimension, (query + m) * dimension);
        f32(queriesAt, some.length).set(some);
        product(scoresAt, queriesAt, packedAt, { m, n: rows, k: dimension });
        const scores = f32(scoresAt, m * rows);
        for (let i = 0; i < m; i++)
          scan(found[query + i]!, scores.subarray(i * rows, (i + 1) * rows), inverse, first, () =>
            leavesOut(query + i),
          );
      }
    }
  });
  return found;
}

function scan(
  best: Best,
  scores: Float32Array,
  inverse: Float64Array,
  first: number,
  leavesOut: () => readonly number[],
): void {
  let least = best.least;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]! * inverse[first + i]!;
    if (score <= least || leavesOut().includes(first + i)) continue;
    best.add(first + i, score);
    least = best.least;
  }
}

/** Elements, such that what lies behind them begins at 64 bytes again. */
function aligned(elements: number): number {
  return Math.ceil(elements / 16) * 16;
}
