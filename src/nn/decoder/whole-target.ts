// A decoder over whole targets. Where nothing is fed back, every layer and the attention are one operation each; what
// feeds back is one operation (ops/decoder/recurrence.ts).
import { attentionRecurrence } from "../../ops/decoder/recurrence.js";
import { attend } from "../../ops/decoder/attend.js";
import { expand } from "../../ops/expand.js";
import { concat } from "../../ops/join.js";
import { maskOfLengths } from "../../ops/lengths.js";
import { permute } from "../../ops/permute.js";
import { unsqueeze } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import { tanh } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttentionMemory } from "../attention.js";
import { attendedOf, keepMask, type DecoderParts } from "./parts.js";

export interface Target {
  /** `[B, T, features]` */
  readonly x: Tensor;
  readonly memory: AttentionMemory | undefined;
  readonly encoding: Tensor | undefined;
  /** Each part of the layers' state, `[layers, B, H]`. */
  readonly initial: readonly Tensor[];
  readonly feed: Tensor | undefined;
  readonly lengths: Int32Array | undefined;
  readonly needWeights: boolean;
}

export interface TargetOutputs {
  readonly output: Tensor;
  readonly state: readonly Tensor[];
  readonly feed: Tensor | undefined;
  readonly weights: Tensor | undefined;
}

export function runTarget(parts: DecoderParts, target: Target): TargetOutputs {
  const { x, lengths, encoding } = target;
  const beside = encoding && repeated(encoding, x.shape[1]!, lengths);
  const given = beside ? concat([beside, x], -1) : x;
  const run = target.feed ? (parts.combine ? inputFeeding : gnmt) : straight;
  const { output, ...rest } = run(parts, target, given, beside);
  return { output: beside ? concat([output, beside], -1) : output, ...rest };
}

/** `[B, size]` → `[B, T, size]`, zeros past each row's length. */
function repeated(encoding: Tensor, time: number, lengths: Int32Array | undefined): Tensor {
  const [batch, size] = encoding.shape as [number, number];
  const all = expand(unsqueeze(encoding, 1), [batch, time, size]);
  return lengths ? where(unsqueeze(maskOfLengths(lengths, time), 2), all, 0) : all;
}

/** Nothing is fed back: the layers, then perhaps attention. */
function straight(
  parts: DecoderParts,
  target: Target,
  given: Tensor,
  beside: Tensor | undefined,
): TargetOutputs {
  const { attention, combine, dropout: p, locked } = parts;
  const { memory, lengths } = target;
  const { output: hidden, state } = runLayers(parts, target, 0, given, undefined, beside);
  if (!attention || !memory || !combine)
    return { output: hidden, state, feed: undefined, weights: undefined };
  const { queryProjection } = attention;
  const queries = queryProjection ? queryProjection.forward(hidden) : hidden;
  const [context, weights] = attend(queries, attendedOf(attention, memory), lengths);
  const vectors = tanh(combine.forward(concat([context, hidden], -1)));
  const [B, T, A] = vectors.shape as [number, number, number];
  const mask = keepMask([B, locked ? 1 : T, A], p);
  return { output: mask ? vectors.mul(mask) : vectors, state, feed: undefined, weights };
}

/** The attentional vector is fed to the lowest layer. */
function inputFeeding(parts: DecoderParts, target: Target, given: Tensor): TargetOutputs {
  const [B, T] = given.shape as [number, number];
  const { hiddenSize: H, locked, dropout: p, combine } = parts;
  const steps = locked ? 1 : T;
  const [output, feed, ...rest] = recurrence(parts, target, given, {
    layers: parts.layers.length,
    combine: combine!.weight,
    below: p > 0 ? parts.layers.slice(1).map(() => keepMask([steps, B, H], p)!) : undefined,
    attentional: keepMask([steps, B, combine!.weight.shape[0]!], p),
  });
  const state = rest.slice(0, parts.cell.parts.length);
  return { output: output!, feed: feed!, state, weights: rest[state.length] };
}

/** The lowest layer queries the memory and gets the context back; the layers above read it beside its outputs. */
function gnmt(
  parts: DecoderParts,
  target: Target,
  given: Tensor,
  beside: Tensor | undefined,
): TargetOutputs {
  const { hiddenSize, layers, cell } = parts;
  const [joined, feed, ...rest] = recurrence(parts, target, given, {
    ...{ layers: 1, combine: undefined, below: undefined, attentional: undefined },
  });
  const lowest = rest.slice(0, cell.parts.length);
  const weights = rest[lowest.length];
  if (layers.length === 1)
    return { output: permute(joined!, [1, 0, 2]), feed: feed!, state: lowest, weights };
  const context = slice(joined!, -1, hiddenSize);
  const { output, state } = runLayers(parts, target, 1, joined!, context, beside, true);
  return {
    output: permute(concat([output, context], -1), [1, 0, 2]),
    feed: feed!,
    state: lowest.map((part, i) => concat([part, state[i]!])),
    weights,
  };
}

/** The operation over what feeds back: the first `layers` layers. */
function recurrence(
  parts: DecoderParts,
  { memory, encoding, initial, feed, lengths, needWeights }: Target,
  given: Tensor,
  own: {
    layers: number;
    combine: Tensor | undefined;
    below: Tensor[] | undefined;
    attentional: Tensor | undefined;
  },
): readonly Tensor[] {
  const { cell, attention, residual, recurrentDropout: p, hiddenSize } = parts;
  const layers = parts.layers.slice(0, own.layers);
  const B = given.shape[0]!;
  return attentionRecurrence(given, {
    cell,
    layers,
    encodingSize: encoding?.shape[1] ?? 0,
    residual,
    attended: attendedOf(attention!, memory!),
    queryWeight: attention!.queryProjection?.weight,
    combine: own.combine,
    initial: own.layers === parts.layers.length ? initial : initial.map((x) => slice(x, 0, 0, 1)),
    feed: feed!,
    lengths,
    masks: {
      recurrent: p > 0 ? layers.map(() => keepMask([B, hiddenSize], p)!) : undefined,
      below: own.below,
      attentional: own.attentional,
    },
    needWeights,
  });
}

/**
 * Layers from `first` on, time-major between them.
 *
 * @param input of the lowest layer `[B, T, ·]`, else [what comes from below | context], `[T, B, H + M]`
 * @param context what each layer reads beside the one below, `[T, B, M]`
 * @param beside what each layer after the lowest reads before it, `[B, T, E]`
 * @param timeMajor whether the output is `[T, B, H]`. Default: `[B, T, H]`, which the last layer writes itself
 */
function runLayers(
  { cell, layers, hiddenSize, residual, dropout: p, recurrentDropout, locked }: DecoderParts,
  { initial, lengths }: Target,
  first: number,
  input: Tensor,
  context: Tensor | undefined,
  beside: Tensor | undefined,
  timeMajor = false,
): { output: Tensor; state: readonly Tensor[] } {
  const upper = layers.length > 1;
  const encoding = beside && upper ? permute(beside, [1, 0, 2]) : undefined;
  const finals: (readonly Tensor[])[] = [];
  /** What a layer adds to its output. */
  const below = (current: Tensor, layer: number) =>
    context && layer === first ? slice(current, -1, 0, hiddenSize) : current;
  let current = input;
  for (let layer = first; layer < layers.length; layer++) {
    let read = current;
    if (layer > 0) {
      if (context && layer > first) read = concat([current, context], -1);
      const [T, B, size] = read.shape as [number, number, number];
      const mask = keepMask([locked ? 1 : T, B, size], p);
      if (mask) read = read.mul(mask);
      if (encoding) read = concat([encoding, read], -1);
    }
    const batch = layer === 0 ? read.shape[0]! : read.shape[1]!;
    const adds = residual && layer > 0;
    const ends = layer === layers.length - 1 && !timeMajor;
    const [output, ...final] = cell.layer(read, [layers[layer]!], {
      hiddenSize,
      lengths,
      initial,
      slot: layer,
      mask: keepMask([1, batch, hiddenSize], recurrentDropout),
      timeMajorInput: layer > 0,
      timeMajorOutput: adds || !ends,
    });
    finals.push(final);
    current = adds ? output!.add(below(current, layer)) : output!;
    if (adds && ends) current = permute(current, [1, 0, 2]);
  }
  const state = finals[0]!.map((_, part) =>
    finals.length === 1 ? finals[0]![part]! : concat(finals.map((final) => final[part]!)),
  );
  return { output: current, state };
}
