import type { Parameter } from "../tensor/parameter.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";

/** Words of a record: parameter, gradient, length, up to three moments, two spare. */
const RECORD_WORDS = 8;

/** The kernels' table of (parameter, gradient, moments, length): one call does a whole group. */
export class GradientTable {
  readonly #storage: Storage;

  constructor(capacity: number) {
    this.#storage = allocateBlock(capacity * RECORD_WORDS * 4);
  }

  get ptr(): number {
    return this.#storage.address("step");
  }

  /** Writes one record for each parameter; all must have a gradient. */
  fill(
    parameters: readonly Parameter[],
    momentsOf: (parameter: Parameter) => readonly Tensor[],
  ): void {
    const words = i32(this.ptr, parameters.length * RECORD_WORDS);
    parameters.forEach((parameter, i) => {
      const moments = momentsOf(parameter).map((moment) => moment.address("step"));
      const gradient = parameter.grad!.address("step");
      words.set(
        [parameter.address("step"), gradient, parameter.size, ...moments],
        i * RECORD_WORDS,
      );
    });
  }

  dispose(): void {
    this.#storage.free();
  }
}
