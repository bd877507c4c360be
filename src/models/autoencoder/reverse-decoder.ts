// Vectors to sequences, from their ends (Srivastava et al. 2015).
import { GRU } from "../../nn/gru.js";
import { Linear } from "../../nn/linear.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import { expand } from "../../ops/expand.js";
import { indexSelect } from "../../ops/index-select.js";
import { permute } from "../../ops/permute.js";
import { unbind } from "../../ops/slice.js";
import { tanh } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AutoencoderSettings } from "./options.js";

/**
 * Recurrent layers that begin with a state made of a vector, read the vector at each step, and write a sequence from its last step to
 * its first: what the encoder read last is what its vector holds best, and comes out first.
 */
export class ReverseDecoder extends Module {
  readonly start: Linear;
  readonly recurrent: LSTM | GRU;
  readonly head: Linear;

  /** @param features numbers of a step that is written */
  constructor(features: number, settings: AutoencoderSettings) {
    super();
    const { cell, hiddenSize, numLayers, outputSize } = settings;
    const parts = cell === "lstm" ? 2 : 1;
    this.start = new Linear(outputSize, parts * numLayers * hiddenSize);
    const Layers = cell === "lstm" ? LSTM : GRU;
    this.recurrent = new Layers(outputSize, hiddenSize, { numLayers });
    this.head = new Linear(hiddenSize, features);
  }

  /** Vectors `[batch, outputSize]` → sequences `[batch, time, features]`, the first step first. */
  forward(vectors: Tensor, lengths: Int32Array, time: number): Tensor {
    const [batch, size] = vectors.shape as [number, number];
    const each = expand(vectors.reshape([batch, 1, size]), [batch, time, size]);
    const [h, c] = this.#state(vectors);
    const { recurrent } = this;
    const { output } =
      recurrent instanceof LSTM
        ? recurrent.forward(each, { state: { h: h!, c: c! } })
        : recurrent.forward(each, { state: { h: h! } });
    const hidden = recurrent.hiddenSize;
    const order = tensor(reversed(lengths, time));
    const turned = indexSelect(output.reshape([batch * time, hidden]), 0, order);
    return this.head.forward(turned.reshape([batch, time, hidden]));
  }

  /** The parts of the state that layers begin with, `[numLayers, batch, hidden]` each. */
  #state(vectors: Tensor): Tensor[] {
    const { numLayers, hiddenSize } = this.recurrent;
    const parts = this.recurrent instanceof LSTM ? 2 : 1;
    const state = tanh(this.start.forward(vectors));
    const shape = [vectors.shape[0]!, parts, numLayers, hiddenSize];
    return unbind(permute(state.reshape(shape), [1, 2, 0, 3]), 0);
  }
}

/** Where each step of a batch stands when the steps of each row are turned round; what is past a length stays. */
function reversed(lengths: Int32Array, time: number): Int32Array {
  const places = new Int32Array(lengths.length * time);
  lengths.forEach((length, row) => {
    for (let t = 0; t < time; t++)
      places[row * time + t] = row * time + (t < length ? length - 1 - t : t);
  });
  return places;
}
