// What an epoch of a language model's training consists of: a text read along, or windows of it in random order.
import { ShuffledWindows, type TextWindows } from "../../data/text-windows.js";
import { StreamWindows, type StreamWindow } from "../../data/windows.js";
import type { Carry } from "../../nn/carry.js";
import type { LSTMState } from "../../nn/lstm.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Sharded, TrainingTask } from "../kit/fit-model.js";
import { mergeRows, splitRows } from "./text-shards.js";

/** `sequenceLength` has a default, and so a value. */
interface Sizes {
  readonly batchSize: number;
  readonly sequenceLength: number | undefined;
}

type Plan<Batch> = Pick<
  TrainingTask<Batch, never>,
  "batches" | "stepsPerEpoch" | "loss" | "tensors"
> & { readonly sharded: Sharded<Batch> };

/** Where shards are computed. */
type Places = Pick<Sharded<never>, "begin" | "local">;

/** Windows at random places, as a Transformer reads them. */
export function shuffledPlan(
  ids: Int32Array,
  { batchSize, sequenceLength }: Sizes,
  loss: (windows: TextWindows) => Tensor,
  places: Places,
): Plan<TextWindows> {
  const windows = new ShuffledWindows(ids, { batch: batchSize, time: sequenceLength! });
  const sharded = { ...places, split: splitRows };
  return { batches: windows, stepsPerEpoch: windows.length, loss, sharded };
}

/** Rows side by side, each from its beginning to its end with a state that is carried on. */
export function carriedPlan(
  ids: Int32Array,
  { batchSize, sequenceLength }: Sizes,
  state: Carry<LSTMState>,
  loss: (window: StreamWindow) => Tensor,
  places: Places,
): Plan<StreamWindow> {
  const windows = new StreamWindows(ids, { batch: batchSize, time: sequenceLength! });
  const begun = (window: StreamWindow): StreamWindow => {
    if (window.index === 0) state.reset();
    return window;
  };
  return {
    batches: windows,
    stepsPerEpoch: windows.length,
    loss: (window) => loss(begun(window)),
    sharded: {
      ...places,
      split: (window, shards) => splitRows(begun(window), shards, state),
      merge: (results) => mergeRows(results, state),
    },
    tensors: { h: state.h, c: state.c },
  };
}
