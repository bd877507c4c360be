import { packedWeightBytes, packWeight } from "../ops/packed-weights.js";
import { productPacking, type Packing } from "../ops/products.js";
import type { CellDefinition } from "../ops/recurrent/cell.js";
import type { PackedLayer, Packer } from "../ops/recurrent/step.js";
import type { LayerWeights } from "../ops/recurrent/weights.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";

/** The packed weights of a stream, shared by its clones. */
export class StreamWeights implements Packer {
  readonly layers: readonly PackedLayer[];
  readonly #packing: Packing;
  readonly #blocks: Storage[] = [];
  #holders = 1;

  constructor(weights: readonly LayerWeights[], batch: number, pack: CellDefinition["pack"]) {
    this.#packing = productPacking(batch);
    this.layers = weights.map((layer) => ({
      ...pack(layer, this),
      inputSize: layer.inputWeight.shape[1]!,
    }));
  }

  matrix(weight: Tensor, first = 0, rows = weight.shape[0]!): Ptr {
    const columns = weight.shape[1]!;
    const to = this.#allocate(packedWeightBytes(rows, columns));
    const from = at(weight.address("stream"), first * columns);
    packWeight(this.#packing, to, from, rows, columns);
    return to;
  }

  share(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) for (const block of this.#blocks) block.free();
  }

  sum(a: Tensor | undefined, b?: Tensor): Ptr {
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
