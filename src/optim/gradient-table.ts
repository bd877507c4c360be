import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";

/** Words of a record: parameter, gradient, length, up to three moments, two spare. */
export const RECORD_WORDS = 8;

/**
 * Lends `run` the kernels' table of (parameter, gradient, length, moments): one call does a whole group. All parameters
 * must have a gradient.
 *
 * @param moments of each parameter; undefined where the kernel needs none
 */
export function withGradientTable<T>(
  parameters: readonly Parameter[],
  moments: readonly (readonly Tensor[])[] | undefined,
  run: (table: Ptr) => T,
): T {
  const count = parameters.length * RECORD_WORDS;
  return withScratch(bytesOf(count), (table) => {
    const words = i32(table, count);
    parameters.forEach((parameter, index) => {
      const first = index * RECORD_WORDS;
      words[first] = parameter.address("step");
      words[first + 1] = parameter.grad!.address("step");
      words[first + 2] = parameter.size;
      moments?.[index]!.forEach((moment, i) => (words[first + 3 + i] = moment.address("step")));
    });
    return run(table);
  });
}

/**
 * The same for some rows of one matrix, a record each.
 *
 * @param rows distinct
 */
export function withRowTable<T>(
  parameter: Parameter,
  moments: readonly Tensor[],
  rows: readonly number[],
  run: (table: Ptr) => T,
): T {
  const width = parameter.shape[1]!;
  const starts = [parameter, parameter.grad!].map((each) => each.address("step"));
  const states = moments.map((each) => each.address("step"));
  return withScratch(bytesOf(rows.length * RECORD_WORDS), (table) => {
    const words = i32(table, rows.length * RECORD_WORDS);
    rows.forEach((row, index) => {
      const first = index * RECORD_WORDS;
      starts.forEach((start, i) => (words[first + i] = at(start, row * width)));
      words[first + 2] = width;
      states.forEach((start, i) => (words[first + 3 + i] = at(start, row * width)));
    });
    return run(table);
  });
}
