import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { productPacking } from "../ops/packed.js";
import type { LayerWeights } from "../ops/recurrent/weights.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero } from "../wasm/memory.js";

/** Addresses of one layer's weights as the step kernels read them. */
export interface PackedLayer {
  readonly inputSize: number;
  readonly wx: number;
  readonly wh: number;
  readonly bias: number;
}

/** The packed weights of a stream, shared by its clones. */
export class StreamWeights {
  readonly layers: readonly PackedLayer[];
  readonly #blocks: Storage[] = [];
  #holders = 1;

  constructor(weights: readonly LayerWeights[], batch: number) {
    this.layers = weights.map(({ inputWeight, hiddenWeight, inputBias, hiddenBias }) => ({
      inputSize: inputWeight.shape[1]!,
      wx: this.#pack(inputWeight, batch),
      wh: this.#pack(hiddenWeight, batch),
      bias: this.#sum(inputWeight.shape[0]!, inputBias, hiddenBias),
    }));
  }

  share(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) for (const block of this.#blocks) block.free();
  }

  #pack(weight: Tensor, batch: number): number {
    const [rows, columns] = weight.shape as [number, number];
    const packing = productPacking(batch);
    const to = this.#allocate(packing.bytes(rows, columns));
    packing.pack(to, weight.address("stream"), rows, columns);
    return to;
  }

  #sum(rows: number, a: Tensor | undefined, b: Tensor | undefined): number {
    const bytes = rows * BYTES_PER_ELEMENT;
    const to = this.#allocate(bytes);
    if (a && b) kernels().add(to, a.address("stream"), b.address("stream"), rows);
    else fillZero(to, bytes);
    return to;
  }

  #allocate(bytes: number): number {
    const block = allocateBlock(bytes);
    this.#blocks.push(block);
    return block.ptr;
  }
}
