// A language model as a writer: the decoder that greedy search, sampling and beam search work on.
import { noGrad } from "../../autograd/mode.js";
import {
  checkSelect,
  checkStep,
  readDecoderOptions,
  type Decoder,
  type DecoderOptions,
} from "../../decode/decoder.js";
import type { Embedding } from "../../nn/embedding.js";
import type { GPT } from "../../nn/gpt/gpt.js";
import type { GPTStream } from "../../nn/gpt/stream.js";
import type { Linear } from "../../nn/linear.js";
import type { LSTM } from "../../nn/lstm.js";
import type { Stream } from "../../nn/stream.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";

const OP = "LanguageModel.decoder";

/** The decoder of a Transformer, which keeps the keys and values of what its rows have read. */
export class TransformerDecoderRows implements Decoder {
  readonly classes: number;
  readonly #stream: GPTStream;

  constructor(gpt: GPT, options: DecoderOptions) {
    const { rows, capacity } = readDecoderOptions(OP, options);
    this.classes = gpt.head.weight.shape[0]!;
    this.#stream = gpt.stream({ batch: rows, capacity });
  }

  get rows(): number {
    return this.#stream.rows;
  }

  get capacity(): number {
    return this.#stream.capacity;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep(OP, this, ids, logits);
    if (logits === undefined) this.#stream.read(ids);
    else this.#stream.push(ids, logits);
  }

  select(rows: Int32Array): void {
    checkSelect(OP, this, rows);
    this.#stream.select(rows);
  }

  dispose(): void {
    this.#stream.dispose();
  }
}

export class LSTMDecoderRows implements Decoder {
  readonly capacity: number;
  readonly classes: number;
  readonly #embedding: Embedding;
  readonly #head: Linear;
  readonly #stream: Stream<"h" | "c">;
  #vectors: Float32Array;
  #hidden: Float32Array;

  constructor(
    { embedding, lstm, head }: { embedding: Embedding; lstm: LSTM; head: Linear },
    options: DecoderOptions,
  ) {
    const { rows, capacity } = readDecoderOptions(OP, options);
    this.capacity = capacity;
    this.classes = head.weight.shape[0]!;
    this.#embedding = embedding;
    this.#head = head;
    this.#stream = lstm.stream({ batch: capacity });
    [this.#vectors, this.#hidden] = [new Float32Array(0), new Float32Array(0)];
    this.select(Int32Array.from({ length: rows }, (_, row) => row));
  }

  get rows(): number {
    return this.#stream.rows;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep(OP, this, ids, logits);
    const { rows } = this;
    scope(() =>
      noGrad(() => {
        this.#embedding.forward(tensor(ids)).data(this.#vectors);
        this.#stream.push(this.#vectors, this.#hidden);
        if (logits === undefined) return;
        const hidden = tensor(this.#hidden, { shape: [rows, this.#stream.outputSize] });
        this.#head.forward(hidden).data(logits);
      }),
    );
  }

  select(rows: Int32Array): void {
    checkSelect(OP, this, rows);
    this.#stream.select(rows);
    const { inputSize, outputSize } = this.#stream;
    if (this.#hidden.length === rows.length * outputSize) return;
    this.#vectors = new Float32Array(rows.length * inputSize);
    this.#hidden = new Float32Array(rows.length * outputSize);
  }

  dispose(): void {
    this.#stream.dispose();
  }
}
