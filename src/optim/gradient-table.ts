import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32, scratch } from "../wasm/memory.js";

/** Words of a record: parameter, gradient, length, up to three moments, two spare. */
const RECORD_WORDS = 8;

/**
 * Address of the kernels' table of (parameter, gradient, length, moments), in scratch space: one call does a whole group.
 * All parameters must have a gradient.
 *
 * @param momentsOf allocates nothing
 */
export function gradientTable(
  parameters: readonly Parameter[],
  momentsOf?: (parameter: Parameter) => readonly Tensor[],
): number {
  const table = scratch(parameters.length * RECORD_WORDS * 4);
  const words = i32(table, parameters.length * RECORD_WORDS);
  let at = 0;
  for (const parameter of parameters) {
    words[at] = parameter.address("step");
    words[at + 1] = parameter.grad!.address("step");
    words[at + 2] = parameter.size;
    momentsOf?.(parameter).forEach((moment, i) => (words[at + 3 + i] = moment.address("step")));
    at += RECORD_WORDS;
  }
  return table;
}
