// A model as a writer about sources: the decoder that greedy search, sampling and beam search work on.
import { IndexError } from "../../core/errors.js";
import {
  checkSelect,
  checkStep,
  readDecoderOptions,
  type Decoder,
  type DecoderOptions,
} from "../../decode/decoder.js";
import { kernels } from "../../wasm/backend.js";
import { i32 } from "../../wasm/memory.js";
import { bytesOf } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { LogitRows } from "./logit-rows.js";
import { disposeOf, type Begin, type TargetWriter, type WriterStream } from "./target-writer.js";

/** Rows point to what the encoder made of the sources, once: no search copies it. */
export class WriterDecoder implements Decoder {
  readonly capacity: number;
  readonly classes: number;
  readonly #writer: TargetWriter;
  readonly #stream: WriterStream;
  readonly #begin: Begin;
  readonly #op: string;
  readonly #logits: LogitRows;

  /**
   * @param op for errors
   * @param begin of `sources` sources; the decoder disposes of it
   */
  constructor(
    op: string,
    writer: TargetWriter,
    begin: Begin,
    sources: number,
    options: DecoderOptions,
  ) {
    const { rows, capacity } = readDecoderOptions(op, options, sources);
    this.#op = op;
    this.capacity = capacity;
    this.classes = writer.head.weight.shape[0]!;
    this.#writer = writer;
    this.#begin = begin;
    this.#stream = writer.stream(begin, rows, capacity);
    this.#logits = new LogitRows(op, writer, capacity);
  }

  get rows(): number {
    return this.#stream.rows;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep(this.#op, this, ids, logits);
    const { embedding } = this.#writer;
    const [tokens, width] = embedding.weight.shape as [number, number];
    const { rows } = this;
    const output = this.#stream.run((x) =>
      withScratch(bytesOf(rows), (from) => {
        i32(from, rows).set(ids);
        const table = embedding.weight.address(this.#op);
        const bad = kernels().gatherRows(x, table, from, rows, tokens, width);
        if (bad >= 0)
          throw new IndexError({
            op: this.#op,
            expected: `ids from 0 to ${tokens - 1}`,
            got: `${ids[bad]} for row ${bad}`,
          });
      }),
    );
    if (logits) this.#logits.read(output, rows, logits);
  }

  select(rows: Int32Array): void {
    checkSelect(this.#op, this, rows);
    this.#stream.select(rows);
  }

  dispose(): void {
    this.#stream.dispose();
    this.#logits.dispose();
    disposeOf(this.#begin);
  }
}
