// What writes the target, of whatever layers it is made: a logit for each token that may come next.
import type { Embedding } from "../../nn/embedding.js";
import type { Linear } from "../../nn/linear.js";
import { Module } from "../../nn/module.js";
import { embedding as rowsOf } from "../../ops/embedding.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Ptr } from "../../wasm/ptr.js";
import type { ReadSources } from "./source-encoder.js";

/** What a writer knows of sources before it writes. */
export interface Begin {
  /** Its tensors, which whoever made it disposes of. */
  readonly held: readonly Tensor<"float32" | "int32">[];
}

/** A writer token by token, on a batch of rows. */
export interface WriterStream {
  /** Rows now. */
  readonly rows: number;
  /**
   * One token of each row.
   *
   * @param write puts the rows of the embedding where the pointer says
   * @returns where what the output layers read is, row by row, until the next step
   */
  run(write: (x: Ptr) => void): Ptr;
  /** Row i goes on where row `order[i]` was. */
  select(order: Int32Array): void;
  dispose(): void;
}

export abstract class TargetWriter<
  Known extends Begin = Begin,
  Read extends ReadSources = ReadSources,
> extends Module {
  abstract readonly embedding: Embedding;
  /** Makes the output as long as a token's vector, where both have one matrix. */
  abstract readonly projection: Linear | undefined;
  abstract readonly head: Linear;

  abstract begin(read: Read): Known;

  /**
   * Reads what begins a text, then each token of the targets but the last.
   *
   * @returns `[tokens, size]` of all targets one after another, without padding: what the output layers read
   */
  abstract force(targets: readonly Int32Array[], begin: Known): Tensor;

  /** Where it looks as it writes targets: `[batch, time, source]`; undefined without attention. */
  abstract weights(targets: readonly Int32Array[], begin: Known): Tensor | undefined;

  /** Row i begins with what is known of source i. */
  abstract stream(begin: Known, rows: number, capacity: number): WriterStream;

  /** Logits `[…, tokens]` of what comes next. */
  logits(output: Tensor): Tensor {
    return this.head.forward(this.projection ? this.projection.forward(output) : output);
  }
}

/** Lets go of what is known of sources. */
export function disposeOf({ held }: Begin): void {
  for (const each of held) each.dispose();
}

/** What is read before each token of targets. */
export function shifted(targets: readonly Int32Array[], start: number): Int32Array[] {
  return targets.map((ids) => {
    const read = new Int32Array(ids.length);
    read[0] = start;
    read.set(ids.subarray(0, -1), 1);
    return read;
  });
}

/** The rows of a batch without what they are padded with, one after another. */
export function unpadded(x: Tensor, lengths: Int32Array): Tensor {
  const [batch, time, size] = x.shape as [number, number, number];
  const flat = x.reshape([batch * time, size]);
  if (lengths.every((length) => length === time)) return flat;
  const places = Array.from(lengths, (length, row) =>
    Array.from({ length }, (_, t) => row * time + t),
  );
  return rowsOf(tensor(Int32Array.from(places.flat())), flat);
}
