// A recurrent layer written out step by step with plain operations, so that every gate and every state
// can be seen, and a gradient at each of them.
import { checkCall, checkKeys } from "../core/check.js";
import { checkLike } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { sameShape } from "../core/shape.js";
import type { Module } from "../nn/module.js";
import { checkLengths, type Lengths } from "../nn/recurrent-input.js";
import type { MergeMode, Skip } from "../nn/recurrent-options.js";
import { mergeDirections, splitDirections } from "../nn/merge-directions.js";
import { concat, stack } from "../ops/join.js";
import { linear } from "../ops/linear.js";
import { split } from "../ops/slice.js";
import { where } from "../ops/where.js";
import { tensor, zeros } from "../tensor/create.js";
import type { CellDefinition } from "../ops/recurrent/cell.js";
import type { Tensor } from "../tensor/tensor.js";
import { stepOf, type StepValues, type Watched } from "./cell-steps.js";

/** An RNN, GRU or LSTM layer of one or more layers and directions. */
export interface RecurrentLayer extends Module {
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly directions: number;
  readonly mergeMode?: MergeMode | undefined;
  readonly skip?: Skip | undefined;
  /** @internal Missing in a layer that is none of the library's. */
  readonly cell?: CellDefinition | undefined;
  forward(
    x: Tensor,
    options?: { state?: never | undefined; lengths?: Lengths | undefined },
  ): { output: Tensor; state: object };
}

export interface UnrollOptions {
  /** Where to start: `{ h }`, and `c` for an LSTM. Default zeros. */
  state?: Readonly<{ h: Tensor; c?: Tensor | undefined }> | undefined;
  /** Steps that count in each row, 0..time. Default all. */
  lengths?: Lengths | undefined;
}

/** One direction of one layer over the sequence. */
export interface UnrolledDirection {
  readonly layer: number;
  readonly direction: "forward" | "reverse";
  /** At each time step the gates and the state. */
  readonly steps: readonly StepValues[];
}

/** Gives the tensor that goes on in place of a state, so that its gradient can be watched. */
type Watch = (state: Tensor, at: { slot: number; part: "h" | "c"; time: number }) => Tensor;

/**
 * Runs a layer step by step. Dropout is not followed.
 *
 * @param x `[batch, time, features]`
 * @returns what the layer's own `forward()` gives as output, and all that was on the way
 * @throws OptionError for a layer with options that this does not follow: its output would differ
 */
export function unroll(
  layer: RecurrentLayer,
  x: Tensor,
  { state, lengths }: UnrollOptions,
  watch: Watch = (part) => part,
): { output: Tensor; directions: UnrolledDirection[] } {
  const [batch, time] = x.shape as [number, number];
  const ends = checkLengths("inspect", lengths, batch, time);
  const valid = ends && maskOf(ends, time);
  const parameters = layer.namedParameters();
  const directions: UnrolledDirection[] = [];
  const { cell, mergeMode = "concat", skip = "none" } = layer;
  const step = stepOf(cell);
  if (!cell || !step) throw unknownLayer(layer);
  const source = valid ? where(valid.whole, x, 0) : x;
  let below = source;
  for (let index = 0; index < layer.numLayers; index++) {
    const input = skip === "concat" && index > 0 ? concat([below, source], -1) : below;
    const outputs: Tensor[] = [];
    for (let reverse = 0; reverse < layer.directions; reverse++) {
      const weight = (name: string) =>
        parameters.get(`${name}_l${index}${reverse ? "_reverse" : ""}`);
      const [inputWeight, hiddenWeight] = [weight("weight_ih"), weight("weight_hh")];
      if (!inputWeight || !hiddenWeight) throw unknownLayer(layer);
      const weights = {
        hiddenWeight,
        hiddenBias: weight("bias_hh"),
        projection: weight("weight_hr"),
      };
      const slot = directions.length;
      const start = (part: "h" | "c", size: number): Tensor =>
        state?.[part]?.slice(0, slot, slot + 1).reshape([batch, size]) ?? zeros([batch, size]);
      let current: StepValues = {
        h: start("h", hiddenWeight.shape[1]!),
        ...(cell.parts.includes("c") && { c: start("c", layer.hiddenSize) }),
      };
      const xs = frames(linear(input, inputWeight, weight("bias_ih")));
      const steps: StepValues[] = [];
      const hs: Tensor[] = [];
      for (let i = 0; i < time; i++) {
        const t = reverse ? time - 1 - i : i;
        const counts = valid?.steps[t];
        const watched: Watched = (part, value) => watch(value, { slot, part, time: t });
        const next = { ...step(xs[t]!, current, weights, watched) };
        if (counts)
          for (const part of Object.keys(current))
            next[part] = where(counts, next[part]!, current[part]!);
        current = Object.fromEntries(Object.keys(current).map((part) => [part, next[part]!]));
        steps[t] = next;
        hs[t] = counts ? where(counts, next["h"]!, 0) : next["h"]!;
      }
      directions.push({ layer: index, direction: reverse ? "reverse" : "forward", steps });
      outputs.push(stack(hs, 1));
    }
    const merged = mergeDirections(
      outputs.length > 1 ? concat(outputs, -1) : outputs[0]!,
      mergeMode,
    );
    below = skip === "residual" && index > 0 ? merged.add(below) : merged;
  }
  return { output: mergeMode === "none" ? splitDirections(below) : below, directions };
}

/** `[batch, time, size]` → a `[batch, size]` for each step. */
function frames(x: Tensor): Tensor[] {
  const [batch, , size] = x.shape as [number, number, number];
  return split(x, 1, 1).map((frame) => frame.reshape([batch, size]));
}

/** Where a row still counts: over the whole input, and step by step. */
function maskOf(
  ends: Int32Array,
  time: number,
): { whole: Tensor<"int32">; steps: Tensor<"int32">[] } {
  const batch = ends.length;
  const steps = Array.from({ length: time }, (_, t) =>
    Int32Array.from({ length: batch }, (_, row) => (t < ends[row]! ? 1 : 0)),
  );
  const whole = Int32Array.from({ length: batch * time }, (_, at) => {
    const row = Math.floor(at / time);
    return steps[at - row * time]![row]!;
  });
  return {
    whole: tensor(whole, { shape: [batch, time, 1] }),
    steps: steps.map((step) => tensor(step, { shape: [batch, 1] })),
  };
}

function unknownLayer(layer: Module): OptionError {
  return new OptionError({
    op: "inspect",
    expected: "a recurrent layer with the weights of an RNN, GRU or LSTM",
    got: described(layer),
    cure: "For a recurrence of your own, put watchGradient() on its states.",
  });
}

/** Refuses wrong arguments of what unrolls a layer: `(layer, x, …, options)`. */
export function checkUnrolled(
  op: string,
  given: ArrayLike<unknown>,
  layer: RecurrentLayer,
  options: UnrollOptions,
  more = "",
): void {
  checkCall(op, given, `layer:object x:tensor ${more}{state:object lengths}`);
  checkLike(op, "a recurrent layer", "namedParameters", layer);
  const { state } = options;
  if (state) checkKeys(op, state, "h!:tensor c:tensor");
}

/** Steps by which a layer is compared: over many, a chaotic one carries rounding errors anywhere. */
const COMPARED = 3;

/** Refuses a layer whose own kernels give something else than the steps written out. */
export function assertFollowed(layer: RecurrentLayer, x: Tensor, options: UnrollOptions): void {
  const [batch, time] = x.shape as [number, number];
  const ends = checkLengths("inspect", options.lengths, batch, time);
  const first = x.slice(1, 0, COMPARED);
  const same = {
    ...options,
    ...(ends && { lengths: ends.map((end) => Math.min(end, COMPARED)) }),
  };
  const own = layer.forward(first, same as { state?: never | undefined }).output;
  if (agree(own, () => unroll(layer, first, same).output)) return;
  throw new OptionError({
    op: "inspect",
    expected: "a layer whose steps can be followed",
    got: `${String(layer)}, whose output is another`,
    cure: "For a recurrence of your own, put watchGradient() on its states.",
  });
}

function agree(own: Tensor, unrolled: () => Tensor): boolean {
  let other: Tensor;
  try {
    other = unrolled();
  } catch (error) {
    // Layers joined in another way have weights of other widths.
    if (error instanceof ShapeError) return false;
    throw error;
  }
  if (!sameShape(own.shape, other.shape)) return false;
  const values = other.data();
  return own.data().every((a, i) => Math.abs(a - values[i]!) <= 1e-3 * (1 + Math.abs(a)));
}
