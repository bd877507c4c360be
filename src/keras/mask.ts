// Which steps of each row count. Keras leaves out masked steps wherever they stand; here the steps that count are moved to the front,
// so that the layers' lengths do, and outputs are moved back.
import { embedding } from "../ops/embedding.js";
import { concat } from "../ops/join.js";
import { tensor, zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

export class Mask {
  constructor(
    readonly batch: number,
    readonly time: number,
    /** 1 for each step that counts, row by row. */
    readonly steps: Uint8Array,
  ) {}

  /** Of ids or vectors: what counts is decided for each step. */
  static of(batch: number, time: number, counts: (step: number) => boolean): Mask {
    return new Mask(
      batch,
      time,
      Uint8Array.from({ length: batch * time }, (_, i) => Number(counts(i))),
    );
  }

  get isFull(): boolean {
    return !this.steps.includes(0);
  }

  and(other: Mask): Mask {
    return new Mask(
      this.batch,
      this.time,
      this.steps.map((step, i) => step & other.steps[i]!),
    );
  }

  /** Each row from its end. */
  flipped(): Mask {
    const { batch, time, steps } = this;
    return Mask.of(batch, time, (i) => steps[i - (i % time) + time - 1 - (i % time)] === 1);
  }

  /** As zeros and ones `[batch, time]`. */
  tensor(): Tensor<"int32"> {
    return tensor(Int32Array.from(this.steps), { shape: [this.batch, this.time] });
  }

  /** How many steps of each row count, and where they are. */
  get front(): Front {
    const { batch, time, steps } = this;
    const lengths = new Int32Array(batch);
    const from = new Int32Array(batch * time);
    const back = new Int32Array(batch * time).fill(batch * time);
    for (let row = 0; row < batch; row++) {
      const first = row * time;
      for (let t = 0; t < time; t++) {
        if (steps[first + t]) from[first + lengths[row]!++] = first + t;
        if (lengths[row]! > 0) back[first + t] = first + lengths[row]! - 1;
      }
      // Steps past the length have no influence, but must be some step.
      from.fill(first, first + lengths[row]!, first + time);
    }
    return { lengths, from, back };
  }
}

export interface Front {
  readonly lengths: Int32Array;
  /** For each place the step that moves there. */
  readonly from: Int32Array;
  /** For each step the place of the last one that counts up to it; behind all where there is none yet. */
  readonly back: Int32Array;
}

/** Steps of x `[batch, time, features]` in another order. */
export function moved(x: Tensor, order: Int32Array): Tensor {
  const [batch, time, size] = x.shape as [number, number, number];
  const ids = tensor(order, { shape: [batch, time] });
  return embedding(ids, x.reshape([batch * time, size]));
}

/** Outputs back at their steps: a masked step repeats the output before it, zeros where there is none. */
export function movedBack(output: Tensor, back: Int32Array): Tensor {
  const [batch, time, size] = output.shape as [number, number, number];
  const rows = concat([output.reshape([batch * time, size]), zeros([1, size])], 0);
  return embedding(tensor(back, { shape: [batch, time] }), rows);
}
