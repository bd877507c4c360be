import { packedWeightBytes, packWeight } from "../../ops/packed-weights.js";
import { productPacking, type Packing } from "../../ops/products.js";
import type { Packer } from "../../ops/recurrent/step.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";

/**
 * The packed weights of a decoder's or a Transformer's stream. A search makes a stream for each batch of sources: what it packs is kept with
 * the weight for the next one, until the weight changes. A stream in use keeps what it began with.
 */
export class SharedWeights implements Packer {
  readonly #packing: Packing;
  readonly #held: Storage[] = [];
  readonly #op: string;

  /** @param rows of a step at the most */
  constructor(rows: number, op = "RecurrentDecoder.stream") {
    this.#packing = productPacking(rows);
    this.#op = op;
  }

  matrix(weight: Tensor, first = 0, rows = weight.shape[0]!): Ptr {
    const columns = weight.shape[1]!;
    const { storage } = weight;
    // Under a name of its own and for no rows: what products keep beside it is packed anew in place.
    const packing = `stream ${this.#packing} ${first} ${rows} ${columns}`;
    const { version } = storage;
    let kept = storage.derived?.find((each) => each.packing === packing);
    if (kept && kept.version !== version) {
      kept.storage.release();
      storage.derived = storage.derived!.filter((each) => each !== kept);
      kept = undefined;
    }
    if (kept) kept.storage.holders++;
    const copy = kept?.storage ?? allocateBlock(packedWeightBytes(rows, columns));
    this.#held.push(copy);
    if (kept) return copy.ptr;
    packWeight(
      this.#packing,
      copy.ptr,
      at(weight.address(this.#op), first * columns),
      rows,
      columns,
    );
    // A scope's tensor passes with its scope: there is no one to keep it.
    if (!storage.scope) {
      copy.holders++;
      const none = { first: 0, rows: 0, columns: 0 };
      (storage.derived ??= []).push({ storage: copy, packing, version, ...none });
    }
    return copy.ptr;
  }

  sum(a: Tensor | undefined, b?: Tensor): Ptr {
    if (!a) return 0;
    const bytes = bytesOf(a.size);
    const sum = allocateBlock(bytes);
    this.#held.push(sum);
    if (b) kernels().add(sum.ptr, a.address(this.#op), b.address(this.#op), a.size);
    else copyBytes(sum.ptr, a.address(this.#op), bytes);
    return sum.ptr;
  }

  release(): void {
    for (const block of this.#held) block.release();
  }
}
