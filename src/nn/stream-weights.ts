import { pack, packedSize, productPacking } from "../ops/packed.js";
import type { LayerWeights } from "../ops/recurrent/weights.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";

/** Addresses of one layer's weights as the step kernels read them; 0 stands for what there is none of. */
export interface PackedWeights {
  readonly wx: Ptr;
  readonly wh: Ptr;
  readonly bias: Ptr;
  /** What the cell has beside these. */
  readonly extra: Ptr;
}

export interface PackedLayer extends PackedWeights {
  readonly inputSize: number;
}

/** Makes the copies that a stream owns. */
export interface Packer {
  /** A weight, or some of its rows, for products with a batch of rows. */
  matrix(weight: Tensor, first?: number, rows?: number): Ptr;
  /** The sum of the biases that there are. */
  sum(a: Tensor | undefined, b?: Tensor): Ptr;
}

/** How most cells read their weights: both biases as one. */
export function packSummed(
  { inputWeight, hiddenWeight, inputBias, hiddenBias }: LayerWeights,
  packer: Packer,
): PackedWeights {
  return {
    wx: packer.matrix(inputWeight),
    wh: packer.matrix(hiddenWeight),
    bias: packer.sum(inputBias, hiddenBias),
    extra: 0,
  };
}

/** The packed weights of a stream, shared by its clones. */
export class StreamWeights {
  readonly layers: readonly PackedLayer[];
  readonly #blocks: Storage[] = [];
  #holders = 1;

  constructor(
    weights: readonly LayerWeights[],
    batch: number,
    packLayer: (weights: LayerWeights, packer: Packer) => PackedWeights,
  ) {
    const packer: Packer = {
      matrix: (weight, first, rows) => this.#matrix(weight, batch, first, rows),
      sum: (a, b) => this.#sum(a, b),
    };
    this.layers = weights.map((layer) => ({
      ...packLayer(layer, packer),
      inputSize: layer.inputWeight.shape[1]!,
    }));
  }

  share(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) for (const block of this.#blocks) block.free();
  }

  #matrix(weight: Tensor, batch: number, first = 0, rows = weight.shape[0]!): Ptr {
    const columns = weight.shape[1]!;
    const packing = productPacking(batch);
    const to = this.#allocate(packedSize(rows, columns));
    const from = at(weight.address("stream"), first * columns);
    pack(packing, to, from, rows, columns);
    return to;
  }

  #sum(a: Tensor | undefined, b: Tensor | undefined): Ptr {
    if (!a) return 0;
    const bytes = bytesOf(a.size);
    const to = this.#allocate(bytes);
    if (b) kernels().add(to, a.address("stream"), b.address("stream"), a.size);
    else copyBytes(to, a.address("stream"), bytes);
    return to;
  }

  #allocate(bytes: number): Ptr {
    const block = allocateBlock(bytes);
    this.#blocks.push(block);
    return block.ptr;
  }
}
