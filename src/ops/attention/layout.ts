// The record that the attention kernels read (assembly/attention/layout.ts), and the room they need.
import type { RandomBlock } from "../../core/random.js";
import type { Tensor } from "../../tensor/tensor.js";
import { i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";

/** Elements from row to row of the batch, from head to head, from step to step. */
export type Strides = readonly [batch: number, head: number, step: number];

export interface AttentionSizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Features of a query and a key of one head. */
  readonly size: number;
  /** Features of a value of one head. */
  readonly valueSize: number;
}

export interface AttentionMask {
  readonly tensor: Tensor<"int32">;
  /** Of the batch, heads, queries, keys; 0 where one element stands for all. */
  readonly strides: readonly [batch: number, head: number, query: number, key: number];
}

export interface AttentionLayout extends AttentionSizes {
  readonly query: Strides;
  readonly key: Strides;
  readonly value: Strides;
  readonly output: Strides;
  readonly mask: AttentionMask | undefined;
  /** Keys that count in each row. */
  readonly lengths: Int32Array | undefined;
  readonly causal: boolean;
  readonly scale: number;
  readonly dropout: number;
  /** Where the words of the dropped weights begin in the random stream: drawn again, not kept. */
  readonly block: RandomBlock | undefined;
}

const WORDS = 31;

/** Runs with the record and `bytes` of scratch. */
export function withLayout(
  op: string,
  layout: AttentionLayout,
  bytes: number,
  run: (record: Ptr, scratch: Ptr) => void,
): void {
  const { lengths } = layout;
  const before = Math.ceil(bytes / 64) * 64;
  withScratch(before + bytesOf(WORDS + (lengths?.length ?? 0)), (scratch) => {
    const record = (scratch + before) as Ptr;
    const counts = at(record, WORDS);
    if (lengths) i32(counts, lengths.length).set(lengths);
    const mask = layout.mask?.tensor.address(op) ?? 0;
    i32(record, WORDS).set(layoutWords(layout, mask, lengths ? counts : 0));
    run(record, scratch);
  });
}

/**
 * The words of a record.
 *
 * @param lengths the address of the keys that count, int32 `[batch]`, or 0
 */
export function layoutWords(layout: AttentionLayout, mask: Ptr, lengths: Ptr): Int32Array {
  const { batch, heads, queries, keys, size, valueSize, query, key, value, output } = layout;
  const { seedLo = 0, seedHi = 0, counterLo = 0, counterHi = 0 } = layout.block ?? {};
  const words = Int32Array.of(
    ...[batch, heads, queries, keys, size, valueSize, ...query, ...key, ...value, ...output],
    ...[mask, ...(layout.mask?.strides ?? [0, 0, 0, 0]), lengths, layout.causal ? 1 : 0, 0, 0],
    ...[seedLo, seedHi, counterLo, counterHi],
  );
  new Float32Array(words.buffer).set([layout.scale, layout.dropout], 25);
  return words;
}
