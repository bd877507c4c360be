import { checkCall, checkCount, checkKeys } from "../../core/check.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape, sameShape, type Shape } from "../../core/shape.js";
import { dropout } from "../../ops/dropout.js";
import { concat } from "../../ops/join.js";
import type { Lengths } from "../../ops/lengths.js";
import { gru } from "../../ops/recurrent/gru.js";
import type { Cell } from "../../ops/recurrent/layer.js";
import { lstm } from "../../ops/recurrent/lstm.js";
import { rnn } from "../../ops/recurrent/rnn.js";
import type { LayerWeights } from "../../ops/recurrent/weights.js";
import { tanh } from "../../ops/unary.js";
import { zeros } from "../../tensor/create.js";
import type { Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Attention, type AttentionMemory, type MemoryOptions } from "../attention.js";
import { Linear } from "../linear.js";
import { Module } from "../module.js";
import { checkInput, checkState } from "../recurrent-input.js";
import { addLayerWeights } from "../recurrent-weights.js";
import { reprOf } from "../repr.js";
import { scanCell } from "../scan.js";
import {
  DECODER_DEFAULTS,
  DECODER_KEYS,
  decoderSettings,
  type DecoderSettings,
  type RecurrentDecoderOptions,
} from "./options.js";
import { DecoderStream, type DecoderStreamOptions } from "./stream.js";

/** A decoder's state. */
export interface RecurrentDecoderState {
  /** `[numLayers, batch, hiddenSize]` */
  readonly h: Tensor;
  /** Of an LSTM: `[numLayers, batch, hiddenSize]`. */
  readonly c?: Tensor | undefined;
  /** What the last step fed back, `[batch, attentionSize]` ("inputFeeding") or `[batch, memorySize]` ("gnmt"). Default zeros. */
  readonly feed?: Tensor | undefined;
}

/** What a decoder reads beside its input. */
export interface DecoderInputs {
  /** From {@link RecurrentDecoder.memory}; needed with attention. */
  memory?: AttentionMemory | undefined;
  /** The fixed vector of each row, `[batch, encodingSize]`; needed with encodingSize. */
  encoding?: Tensor | undefined;
  /** Where to start. Default zeros. */
  state?: RecurrentDecoderState | undefined;
}

export interface DecoderStepOptions<NeedWeights extends boolean = false> extends DecoderInputs {
  /** Whether the result has the weights of the attention. Default false. */
  needWeights?: NeedWeights | undefined;
}

export interface DecoderForwardOptions<
  NeedWeights extends boolean = false,
> extends DecoderStepOptions<NeedWeights> {
  /** Steps that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
}

export interface Decoded {
  /** `[batch, time, outputSize]`, or of a step `[batch, outputSize]`. */
  readonly output: Tensor;
  readonly state: RecurrentDecoderState;
}

export interface DecodedWithWeights extends Decoded {
  /** How much each step takes of each key, `[batch, time, keys]`, or of a step `[batch, keys]`. */
  readonly weights: Tensor;
}

type DecodedBy<NeedWeights extends boolean> = NeedWeights extends true
  ? DecodedWithWeights
  : Decoded;

const CELLS: Readonly<Record<DecoderSettings["cell"], Cell>> = { lstm, gru, rnn };
const OP = "RecurrentDecoder";
const STEP = "memory:object encoding:tensor state:object needWeights:boolean";

/** The recurrent decoder of an encoder-decoder. */
export class RecurrentDecoder extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "RecurrentDecoder";
  declare readonly inputSize: number;
  declare readonly hiddenSize: number;
  declare readonly cell: DecoderSettings["cell"];
  declare readonly numLayers: number;
  declare readonly memorySize: number;
  declare readonly placement: DecoderSettings["placement"];
  declare readonly attentionSize: number;
  declare readonly encodingSize: number;
  declare readonly skip: DecoderSettings["skip"];
  declare readonly dropout: number;
  declare readonly variationalDropout: boolean;
  declare readonly recurrentDropout: number;
  declare readonly bias: boolean;
  readonly attention: Attention | undefined;
  /** Makes the attentional vector. */
  readonly combine: Linear | undefined;
  /** A parameter by its name in the state dict. */
  readonly [name: `weight_${string}` | `bias_${string}`]: Parameter;
  readonly #cell: Cell;
  readonly #layers: readonly LayerWeights[];

  constructor(inputSize: number, hiddenSize: number, options: RecurrentDecoderOptions = {}) {
    checkCall(OP, arguments, `inputSize hiddenSize {${DECODER_KEYS}}`);
    super();
    checkCount(OP, "inputSize", inputSize);
    checkCount(OP, "hiddenSize", hiddenSize);
    const { attention: score, ...settings } = decoderSettings(hiddenSize, options);
    Object.assign(this, { inputSize, hiddenSize }, settings);
    this.#cell = CELLS[settings.cell];
    this.#layers = Array.from({ length: settings.numLayers }, (_, layer) => {
      const size = this.encodingSize + (layer === 0 ? inputSize : hiddenSize) + this.#fed(layer);
      const sizes = { ...this, gates: this.#cell.gates, inputSize: size, projSize: 0 };
      return addLayerWeights(this, `l${layer}`, sizes);
    });
    if (score === "none") return;
    const { memorySize, attentionSize } = settings;
    this.attention = new Attention({ score, querySize: hiddenSize, keySize: memorySize });
    if (attentionSize > 0)
      this.combine = new Linear(memorySize + hiddenSize, attentionSize, { bias: false });
  }

  /** Numbers that the output layer reads. */
  get outputSize(): number {
    const { attention, combine, hiddenSize, memorySize } = this;
    const read = combine ? this.attentionSize : hiddenSize + (attention ? memorySize : 0);
    return read + this.encodingSize;
  }

  /** Makes what an encoder gave ready for the attention: {@link Attention.memory}. */
  memory(keys: Tensor, options: MemoryOptions = {}): AttentionMemory {
    if (!this.attention)
      throw new OptionError({ op: `${OP}.memory`, expected: "attention", got: 'attention "none"' });
    return this.attention.memory(keys, options);
  }

  /** x `[batch, time, inputSize]` → output `[batch, time, outputSize]` */
  forward<NeedWeights extends boolean = false>(
    x: Tensor,
    options: DecoderForwardOptions<NeedWeights> = {},
  ): DecodedBy<NeedWeights> {
    checkCall(`${OP}.forward`, arguments, `x:tensor {${STEP} lengths:list|tensor}`);
    checkInput(OP, x, this.inputSize, 3);
    const { memory, encoding, lengths } = options;
    const initial = this.#check(x.shape[0]!, options);
    type Carried = Required<Pick<RecurrentDecoderState, "h">> & { readonly [part: string]: Tensor };
    const { output, state: final } = scanCell(
      (frame: Tensor, carried: Carried | undefined) => {
        const from = carried && this.#layersFirst(carried);
        const step = this.#step(frame, memory, encoding, from as never);
        const joined = step.weights ? concat([step.output, step.weights], -1) : step.output;
        return { output: joined, state: this.#batchFirst(step.state) as Carried };
      },
      x,
      { state: this.#batchFirst(initial) as Carried, lengths: lengths! },
    );
    const size = this.outputSize;
    const result = {
      output: output.slice(-1, 0, size),
      state: this.#layersFirst(final) as unknown as RecurrentDecoderState,
    };
    if (!options.needWeights) return result as DecodedBy<NeedWeights>;
    return { ...result, weights: output.slice(-1, size) } as unknown as DecodedBy<NeedWeights>;
  }

  /** x `[batch, inputSize]` → output `[batch, outputSize]`: one step, differentiable, composed of other operations. */
  step<NeedWeights extends boolean = false>(
    x: Tensor,
    options: DecoderStepOptions<NeedWeights> = {},
  ): DecodedBy<NeedWeights> {
    checkCall(`${OP}.step`, arguments, `x:tensor {${STEP}}`);
    checkInput(OP, x, this.inputSize, 2);
    const { memory, encoding } = options;
    const all = this.#step(x, memory, encoding, this.#check(x.shape[0]!, options));
    const { output, state } = all;
    return (options.needWeights ? all : { output, state }) as DecodedBy<NeedWeights>;
  }

  /** The decoder step by step, without a graph. */
  stream(options: DecoderStreamOptions = {}): DecoderStream {
    return new DecoderStream(this, options);
  }

  protected override extraRepr(): string {
    const defaults = { ...DECODER_DEFAULTS, attention: this.attention };
    return reprOf([this.inputSize, this.hiddenSize], this, defaults);
  }

  #batchFirst(state: RecurrentDecoderState): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(state).map(([name, part]) => [
        name,
        name === "feed" ? part : (part as Tensor).permute([1, 0, 2]),
      ]),
    ) as Record<string, Tensor>;
  }

  #layersFirst(state: Record<string, Tensor>): Record<string, Tensor> {
    return this.#batchFirst(state as never);
  }

  /** Features of what is fed to a layer beside the outputs of the one below. */
  #fed(layer: number): number {
    if (this.placement === "gnmt") return this.memorySize;
    return this.placement === "inputFeeding" && layer === 0 ? this.attentionSize : 0;
  }

  /** Refuses what does not fit; gives the state to start from. */
  #check(batch: number, { memory, encoding, state }: DecoderInputs): RecurrentDecoderState {
    if (memory) {
      checkKeys(OP, memory, "keys!:tensor values!:tensor mask:tensor");
      const { shape } = memory.values;
      if (shape[0] !== batch || shape[2] !== this.memorySize)
        throw new ShapeError({
          op: OP,
          expected: `a memory of ${batch} rows with values [${batch}, keys, ${this.memorySize}]`,
          got: formatShape(shape),
        });
    }
    if (Boolean(this.attention) !== Boolean(memory))
      throw new OptionError({
        op: OP,
        expected: this.attention ? "a memory" : 'no memory where attention is "none"',
        got: memory ? "one" : "none",
        cure: this.attention ? "Make it of the encoder's outputs by decoder.memory(…)." : undefined,
      });
    const { encodingSize, hiddenSize, numLayers } = this;
    if (encoding ? !sameShape(encoding.shape, [batch, encodingSize]) : encodingSize > 0)
      throw new ShapeError({
        op: OP,
        expected: encodingSize > 0 ? `an encoding [${batch}, ${encodingSize}]` : "no encoding",
        got: encoding ? formatShape(encoding.shape) : "none",
      });
    const feed = this.#fed(0);
    const shapes: Record<string, Shape> = Object.fromEntries(
      this.#cell.parts.map((part) => [part, [numLayers, batch, hiddenSize]]),
    );
    if (feed > 0) shapes["feed"] = [batch, feed];
    const fresh = Object.fromEntries(
      Object.entries(shapes)
        .filter(([part]) => !state || part === "feed")
        .map(([part, shape]) => [part, zeros(shape)]),
    );
    const whole = { ...fresh, ...(state as object) } as Record<string, Tensor>;
    checkState(OP, whole, shapes);
    return whole as unknown as RecurrentDecoderState;
  }

  #step(
    x: Tensor,
    memory: AttentionMemory | undefined,
    encoding: Tensor | undefined,
    state: RecurrentDecoderState,
  ): DecodedWithWeights {
    const { placement, hiddenSize, attention, combine } = this;
    const p = this.training ? this.dropout : 0;
    const parts = this.#cell.parts.map((part) => state[part as "h"]);
    const finals: Tensor[][] = [];
    let { feed } = state;
    let weights: Tensor | undefined;
    let below = x;
    const attend = (query: Tensor): Tensor => {
      const { output, weights: own } = attention!.forward(query, memory!, { needWeights: true });
      weights = own;
      return output;
    };
    this.#layers.forEach((own, layer) => {
      const read =
        layer === 0
          ? below
          : dropout(this.#beside(below, layer > 0 && placement === "gnmt" ? feed : undefined), p);
      const input = layer === 0 ? this.#beside(read, feed) : read;
      const whole = encoding ? concat([encoding, input], -1) : input;
      const mask =
        this.training && this.recurrentDropout > 0
          ? dropout(zeros([1, x.shape[0]!, hiddenSize]).add(1), this.recurrentDropout)
          : undefined;
      const [output, ...final] = this.#cell.layer(whole, [own], {
        hiddenSize,
        initial: parts,
        slot: layer,
        mask,
      });
      finals.push(final);
      below = layer > 0 && this.skip === "residual" ? output!.add(below) : output!;
      if (layer === 0 && placement === "gnmt") feed = attend(below);
    });
    let output = below;
    if (combine) {
      output = dropout(tanh(combine.forward(concat([attend(below), below], -1))), p);
      if (placement === "inputFeeding") feed = output;
    } else if (placement === "gnmt") output = concat([below, feed!], -1);
    if (encoding) output = concat([output, encoding], -1);
    const named = this.#cell.parts.map((part, i) => [
      part,
      concat(finals.map((final) => final[i]!)),
    ]);
    const next = Object.fromEntries(named) as RecurrentDecoderState;
    return { output, state: feed ? { ...next, feed } : next, weights: weights! };
  }

  #beside(x: Tensor, fed: Tensor | undefined): Tensor {
    return fed ? concat([x, fed], -1) : x;
  }
}
