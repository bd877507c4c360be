// What a decoder takes beside its input: types and checks.
import { checkKeys } from "../../core/check.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape, sameShape, type Shape } from "../../core/shape.js";
import { requireInt } from "../../ops/check.js";
import { zeros } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttentionMemory } from "../attention.js";
import { checkState } from "../recurrent-input.js";

/** A decoder's state. */
export interface RecurrentDecoderState {
  /** `[numLayers, batch, hiddenSize]` */
  readonly h: Tensor;
  /** Of an LSTM: `[numLayers, batch, hiddenSize]`. */
  readonly c?: Tensor | undefined;
  /**
   * What the last step fed back: `[batch, attentionSize]` with "inputFeeding", `[batch, memorySize]` with "gnmt". Default
   * zeros.
   */
  readonly feed?: Tensor | undefined;
}

/** What a decoder reads beside its input. */
export interface DecoderInputs {
  /** From `decoder.memory(…)`; needed with attention. */
  memory?: AttentionMemory | undefined;
  /** The fixed vector of each row, `[batch, encodingSize]`; needed with encodingSize. */
  encoding?: Tensor | undefined;
  /** Where to start. Default zeros. */
  state?: RecurrentDecoderState | undefined;
}

/** Sizes of what a decoder takes; 0 for what it does not take. */
export interface InputSizes {
  readonly memorySize: number;
  readonly encodingSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  /** The size of what is fed back. */
  readonly fedSize: number;
  /** The parts of a layer's state. */
  readonly parts: readonly string[];
}

/** The shape of each part of a decoder's state. */
export function stateShapes(
  { parts, numLayers, hiddenSize, fedSize }: InputSizes,
  batch: number,
): Record<string, Shape> {
  const shapes: [string, Shape][] = parts.map((part) => [part, [numLayers, batch, hiddenSize]]);
  if (fedSize > 0) shapes.push(["feed", [batch, fedSize]]);
  return Object.fromEntries(shapes);
}

/**
 * Refuses what does not fit a batch.
 *
 * @returns the parts of the state that are given; the others are zeros
 */
export function checkInputs(
  op: string,
  sizes: InputSizes,
  batch: number,
  { memory, encoding, state }: DecoderInputs,
): Readonly<Record<string, Tensor>> {
  checkMemory(op, sizes, batch, memory);
  const { encodingSize } = sizes;
  if (encoding ? !sameShape(encoding.shape, [batch, encodingSize]) : encodingSize > 0)
    throw new ShapeError({
      op,
      expected: encodingSize > 0 ? `an encoding [${batch}, ${encodingSize}]` : "no encoding",
      got: encoding ? formatShape(encoding.shape) : "none",
      cure: encodingSize > 0 ? undefined : "Make the decoder with encodingSize.",
    });
  if (!state) return {};
  const shapes = stateShapes(sizes, batch);
  checkKeys(op, state, [...Object.keys(shapes), "c", "feed"].map((k) => `${k}:tensor`).join(" "));
  if (!state.feed) delete shapes.feed;
  const parts = Object.keys(shapes).map((part) => [part, state[part as "h"]] as const);
  const given = Object.fromEntries(parts) as Record<string, Tensor>;
  checkState(op, given, shapes);
  return given;
}

/** The whole state to start from: zeros for what is not given. */
export function wholeState(
  sizes: InputSizes,
  batch: number,
  given: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> {
  const shapes = Object.entries(stateShapes(sizes, batch));
  return Object.fromEntries(shapes.map(([part, shape]) => [part, given[part] ?? zeros(shape)]));
}

function checkMemory(
  op: string,
  { memorySize, hiddenSize }: InputSizes,
  batch: number,
  memory: AttentionMemory | undefined,
): void {
  if (!memory) {
    if (memorySize === 0) return;
    throw new OptionError({
      op,
      expected: "a memory",
      got: "none",
      cure: "Make it of the encoder's outputs by decoder.memory(…).",
    });
  }
  if (memorySize === 0)
    throw new OptionError({ op, expected: 'no memory where attention is "none"', got: "one" });
  checkKeys(op, memory, "keys!:tensor values!:tensor mask:tensor");
  const { keys, values, mask } = memory;
  const time = values.shape[1];
  const fits =
    sameShape(values.shape, [batch, time!, memorySize]) &&
    sameShape(keys.shape, [batch, time!, hiddenSize]) &&
    (!mask || sameShape(mask.shape, [batch, 1, time!]));
  if (!fits || time === 0)
    throw new ShapeError({
      op,
      expected: `a memory with keys [${batch}, time, ${hiddenSize}] and values [${batch}, time, ${memorySize}]`,
      got: `${formatShape(keys.shape)} and ${formatShape(values.shape)}`,
      cure: "Make it by decoder.memory(…), with as many rows as the input has.",
    });
  if (mask) requireInt(op, "memory.mask", mask);
}
