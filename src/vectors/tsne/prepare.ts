// What comes before the descent: settings that fit the points, the points themselves, and where they start.
import { OptionError, ShapeError } from "../../core/errors.js";
import { f32 } from "../../wasm/memory.js";
import { bytesOf } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { pca } from "../pca/pca.js";
import { meanOf, readRows, type Rows } from "../rows.js";
import type { TSNESettings } from "./options.js";

/** openTSNE's: how wide a start is, and how much of it is noise that takes points apart. */
const WIDTH = 1e-4;
const JITTER = 0.01;
const DEFAULT_PERPLEXITY = 30;
const NEIGHBORS = 3;
const TWO_32 = 0x100000000;

/** @throws OptionError for a perplexity or a number of neighbours that so few points do not have */
export function neighbourhood(
  count: number,
  { perplexity, neighbors }: Pick<TSNESettings, "perplexity" | "neighbors">,
): { perplexity: number; neighbors: number } {
  const op = "TSNE";
  if (count < 4) throw new OptionError({ op, expected: "at least 4 vectors", got: String(count) });
  const most = count - 1;
  if (neighbors !== undefined && neighbors > most)
    throw new OptionError({
      op,
      expected: `neighbors of at most ${most}, as there are ${count} vectors`,
      got: String(neighbors),
    });
  const bound = neighbors ?? most / NEIGHBORS;
  if (perplexity !== undefined && perplexity > bound)
    throw new OptionError({
      op,
      expected:
        neighbors === undefined
          ? `a perplexity of at most a third of the other vectors, ${shown(bound)}`
          : `a perplexity of at most neighbors, ${neighbors}`,
      got: String(perplexity),
      cure: "Leave perplexity out for one that fits.",
    });
  const chosen = perplexity ?? Math.min(DEFAULT_PERPLEXITY, bound);
  return { perplexity: chosen, neighbors: neighbors ?? Math.floor(NEIGHBORS * chosen) };
}

function shown(bound: number): string {
  return String(Math.floor(bound * 100) / 100);
}

/** Beyond, squares leave what float32 holds. */
const LARGEST = 1e9;

/**
 * The points as affinities see them: of length 1 where the cosine compares them, and their mean at zero. Affinities are the same
 * at any scale: so points of very large or very small numbers are brought to 1 by a power of two.
 */
export function compared(rows: Rows, metric: "euclidean" | "cosine"): Rows {
  const { dimension, count } = rows;
  const values = Float64Array.from(rows.values);
  if (metric === "cosine")
    for (let from = 0; from < values.length; from += dimension) {
      let sum = 0;
      for (let j = from; j < from + dimension; j++) sum += values[j]! * values[j]!;
      // A vector of zeros has no direction, and stays.
      const factor = sum > 0 ? 1 / Math.sqrt(sum) : 0;
      for (let j = from; j < from + dimension; j++) values[j]! *= factor;
    }
  const mean = meanOf({ values, dimension, count });
  let largest = 0;
  for (let at = 0; at < values.length; at++) {
    values[at]! -= mean[at % dimension]!;
    largest = Math.max(largest, Math.abs(values[at]!));
  }
  if (largest > LARGEST || (largest > 0 && largest < 1 / LARGEST)) {
    let factor = 1;
    while (largest * factor > 1) factor /= 2;
    while (largest * factor < 0.5) factor *= 2;
    for (let at = 0; at < values.length; at++) values[at]! *= factor;
  }
  return { values, dimension, count };
}

/** Where points start, `[n, 2]`. */
export async function startOf(
  points: Rows,
  { initialization, seed }: Pick<TSNESettings, "initialization" | "seed">,
): Promise<Float32Array> {
  const { count, dimension } = points;
  const noise = normals(2 * count, seed).map((value) => value * WIDTH);
  if (initialization === "random") return noise;
  if (initialization !== "pca") {
    const given = readRows("TSNE", initialization);
    if (given.dimension === 2 && given.count === count) return Float32Array.from(given.values);
    throw new ShapeError({
      op: "TSNE",
      expected: `an initialization of ${count} rows of 2 numbers`,
      got: `${given.count} rows of ${given.dimension}`,
    });
  }
  const components = Math.min(2, dimension);
  const { transformed, explainedVariance } = await pca(points, { components });
  const deviation = Math.sqrt((explainedVariance[0]! * (count - 1)) / count);
  if (deviation === 0) return noise;
  return noise.map((value, i) => {
    const column = i % 2;
    const along = column < components ? transformed.values[(i >> 1) * components + column]! : 0;
    return (along / deviation) * WIDTH + value * JITTER;
  });
}

function normals(count: number, seed: number): Float32Array {
  return withScratch(bytesOf(count), (space) => {
    trainingKernels().normalFill(
      space,
      count,
      (seed % TWO_32) | 0,
      Math.floor(seed / TWO_32),
      0,
      0,
    );
    return f32(space, count).slice();
  });
}
