// What writes the target: vectors of tokens → layers of a Transformer that look at the source → a logit for each token.
import { ScopeError, ShapeError } from "../../core/errors.js";
import { Embedding } from "../../nn/embedding.js";
import { LayerNorm } from "../../nn/layer-norm.js";
import { Linear } from "../../nn/linear.js";
import type { LearnedPositions } from "../../nn/positions.js";
import { TransformerDecoderLayer } from "../../nn/transformer/decoder-layer.js";
import { TransformerDecoder } from "../../nn/transformer/stack.js";
import type { TransformerStream } from "../../nn/transformer/stream.js";
import { mean } from "../../ops/reduce.js";
import type { Tensor } from "../../tensor/tensor.js";
import { CheckedView } from "../../wasm/memory.js";
import type { Ptr } from "../../wasm/ptr.js";
import type { TransformerSettings } from "./options.js";
import type { Side } from "./side.js";
import type { ReadSources } from "./source-encoder.js";
import { shifted, TargetWriter, unpadded, type Begin, type WriterStream } from "./target-writer.js";
import { beginLayers, layerOptions, type TransformerSourceEncoder } from "./transformer-encoder.js";
import { positionsOf, scaledVectors, TransformerInput } from "./transformer-input.js";

const OP = "Seq2Seq.decoder";

/** What the encoder made of sources, `[batch, time, size]`, and how much of it counts. */
export interface TransformerBegin extends Begin {
  readonly memory: Tensor;
  readonly memoryLengths: Int32Array;
}

export class TransformerWriter extends TargetWriter<TransformerBegin> {
  readonly embedding: Embedding;
  readonly positions: LearnedPositions | undefined;
  /** With a normalization behind the last layer, as PyTorch's `Transformer` has it. */
  readonly transformer: TransformerDecoder;
  readonly projection: undefined;
  readonly head: Linear;
  readonly #input: TransformerInput;
  /** What is read before the first token. */
  readonly #start: number;

  /** @param target what can be written; its end mark begins a text too */
  constructor(target: Side, encoder: TransformerSourceEncoder, options: TransformerSettings) {
    super();
    const { hiddenSize, numHeads, numLayers, tieEmbeddings } = options;
    this.#start = target.end;
    this.embedding =
      tieEmbeddings === "all"
        ? new Embedding(target.size, hiddenSize, { weight: encoder.embedding.weight })
        : scaledVectors(target.size, options);
    this.positions = positionsOf(options);
    this.#input = new TransformerInput(this.embedding, this.positions, options);
    const layer = new TransformerDecoderLayer(hiddenSize, numHeads, layerOptions(options));
    this.transformer = new TransformerDecoder(layer, numLayers, {
      norm: new LayerNorm(hiddenSize),
    });
    beginLayers(this.transformer);
    this.head = new Linear(hiddenSize, target.size, {
      ...(tieEmbeddings !== "none" && { weight: this.embedding.weight }),
    });
  }

  begin({ output, lengths }: ReadSources): TransformerBegin {
    return { memory: output, memoryLengths: lengths, held: [output] };
  }

  force(targets: readonly Int32Array[], { memory, memoryLengths }: TransformerBegin): Tensor {
    const { x, lengths } = this.#read(targets);
    // No step sees what it is padded with, which comes behind it.
    const output = this.transformer.forward(x, memory, { causal: true, memoryLengths });
    return unpadded(output, lengths);
  }

  /** The last layer's, the mean of its heads. */
  weights(targets: readonly Int32Array[], { memory, memoryLengths }: TransformerBegin): Tensor {
    const { x } = this.#read(targets);
    return mean(this.transformer.looks_(x, memory, { causal: true, memoryLengths }), 1);
  }

  #read(targets: readonly Int32Array[]): { x: Tensor; lengths: Int32Array } {
    return this.#input.forward(shifted(targets, this.#start), this.training);
  }

  stream(
    { memory, memoryLengths }: TransformerBegin,
    rows: number,
    capacity: number,
  ): WriterStream {
    const stream = this.transformer.stream(memory, { memoryLengths, rows, capacity });
    return new PlacedStream(stream, this.#input, this.positions?.weight.shape[0]);
  }
}

/** The layers step by step, with what stands before them. */
class PlacedStream implements WriterStream {
  readonly #stream: TransformerStream;
  readonly #input: TransformerInput;
  readonly #most: number;
  #vectors: CheckedView;
  #rows: number;
  #live = true;

  /** @param most positions that are learned */
  constructor(stream: TransformerStream, input: TransformerInput, most = Infinity) {
    [this.#stream, this.#input, this.#most] = [stream, input, most];
    this.#rows = stream.rows;
    this.#vectors = this.#view();
  }

  get rows(): number {
    return this.#stream.rows;
  }

  run(write: (x: Ptr) => void): Ptr {
    const { position, input_ } = this.#stream;
    if (!this.#live)
      throw new ScopeError({
        op: OP,
        expected: "a live decoder",
        got: "one that was disposed of",
      });
    if (position >= this.#most)
      throw new ShapeError({
        op: OP,
        expected: `at most ${this.#most} tokens, as many as there are learned positions`,
        got: `token number ${position + 1}`,
        cure: 'Give maxLength; a model with positions "rotary" or "sinusoidal" goes on without an end.',
      });
    write(input_);
    this.#input.place(this.#vectors.current, position);
    return this.#stream.run_();
  }

  select(order: Int32Array): void {
    this.#stream.select(order);
    if (this.rows === this.#rows) return;
    this.#rows = this.rows;
    this.#vectors = this.#view();
  }

  dispose(): void {
    this.#live = false;
    this.#stream.dispose();
  }

  #view(): CheckedView {
    return new CheckedView(this.#stream.input_, this.#rows * this.#stream.inputSize);
  }
}
