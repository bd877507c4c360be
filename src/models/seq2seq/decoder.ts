// A model as a writer about sources: the decoder that greedy search, sampling and beam search work on.
import { noGrad } from "../../autograd/mode.js";
import {
  checkSelect,
  checkStep,
  readDecoderOptions,
  type Decoder,
  type DecoderOptions,
} from "../../decode/decoder.js";
import type { DecoderStream } from "../../nn/decoder/stream.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Begin, TargetWriter } from "./target-writer.js";

const OP = "Seq2Seq.decoder";

/** Rows point to what the encoder made of the sources, once: no search copies it. */
export class Seq2SeqDecoder implements Decoder {
  readonly capacity: number;
  readonly classes: number;
  readonly #writer: TargetWriter;
  readonly #stream: DecoderStream;
  readonly #begin: Begin;
  #vectors = new Float32Array(0);
  #output = new Float32Array(0);

  /** @param begin of `sources` sources; the decoder disposes of it */
  constructor(writer: TargetWriter, begin: Begin, sources: number, options: DecoderOptions) {
    const { rows, capacity } = readDecoderOptions(OP, options, sources);
    this.capacity = capacity;
    this.classes = writer.head.weight.shape[0]!;
    this.#writer = writer;
    this.#begin = begin;
    this.#stream = writer.recurrent.stream({ ...begin, rows, capacity });
    this.#resize();
  }

  get rows(): number {
    return this.#stream.rows;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep(OP, this, ids, logits);
    const writer = this.#writer;
    const read = (run: () => void) => scope(() => noGrad(run));
    read(() => void writer.embedding.forward(tensor(ids)).data(this.#vectors));
    this.#stream.push(this.#vectors, this.#output);
    if (logits === undefined) return;
    const shape = [this.rows, writer.recurrent.outputSize];
    read(() => void writer.logits(tensor(this.#output, { shape })).data(logits));
  }

  select(rows: Int32Array): void {
    checkSelect(OP, this, rows);
    this.#stream.select(rows);
    this.#resize();
  }

  dispose(): void {
    this.#stream.dispose();
    const { memory, encoding, state } = this.#begin;
    const { keys, values, mask } = memory ?? {};
    for (const each of [keys, values, mask, encoding, state.h, state.c]) each?.dispose();
  }

  #resize(): void {
    const { inputSize, outputSize } = this.#writer.recurrent;
    if (this.#output.length === this.rows * outputSize) return;
    this.#vectors = new Float32Array(this.rows * inputSize);
    this.#output = new Float32Array(this.rows * outputSize);
  }
}
