import type { Parameter } from "../tensor/parameter.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";

/** Words of a record: parameter, gradient, two moments, length, three spare. */
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
      const [first, second] = momentsOf(parameter);
      words.set(
        [
          parameter.address("step"),
          parameter.grad!.address("step"),
          first?.address("step") ?? 0,
          second?.address("step") ?? 0,
          parameter.size,
        ],
        i * RECORD_WORDS,
      );
    });
  }

  dispose(): void {
    this.#storage.free();
  }
}
