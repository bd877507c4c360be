import { noGrad } from "../../autograd/mode.js";
import type { KeptKeys } from "../../ops/attention/step.js";
import { linear } from "../../ops/linear.js";
import { slice } from "../../ops/slice.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import { copyBytes } from "../../wasm/memory.js";
import { at, bytesOf } from "../../wasm/ptr.js";
import type { TransformerDecoderLayer } from "./decoder-layer.js";

/** A memory as the layers of a decoder's stream read it: keys and values, projected once. */
export class StreamSources {
  readonly layers: readonly KeptKeys[];
  /** Steps that count of each source. */
  readonly lengths: Int32Array;
  readonly #blocks: readonly Storage[];

  /**
   * @param memory `[sources, time, dModel]`, cleared past the lengths
   * @param lengths undefined: all
   */
  constructor(
    op: string,
    layers: readonly TransformerDecoderLayer[],
    memory: Tensor,
    lengths: Int32Array | undefined,
  ) {
    const [sources, time, dModel] = memory.shape as [number, number, number];
    this.lengths = lengths ?? new Int32Array(sources).fill(time);
    this.#blocks = layers.map(({ multihead_attn: { in_proj_weight, in_proj_bias } }) => {
      const block = allocateBlock(bytesOf(memory.size * 2));
      scopeWithin(() =>
        noGrad(() => {
          const [first, end] = [dModel, 3 * dModel];
          const bias = in_proj_bias && slice(in_proj_bias, 0, first, end);
          const both = linear(memory, slice(in_proj_weight!, 0, first, end), bias);
          copyBytes(block.ptr, both.address(op), block.bytes);
        }),
      );
      return block;
    });
    this.layers = this.#blocks.map(({ ptr }) => ({
      ...{ keys: ptr, values: at(ptr, dModel), capacity: time },
      ...{ keyRow: 2 * dModel, valueRow: 2 * dModel },
    }));
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}
