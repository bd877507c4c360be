// From an encoder's final state to a decoder's initial one.
import { checkCall, checkChoice, checkCount, checkKeys } from "../../core/check.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { permute } from "../../ops/permute.js";
import { slice } from "../../ops/slice.js";
import { tanh } from "../../ops/unary.js";
import { zeros } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Linear } from "../linear.js";
import { mergeDirections } from "../merge-directions.js";
import { Module } from "../module.js";
import type { DecoderCell } from "./options.js";
import type { RecurrentDecoderState } from "./inputs.js";

const KINDS = ["bridge", "copy", "zeros"] as const;

export type BridgeKind = (typeof KINDS)[number];

export interface BridgeOptions {
  /**
   * `"bridge"`: tanh of a linear map; `"copy"`: the state itself, layer by layer from the top; `"zeros"`: nothing of it.
   * Default `"bridge"`.
   */
  kind?: BridgeKind | undefined;
  /** The encoder's cell. Default: the decoder's. */
  encoderCell?: DecoderCell | undefined;
  /** Size of h and c of the encoder, of one direction. */
  encoderSize: number;
  /** The encoder's directions: 1 or 2. Default 1. */
  directions?: 1 | 2 | undefined;
  /** The decoder's cell. Default `"lstm"`. */
  cell?: DecoderCell | undefined;
  /** The decoder's hiddenSize. */
  hiddenSize: number;
  /** The decoder's numLayers. Default 1. */
  numLayers?: number | undefined;
}

/** An encoder's final state: each part `[layers · directions, batch, size]`, as recurrent layers give it. */
export interface EncoderState {
  readonly h: Tensor;
  readonly c?: Tensor | undefined;
}

const OP = "Bridge";

/**
 * Makes a decoder's initial state of an encoder's final one.
 *
 * `"bridge"`: each part of each layer is tanh of a linear map of the encoder's last layer, its directions side by side:
 * tanh(W s + b), as Bahdanau et al. (2015, appendix A.2.2) begin and Joey NMT (Kreutzer et al. 2019) after them; c from c
 * where the encoder is an LSTM, else from h. `"copy"`: the encoder's topmost layers, layer by layer, as Luong et al. (2015);
 * two directions side by side where that has the decoder's size (2 · encoderSize = hiddenSize), or their sum where
 * encoderSize = hiddenSize. `"zeros"`: no state is passed on.
 *
 * Parameters of `"bridge"`: `h.weight` `[numLayers · hiddenSize, directions · encoderSize]`, `h.bias`, and of an LSTM
 * `c.weight`, `c.bias`, from U(-1/√in, 1/√in).
 *
 * @example
 * ```ts
 * const encoder = new LSTM(8, 16, { bidirectional: true });
 * const bridge = new Bridge({ encoderSize: 16, directions: 2, hiddenSize: 24, numLayers: 2 });
 * bridge.forward(encoder.forward(randn([3, 5, 8])).state).h.shape; // [2, 3, 24]
 * ```
 */
export class Bridge extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Bridge";
  readonly kind: BridgeKind;
  readonly encoderSize: number;
  readonly directions: 1 | 2;
  readonly encoderCell: DecoderCell;
  readonly cell: DecoderCell;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly h: Linear | undefined;
  readonly c: Linear | undefined;

  /** @throws OptionError for sizes that "copy" cannot fit */
  constructor(options: BridgeOptions) {
    checkCall(
      OP,
      arguments,
      "{kind:string encoderCell:string encoderSize!:number directions:number cell:string hiddenSize!:number numLayers:number}",
    );
    super();
    const { kind = "bridge", encoderSize, directions = 1, hiddenSize, numLayers = 1 } = options;
    const { cell = "lstm", encoderCell = cell } = options;
    checkChoice(OP, "kind", kind, KINDS);
    for (const each of [encoderCell, cell]) checkChoice(OP, "cell", each, ["lstm", "gru", "rnn"]);
    checkCount(OP, "encoderSize", encoderSize);
    checkCount(OP, "hiddenSize", hiddenSize);
    checkCount(OP, "numLayers", numLayers);
    if (directions !== 1 && directions !== 2)
      throw new OptionError({ op: OP, expected: "directions 1 or 2", got: String(directions) });
    [this.kind, this.directions] = [kind, directions];
    [this.cell, this.encoderCell] = [cell, encoderCell];
    [this.encoderSize, this.hiddenSize, this.numLayers] = [encoderSize, hiddenSize, numLayers];
    if (kind === "copy") {
      if (cell === "lstm" && encoderCell !== "lstm")
        throw new OptionError({
          op: OP,
          expected: 'an encoder with an LSTM\'s cell state for kind "copy"',
          got: `"${encoderCell}"`,
          cure: 'Use kind "bridge", or the same cell on both sides.',
        });
      if (encoderSize !== hiddenSize && (directions === 1 || 2 * encoderSize !== hiddenSize))
        throw new OptionError({
          op: OP,
          expected: `an encoder's state that fits hiddenSize ${hiddenSize} as it is`,
          got: `${directions === 2 ? "two directions of " : ""}${encoderSize}`,
          cure: 'Use kind "bridge".',
        });
    }
    if (kind !== "bridge") return;
    const make = () => new Linear(directions * encoderSize, numLayers * hiddenSize);
    this.h = make();
    if (cell === "lstm") this.c = make();
  }

  /**
   * @param state the encoder's, each part `[layers · directions, batch, encoderSize]`
   * @returns each part `[numLayers, batch, hiddenSize]`
   * @throws ShapeError for another state, or for one of fewer layers than "copy" needs
   */
  forward(state: EncoderState): RecurrentDecoderState {
    checkCall("Bridge.forward", arguments, "state:object");
    checkKeys("Bridge.forward", state, "h!:tensor c:tensor");
    const { h, c } = state;
    const first = this.#part(h, this.h);
    if (this.cell !== "lstm") return { h: first };
    const from = this.encoderCell === "lstm" ? c : h;
    if (!from)
      throw new OptionError({
        op: OP,
        expected: "state.c, an LSTM's cell state",
        got: "none",
        cure: "Give encoderCell where the encoder is no LSTM.",
      });
    if (!sameShape(from.shape, h.shape))
      throw new ShapeError({
        op: OP,
        expected: `state.c of h's shape, ${formatShape(h.shape)}`,
        got: formatShape(from.shape),
      });
    return { h: first, c: this.#part(from, this.c) };
  }

  #part(part: Tensor, linear: Linear | undefined): Tensor {
    const { numLayers, hiddenSize, directions, encoderSize, kind } = this;
    const { shape } = part;
    const [slots, batch] = shape as [number, number];
    const needed = directions * (kind === "copy" ? numLayers : 1);
    if (shape.length !== 3 || slots % directions > 0 || slots < needed || shape[2] !== encoderSize)
      throw new ShapeError({
        op: OP,
        expected: `a state [at least ${needed}, batch, ${encoderSize}] ([layers · directions, batch, size])`,
        got: formatShape(shape),
        cure: 'Check encoderSize and directions; kind "bridge" needs only the last layer.',
      });
    if (kind === "zeros") return zeros([numLayers, batch, hiddenSize]);
    const top = slice(part, 0, slots - needed);
    // [layers, directions, batch, size] → [layers, batch, directions · size]
    const layers = top.reshape([needed / directions, directions, batch, encoderSize]);
    const joined = permute(layers, [0, 2, 1, 3]).reshape([-1, batch, directions * encoderSize]);
    if (kind === "copy")
      return mergeDirections(joined, joined.shape[2] === hiddenSize ? "concat" : "sum");
    const mapped = tanh(linear!.forward(joined.reshape([batch, directions * encoderSize])));
    return permute(mapped.reshape([batch, numLayers, hiddenSize]), [1, 0, 2]);
  }
}
