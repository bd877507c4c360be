// The nearest neighbours of all points, and the affinities to them: exact, by products of matrices.
import { log } from "../../core/exp-log.js";
import type { AbortSignalLike } from "../../core/platform.js";
import { turnOfOthers } from "../../core/yield.js";
import { pack, packedBytes, product } from "../../ops/products.js";
import { allocateBlock } from "../../tensor/storage.js";
import { f32, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { vectorKernels } from "../../wasm/vectors.js";
import type { Rows } from "../rows.js";

/** Each point's neighbours: rows of `size`, in no order. */
export interface Neighbours {
  readonly size: number;
  readonly ids: Int32Array;
  /** p(j | i): each row adds up to 1. */
  readonly affinities: Float32Array;
}

/** Points whose neighbours are sought together, and points that they meet at a time: 4 MB of products. */
const TOGETHER = 256;
const BLOCK = 4096;

/**
 * Distances by |a - b|² = |a|² - 2ab + |b|² in float32 choose some candidates too many, among which distances one by one decide: so
 * those that are nearly the same keep their order.
 *
 * @param points centered, so that the numbers are as small as they can be
 */
export async function affineNeighbours(
  { values, dimension, count }: Rows,
  { neighbors: size, perplexity }: { neighbors: number; perplexity: number },
  signal?: AbortSignalLike,
): Promise<Neighbours> {
  const candidates = Math.min(count - 1, size + Math.max(8, size >> 3));
  const sizes = [
    count * dimension,
    Math.min(BLOCK, count),
    TOGETHER * dimension,
    TOGETHER * Math.min(BLOCK, count),
    TOGETHER * candidates,
    TOGETHER * candidates,
    packedBytes(dimension, Math.min(BLOCK, count)) / 4,
  ];
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, one) => sum + aligned(one), 0));
  const space = allocateBlock(bytesOf(starts.at(-1)! + aligned(sizes.at(-1)!)));
  try {
    const places = starts.map((start) => at(space.ptr, start));
    const [points, squares, queries, products, distances, ids, packed] = places as [
      Ptr,
      Ptr,
      Ptr,
      Ptr,
      Ptr,
      Ptr,
      Ptr,
    ];
    f32(points, values.length).set(values);
    const found = {
      size,
      ids: new Int32Array(count * size),
      affinities: new Float32Array(count * size),
    };
    const k = vectorKernels();
    const entropy = log(perplexity);
    for (let own = 0; own < count; own += TOGETHER) {
      const m = Math.min(TOGETHER, count - own);
      const query = f32(queries, m * dimension);
      const from = f32(at(points, own * dimension), m * dimension);
      for (let i = 0; i < query.length; i++) query[i] = -2 * from[i]!;
      f32(distances, m * candidates).fill(Infinity);
      i32(ids, m * candidates).fill(-1);
      for (let first = 0; first < count; first += BLOCK) {
        const turn = turnOfOthers();
        if (turn) await turn;
        if (signal?.aborted) throw signal.reason;
        const n = Math.min(BLOCK, count - first);
        const some = at(points, first * dimension);
        squareRows(squares, some, n, dimension);
        pack("packBT", packed, some, dimension, n, dimension);
        product(products, queries, packed, { m, n, k: dimension });
        k.keepNearest(distances, ids, candidates, products, squares, m, n, first, own);
      }
      k.refineNearest(distances, ids, candidates, size, points, dimension, m, own);
      takeFirst(distances, ids, m, candidates, size);
      k.affinityRows(distances, distances, m, size, entropy);
      found.ids.set(i32(ids, m * size), own * size);
      found.affinities.set(f32(distances, m * size), own * size);
    }
    return found;
  } finally {
    space.free();
  }
}

/** |row|² of each. */
function squareRows(to: Ptr, rows: Ptr, n: number, dimension: number): void {
  const out = f32(to, n);
  const values = f32(rows, n * dimension);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (const end = at + dimension; at < end; at++) sum += values[at]! * values[at]!;
    out[i] = sum;
  }
}

/** Rows of the first `size` of `candidates`, one behind the other. */
function takeFirst(distances: Ptr, ids: Ptr, m: number, candidates: number, size: number): void {
  for (const values of [f32(distances, m * candidates), i32(ids, m * candidates)])
    for (let i = 1; i < m; i++) values.copyWithin(i * size, i * candidates, i * candidates + size);
}

/** Elements, such that what lies behind them begins at 64 bytes again, behind 64 spare ones. */
function aligned(elements: number): number {
  return Math.ceil(elements / 16) * 16 + 16;
}
