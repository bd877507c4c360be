import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32, scratch } from "../wasm/memory.js";

/** Words of a record: parameter, gradient, length, up to three moments, two spare. */
const RECORD_WORDS = 8;

/**
 * Address of the kernels' table of (parameter, gradient, length, moments), in scratch space: one call does a whole group.
 * All parameters must have a gradient.
 *
 * @param moments of each parameter
 */
export function gradientTable(
  parameters: readonly Parameter[],
  moments?: readonly (readonly Tensor[])[],
): number {
  const table = scratch(parameters.length * RECORD_WORDS * 4);
  const words = i32(table, parameters.length * RECORD_WORDS);
  parameters.forEach((parameter, index) => {
    const at = index * RECORD_WORDS;
    words[at] = parameter.address("step");
    words[at + 1] = parameter.grad!.address("step");
    words[at + 2] = parameter.size;
    moments?.[index]!.forEach((moment, i) => (words[at + 3 + i] = moment.address("step")));
  });
  return table;
}
