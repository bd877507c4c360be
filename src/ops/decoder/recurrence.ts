// Recurrent layers whose lowest one reads, beside its input, what attention made of the step before: one operation
// over the whole target. Products with what is known beforehand, and gradients of weights, are one each.
import { defineOp } from "../../autograd/op.js";
import { records } from "../../autograd/mode.js";
import type { Shape } from "../../core/shape.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { requireFloat } from "../check.js";
import type { CellDefinition } from "../recurrent/cell.js";
import { tensorsOf, type LayerWeights } from "../recurrent/weights.js";
import type { Attended } from "./attend.js";
import { backwardRecurrence } from "./recurrence-backward.js";
import { forwardRecurrence } from "./recurrence-forward.js";
import type { Outputs, RecurrenceSizes, Tape } from "./tape.js";

/** What multiplies units in training: 0, or 1 / (1 - p). An axis of time of 1 stands for all steps. */
export interface RecurrenceMasks {
  /** Of h where each layer's recurrent product reads it, `[B, H]`. */
  readonly recurrent: readonly Tensor[] | undefined;
  /** Of what each layer after the first reads from below, `[T or 1, B, H]`. */
  readonly below: readonly Tensor[] | undefined;
  /** Of the attentional vector, `[T or 1, B, A]`. */
  readonly attentional: Tensor | undefined;
}

export interface Recurrence {
  readonly cell: CellDefinition;
  /** From the lowest up. Their input weights have columns for [encoding | x or the layer below | what is fed back]. */
  readonly layers: readonly LayerWeights[];
  /** The first columns of x, which every layer reads. */
  readonly encodingSize: number;
  /** Whether layers after the first add what they read from below to their output. */
  readonly residual: boolean;
  readonly attended: Attended;
  /** What makes queries of h, `[K, H]`; without it h is the query. */
  readonly queryWeight: Tensor | undefined;
  /** Makes the attentional vector of [context | h], `[A, M + H]`, which is fed back; without it the context is. */
  readonly combine: Tensor | undefined;
  /** Where the state starts: each part `[layers, B, H]`. */
  readonly initial: readonly Tensor[];
  /** What the first step reads as fed back, `[B, F]`. */
  readonly feed: Tensor;
  readonly lengths: Int32Array | undefined;
  readonly masks: RecurrenceMasks;
  readonly needWeights: boolean;
}

/** The tensors a gradient may flow to. */
function inputsOf(x: Tensor, recurrence: Recurrence): Tensor[] {
  const { attended, queryWeight, combine, initial, feed, layers } = recurrence;
  const { keys, values, v } = attended;
  const weights = [v, queryWeight, combine].filter((each) => each !== undefined);
  return [x, keys, values, ...weights, feed, ...initial, ...layers.flatMap(tensorsOf)];
}

function sizesOf(
  x: Tensor,
  { layers, attended, feed, encodingSize, combine }: Recurrence,
): RecurrenceSizes {
  const [B, T, given] = x.shape as [number, number, number];
  const [, S, K] = attended.keys.shape as [number, number, number];
  const [M, H] = [attended.values.shape[2]!, layers[0]!.hiddenWeight.shape[1]!];
  const [contextAt, hiddenAt] = combine ? [0, M] : [H, 0];
  const F = feed.shape[1]!;
  return { B, T, H, S, K, M, F, given, encoding: encodingSize, joined: M + H, contextAt, hiddenAt };
}

/**
 * x `[B, T, encoding + features]` → with `combine` the attentional vectors `[B, T, A]`, without it [h | context]
 * time-major, `[T, B, H + M]`; then the final state: what was fed back last `[B, F]`, each part `[layers, B, H]`; with
 * `needWeights` the weights `[B, T, S]` at the end. Past a row's length its state is carried on and its outputs are zeros.
 */
export const attentionRecurrence = /* @__PURE__ */ defineOp({
  name: "attentionRecurrence",
  forward(x: Tensor, recurrence: Recurrence) {
    const inputs = inputsOf(x, recurrence);
    requireFloat("attentionRecurrence", ...inputs);
    const sizes = sizesOf(x, recurrence);
    const { T, B, H, S, F, joined } = sizes;
    const count = recurrence.layers.length;
    const shape: Shape = recurrence.combine ? [B, T, F] : [T, B, joined];
    const outputs: Outputs = {
      output: empty(shape),
      feed: empty([B, F]),
      state: recurrence.initial.map(() => empty([count, B, H])),
      weights: recurrence.needWeights ? empty([B, T, S]) : undefined,
    };
    const run = (): Tape => forwardRecurrence(x, recurrence, sizes, outputs);
    const recorded = TRAINING && records(inputs);
    const tape = recorded ? run() : undefined;
    // Without a graph to record, what it keeps goes at once.
    if (!recorded) scopeWithin(run);
    const { output, feed, state, weights } = outputs;
    const all = [output, feed, ...state];
    return {
      inputs,
      // They are copied.
      unread: [recurrence.feed, ...recurrence.initial],
      output: weights ? [...all, weights] : all,
      saved: { recurrence, sizes, tape },
    };
  },
  backward(pass, { recurrence, sizes, tape }) {
    if (tape) backwardRecurrence(pass, recurrence, sizes, tape);
  },
});
