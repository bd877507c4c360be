// What reads the source, of whatever layers it is made.
import type { Embedding } from "../../nn/embedding.js";
import { Module } from "../../nn/module.js";
import { concat } from "../../ops/join.js";
import type { Tensor } from "../../tensor/tensor.js";

/** A batch of sources, read. */
export interface ReadSources {
  /** `[batch, time, size]` */
  readonly output: Tensor;
  readonly lengths: Int32Array;
}

export abstract class SourceEncoder<Read extends ReadSources = ReadSources> extends Module {
  abstract readonly embedding: Embedding;
  /** Numbers that it gives for each token. */
  abstract readonly size: number;

  abstract forward(batch: readonly Int32Array[]): Read;

  /** One source, read, as several rows. */
  abstract repeated(read: Read, rows: number): Read;
}

/** A tensor so many times along an axis of one row. */
export function repeatRow(x: Tensor, rows: number, axis: number): Tensor {
  if (rows === 1) return x;
  return concat(
    Array.from({ length: rows }, () => x),
    axis,
  );
}

/** Lengths of one row as those of several. */
export function repeatLength([length]: Int32Array, rows: number): Int32Array {
  return new Int32Array(rows).fill(length!);
}
