// What reads the source, of whatever layers it is made: tokens of a text, or a picture.
import { Module } from "../../nn/module.js";
import { indexSelect } from "../../ops/index-select.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";

/** A batch of sources, read. */
export interface ReadSources {
  /** `[batch, time, size]`: of a text its tokens, of a picture its places. */
  readonly output: Tensor;
  readonly lengths: Int32Array;
}

/** @typeParam Source a source as it is read: ids of tokens, or pixels */
export abstract class SourceEncoder<
  Read extends ReadSources = ReadSources,
  Source = Int32Array,
> extends Module {
  /** Numbers that it gives for each token. */
  abstract readonly size: number;

  abstract forward(batch: readonly Source[]): Read;

  /** Sources of a batch, each as often as `rows` names it. */
  abstract selected(read: Read, rows: Int32Array): Read;
}

/** Rows of an axis. */
export function selectRows(x: Tensor, axis: number, rows: Int32Array): Tensor {
  return indexSelect(x, axis, tensor(rows));
}

export function selectLengths(lengths: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => lengths[row]!);
}
