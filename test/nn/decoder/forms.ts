// Decoders of every form, small, with what they read.
import { manualSeed, randn, zeros, type Tensor } from "../../../src/index.js";
import { RecurrentDecoder, type RecurrentDecoderOptions } from "../../../src/nn/index.js";

const SCORES = ["dot", "scaledDot", "general", "additive"] as const;
const PLACEMENTS = ["output", "inputFeeding", "gnmt"] as const;

/** Sizes that are no multiples of a vector, but for the dot scores' memory. */
export const SIZES = { batch: 3, time: 5, keys: 6, input: 3, hidden: 5, memory: 7 };

/** The options of each form. */
export const FORMS: readonly RecurrentDecoderOptions[] = [
  { attention: "none" },
  { attention: "none", cell: "gru", numLayers: 2, encodingSize: 2, skip: "residual" },
  ...SCORES.flatMap((attention) =>
    PLACEMENTS.map((placement) => ({
      ...{ attention, placement },
      memorySize: attention === "dot" || attention === "scaledDot" ? SIZES.hidden : SIZES.memory,
    })),
  ),
  ...(["gru", "rnn"] as const).flatMap((cell) =>
    PLACEMENTS.map((placement) => ({
      ...{ cell, placement, memorySize: SIZES.memory, numLayers: 2, bias: cell === "gru" },
    })),
  ),
  ...PLACEMENTS.map((placement) => ({
    ...{ placement, memorySize: SIZES.memory, attention: "additive" as const },
    ...{ numLayers: 3, encodingSize: 2, skip: "residual" as const },
    ...(placement === "gnmt" ? {} : { attentionSize: 9 }),
  })),
];

export interface Given {
  readonly x: Tensor;
  readonly keys: Tensor | undefined;
  readonly encoding: Tensor | undefined;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** Whether a state feeds something back, and how much. */
function fedSize(decoder: RecurrentDecoder): number {
  const { placement, memorySize, attentionSize } = decoder;
  return { output: 0, inputFeeding: attentionSize, gnmt: memorySize }[placement];
}

/** Zeros for the whole state. */
export function zeroState(decoder: RecurrentDecoder, batch: number): Record<string, Tensor> {
  const shape = [decoder.numLayers, batch, decoder.hiddenSize];
  const parts = decoder.cell === "lstm" ? ["h", "c"] : ["h"];
  const fed = fedSize(decoder);
  return {
    ...Object.fromEntries(parts.map((part) => [part, zeros(shape)])),
    ...(fed > 0 ? { feed: zeros([batch, fed]) } : {}),
  };
}

/** A decoder with random inputs, all of which want gradients. */
export function made(
  options: RecurrentDecoderOptions,
  { batch, time, keys, input, hidden } = SIZES,
): { decoder: RecurrentDecoder; given: Given } {
  manualSeed(7);
  const decoder = new RecurrentDecoder(input, hidden, options);
  const random = (...shape: number[]): Tensor => randn(shape, { requiresGrad: true });
  const state = Object.fromEntries(
    Object.entries(zeroState(decoder, batch)).map(([name, { shape }]) => [name, random(...shape)]),
  );
  return {
    decoder,
    given: {
      x: random(batch, time, input),
      keys: decoder.memorySize ? random(batch, keys, decoder.memorySize) : undefined,
      encoding: decoder.encodingSize ? random(batch, decoder.encodingSize) : undefined,
      state,
    },
  };
}

/** A form as a test is named. */
export function nameOf(options: RecurrentDecoderOptions): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}
