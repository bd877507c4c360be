import { records } from "../../autograd/mode.js";
import { checkCall, checkCount } from "../../core/check.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { checkLengths, type Lengths } from "../../ops/lengths.js";
import { gru } from "../../ops/recurrent/gru.js";
import type { Cell } from "../../ops/recurrent/layer.js";
import { lstm } from "../../ops/recurrent/lstm.js";
import { rnn } from "../../ops/recurrent/rnn.js";
import type { LayerWeights } from "../../ops/recurrent/weights.js";
import type { Parameter } from "../../tensor/parameter.js";
import { scopeReturning } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Attention, type AttentionMemory, type MemoryOptions } from "../attention.js";
import { Linear } from "../linear.js";
import { Module } from "../module.js";
import { checkInput } from "../recurrent-input.js";
import { addLayerWeights } from "../recurrent-weights.js";
import { reprOf } from "../repr.js";
import {
  checkInputs,
  type DecoderInputs,
  type InputSizes,
  type RecurrentDecoderState,
  wholeState,
} from "./inputs.js";
import { runStep } from "./one-step.js";
import {
  DECODER_DEFAULTS,
  DECODER_KEYS,
  decoderSettings,
  type DecoderSettings,
  type RecurrentDecoderOptions,
} from "./options.js";
import type { DecoderParts } from "./parts.js";
import { DecoderStream, type DecoderStreamOptions } from "./stream.js";
import { runTarget, type Target, type TargetOutputs } from "./whole-target.js";

export interface DecoderStepOptions<NeedWeights extends boolean = false> extends DecoderInputs {
  /** Whether the result has the attention's weights. Default false; needs attention. */
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
  /** After each row's last step. */
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
const INPUTS = "memory:object encoding:tensor state:object needWeights:boolean";

/**
 * The recurrent decoder of an encoder-decoder: layers of LSTM, GRU or RNN over the embedded target, with attention to what
 * the encoder made of the source. What its outputs are read by (a `Linear` to the vocabulary) is not part of it. With h the
 * output of the top layer and c_t the context, the values mixed by the attention, the placements are
 *
 * - `"output"`: the attentional vector tanh(W_c [c_t; h_t]) is the output; nothing is fed back;
 * - `"inputFeeding"`: as that, and the lowest layer reads it at the next step beside its input (Luong et al.: Effective
 *   Approaches to Attention-based Neural Machine Translation, 2015);
 * - `"gnmt"`: the lowest layer reads the last context beside its input and asks for the next; every layer above
 *   reads that beside the layer below, and it stands beside the output (Wu et al.: Google's Neural Machine Translation System,
 *   2016, as tf/nmt's `gnmt_v2` has it).
 *
 * With `encodingSize` every layer reads a fixed vector at every step, and the output has it beside it (the "peeky" decoder;
 * Cho et al. 2014).
 *
 * Parameters: as PyTorch's layers `weight_ih_l0` `[gates·hidden, in]`, `weight_hh_l0` `[gates·hidden, hidden]`,
 * `bias_ih_l0`, `bias_hh_l0` `[gates·hidden]`, then `_l1` and so on, from U(-1/√hidden, 1/√hidden). The columns of
 * `weight_ih` are in the order [encoding | x | what is fed back] in the lowest layer, [encoding | layer below | context] in
 * the others. `attention.…` as {@link Attention}'s; `combine.weight` `[attentionSize, memorySize + hidden]`, columns
 * [context | h], from U(-1/√in, 1/√in).
 *
 * @example
 * ```ts
 * const encoder = new LSTM(8, 16);
 * const decoder = new RecurrentDecoder(8, 16, { memorySize: 16, placement: "inputFeeding" });
 * const source = encoder.forward(randn([2, 5, 8]), { lengths: [5, 3] });
 * const memory = decoder.memory(source.output, { lengths: [5, 3] });
 * const { output } = decoder.forward(randn([2, 7, 8]), { memory, state: source.state });
 * output.shape; // [2, 7, 16]
 * ```
 */
export class RecurrentDecoder extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "RecurrentDecoder";
  declare readonly inputSize: number;
  declare readonly hiddenSize: number;
  declare readonly cell: DecoderSettings["cell"];
  declare readonly numLayers: number;
  /** Features of the memory's values; 0 without attention. */
  declare readonly memorySize: number;
  declare readonly placement: DecoderSettings["placement"];
  /** Size of the attentional vector; 0 where there is none. */
  declare readonly attentionSize: number;
  declare readonly encodingSize: number;
  declare readonly skip: DecoderSettings["skip"];
  declare readonly dropout: number;
  declare readonly variationalDropout: boolean;
  declare readonly recurrentDropout: number;
  declare readonly bias: boolean;
  readonly attention: Attention | undefined;
  /** Makes the attentional vector of [context | h]. */
  readonly combine: Linear | undefined;
  /** A parameter by its name in the state dict. */
  readonly [name: `weight_${string}` | `bias_${string}`]: Parameter;
  readonly #layers: readonly LayerWeights[];

  /**
   * @param inputSize numbers of the embedded target at each step
   * @param hiddenSize units of each layer
   * @throws OptionError for sizes or options that make no sense together
   */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentDecoderOptions = {}) {
    checkCall(OP, arguments, `inputSize hiddenSize {${DECODER_KEYS}}`);
    super();
    checkCount(OP, "inputSize", inputSize);
    checkCount(OP, "hiddenSize", hiddenSize);
    const { attention: score, ...settings } = decoderSettings(hiddenSize, options);
    Object.assign(this, { inputSize, hiddenSize }, settings);
    const { memorySize, attentionSize, encodingSize, numLayers } = settings;
    const { gates } = CELLS[settings.cell];
    this.#layers = Array.from({ length: numLayers }, (_, layer) => {
      const fed = layer === 0 || this.placement === "gnmt" ? this.#fedSize : 0;
      const own = encodingSize + (layer === 0 ? inputSize : hiddenSize) + fed;
      return addLayerWeights(this, `l${layer}`, gates, own);
    });
    if (score === "none") return;
    this.attention = new Attention({ score, querySize: hiddenSize, keySize: memorySize });
    if (attentionSize > 0)
      this.combine = new Linear(memorySize + hiddenSize, attentionSize, { bias: false });
  }

  /** Numbers of an output, which the layer behind reads: the attentional vector, or h, or [h | context], then the encoding. */
  get outputSize(): number {
    const { hiddenSize, memorySize, attentionSize, encodingSize } = this;
    return (attentionSize || hiddenSize + memorySize) + encodingSize;
  }

  /**
   * Makes what an encoder gave ready for the attention, once for all steps: {@link Attention.memory}.
   *
   * @param keys `[batch, time, memorySize]`; `values` have as many features
   * @throws OptionError where attention is "none"
   */
  memory(keys: Tensor, options: MemoryOptions = {}): AttentionMemory {
    checkCall(
      `${OP}.memory`,
      arguments,
      "keys:tensor {values:tensor lengths:list|tensor mask:tensor}",
    );
    if (!this.attention)
      throw new OptionError({ op: `${OP}.memory`, expected: "attention", got: 'attention "none"' });
    const { shape } = options.values ?? keys;
    if (shape.at(-1) !== this.memorySize)
      throw new ShapeError({
        op: `${OP}.memory`,
        expected: `values [batch, time, ${this.memorySize}]`,
        got: formatShape(shape),
        cure: "Their last axis is memorySize.",
      });
    return this.attention.memory(keys, options);
  }

  /**
   * Runs over whole targets, under teacher forcing.
   *
   * @param x the embedded target, `[batch, time, inputSize]`
   * @param options.memory from {@link memory}, needed with attention
   * @param options.encoding `[batch, encodingSize]`, needed with encodingSize
   * @param options.state where to start, as a {@link Bridge} gives it; default zeros
   * @param options.lengths steps that count in each row, 0..time. Past its length a row's state is carried on unchanged, its
   *   output and weights are zeros; values of `x` there have no influence at all
   * @returns `output` `[batch, time, outputSize]`; the `state` after each row's last step; with `needWeights: true` the
   *   attention's `weights` `[batch, time, keys]`
   * @throws ShapeError for shapes that do not fit; IndexError for lengths outside 0..time; OptionError for a memory that is
   *   missing, or that nothing reads
   */
  forward<NeedWeights extends boolean = false>(
    x: Tensor,
    options: DecoderForwardOptions<NeedWeights> = {},
  ): DecodedBy<NeedWeights> {
    checkCall(`${OP}.forward`, arguments, `x:tensor {${INPUTS} lengths:list|tensor}`);
    checkInput(OP, x, this.inputSize, 3);
    const [batch, time] = x.shape as [number, number];
    const lengths = checkLengths(OP, options.lengths, batch, time);
    return this.#run(x, options, (parts, target) => runTarget(parts, { ...target, lengths }));
  }

  /**
   * One step, differentiable: x `[batch, inputSize]` → output `[batch, outputSize]`, weights `[batch, keys]`. Options as
   * {@link forward}'s. For inference, {@link stream} is faster.
   */
  step<NeedWeights extends boolean = false>(
    x: Tensor,
    options: DecoderStepOptions<NeedWeights> = {},
  ): DecodedBy<NeedWeights> {
    checkCall(`${OP}.step`, arguments, `x:tensor {${INPUTS}}`);
    checkInput(OP, x, this.inputSize, 2);
    return this.#run(x, options, runStep);
  }

  /**
   * The decoder step by step, without a graph, as searches need it: rows that read one memory and can be reordered.
   * It holds packed copies of the weights as they are now, and gives the bits that {@link forward} gives. The copies are
   * kept with the weights for the next stream.
   */
  stream(options: DecoderStreamOptions = {}): DecoderStream {
    checkCall(
      `${OP}.stream`,
      arguments,
      "{memory:object encoding:tensor state:object rows:number capacity:number}",
    );
    return new DecoderStream(this.#parts(false), this.inputSize, this.#sizes(), options);
  }

  protected override extraRepr(): string {
    const defaults = { ...DECODER_DEFAULTS, attention: this.attention };
    return reprOf([this.inputSize, this.hiddenSize], this, defaults);
  }

  /** The size of what is fed back; 0 where nothing is. */
  get #fedSize(): number {
    const { placement, memorySize, attentionSize } = this;
    return { output: 0, inputFeeding: attentionSize, gnmt: memorySize }[placement];
  }

  #parts(training: boolean): DecoderParts {
    const { hiddenSize, attention, combine, dropout, recurrentDropout, variationalDropout } = this;
    return {
      ...{ cell: CELLS[this.cell], layers: this.#layers, hiddenSize, attention, combine },
      ...{ residual: this.skip === "residual", locked: variationalDropout },
      dropout: training ? dropout : 0,
      recurrentDropout: training ? recurrentDropout : 0,
    };
  }

  #sizes(): InputSizes {
    const { memorySize, encodingSize, hiddenSize, numLayers, cell } = this;
    const { parts } = CELLS[cell];
    return { memorySize, encodingSize, hiddenSize, numLayers, fedSize: this.#fedSize, parts };
  }

  #run<NeedWeights extends boolean>(
    x: Tensor,
    {
      memory,
      encoding,
      state,
      needWeights = false as NeedWeights,
    }: DecoderStepOptions<NeedWeights>,
    compute: (parts: DecoderParts, target: Target) => TargetOutputs,
  ): DecodedBy<NeedWeights> {
    const sizes = this.#sizes();
    const batch = x.shape[0]!;
    const begun = checkInputs(OP, sizes, batch, { memory, encoding, state });
    if (needWeights && !this.attention)
      throw new OptionError({ op: OP, expected: "attention with needWeights", got: "none" });
    const parts = this.#parts(this.training);
    const given = [x, memory?.keys, memory?.values, encoding, ...Object.values(begun)];
    const run = (): TargetOutputs => {
      const { feed, ...starts } = wholeState(sizes, batch, begun);
      const initial = Object.values(starts);
      return compute(parts, {
        x,
        memory,
        encoding,
        initial,
        feed,
        needWeights,
        lengths: undefined,
      });
    };
    const recorded =
      TRAINING && records([...given.filter((each) => each !== undefined), ...this.parameters()]);
    // Without a graph to record, what passes between layers goes at once; one layer alone makes nothing else.
    const alone =
      this.numLayers === 1 && !this.attention && !encoding && parts.recurrentDropout === 0;
    const direct = recorded || alone;
    const all = direct
      ? run()
      : scopeReturning(run, ({ output, state, feed, weights }) =>
          [output, ...state, feed, weights].filter((each) => each !== undefined),
        );
    const named = sizes.parts.map((part, i) => [part, all.state[i]!]);
    if (all.feed) named.push(["feed", all.feed]);
    const decoded = {
      output: all.output,
      state: Object.fromEntries(named) as RecurrentDecoderState,
    };
    return (needWeights ? { ...decoded, weights: all.weights } : decoded) as DecodedBy<NeedWeights>;
  }
}
