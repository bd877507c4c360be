import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";

/** Words of a record: parameter, gradient, length, up to three moments, two spare. */
const RECORD_WORDS = 8;

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
