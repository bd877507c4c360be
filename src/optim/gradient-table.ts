import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32, scratch } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";

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
): Ptr {
  const table = scratch(bytesOf(parameters.length * RECORD_WORDS));
  const words = i32(table, parameters.length * RECORD_WORDS);
  parameters.forEach((parameter, index) => {
    const first = index * RECORD_WORDS;
    words[first] = parameter.address("step");
    words[first + 1] = parameter.grad!.address("step");
    words[first + 2] = parameter.size;
    moments?.[index]!.forEach((moment, i) => (words[first + 3 + i] = moment.address("step")));
  });
  return table;
}
