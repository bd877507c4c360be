// What a Neural Turing Machine is made of, and the sizes of it that the operation over a sequence counts with.
import type { Tensor } from "../../tensor/tensor.js";

/** What steers the heads: an LSTM, or layers without a memory of their own. */
export type ControllerKind = "lstm" | "feedforward";

/** One layer of the controller. */
export interface ControllerLayer {
  /** `[gates · H, ·]`; the lowest one's columns are for [x | what was read]. */
  readonly inputWeight: Tensor;
  readonly inputBias: Tensor;
  /** An LSTM's. */
  readonly hiddenWeight?: Tensor | undefined;
  readonly hiddenBias?: Tensor | undefined;
}

/**
 * What makes a head's parameters of the controller's output: key [M], strength, gate, shift [2 · range + 1], sharpness; of one
 * that writes then erase [M], add [M].
 */
export interface HeadWeights {
  readonly writes: boolean;
  /** `[parameters, H]` */
  readonly weight: Tensor;
  readonly bias: Tensor;
}

export interface Machine {
  readonly controller: ControllerKind;
  /** From the lowest up. */
  readonly layers: readonly ControllerLayer[];
  /** In the order in which they act on the memory. */
  readonly heads: readonly HeadWeights[];
  readonly shiftRange: number;
}

/** Where a sequence starts. */
export interface MachineStart {
  /** `[B, N, M]` */
  readonly memory: Tensor;
  /** What the heads have read, side by side, `[B, readers · M]`. */
  readonly reads: Tensor;
  /** `[B, heads, N]` */
  readonly weights: Tensor;
  /** An LSTM's h and c, each `[layers, B, H]`; none of a controller without a memory. */
  readonly hidden: readonly Tensor[];
}

export interface MachineSizes {
  readonly T: number;
  readonly B: number;
  /** Numbers of the input. */
  readonly I: number;
  readonly H: number;
  /** The controller's gates. */
  readonly gates: number;
  /** Rows of the memory, the same rounded up to whole vectors, and the width. */
  readonly N: number;
  readonly P: number;
  readonly M: number;
  readonly heads: number;
  /** Which heads write, bit by bit, and how many. */
  readonly writers: number;
  readonly writes: number;
  readonly shiftRange: number;
  /** Numbers that are read in a step. */
  readonly reads: number;
  /** Parameters of all heads. */
  readonly parameters: number;
  /** Columns of [h | what was read]. */
  readonly joined: number;
}

export function sizesOfMachine(
  T: number,
  B: number,
  I: number,
  { controller, layers, heads, shiftRange }: Machine,
  [N, M]: readonly [number, number],
): MachineSizes {
  const gates = controller === "lstm" ? 4 : 1;
  const H = layers[0]!.inputBias.size / gates;
  const writes = heads.filter(({ writes }) => writes).length;
  const reads = (heads.length - writes) * M;
  return {
    ...{ T, B, I, H, gates, N, M, writes, shiftRange, reads },
    P: (N + 3) & ~3,
    heads: heads.length,
    writers: heads.reduce((bits, { writes }, i) => bits | (+writes << i), 0),
    parameters: heads.reduce((sum, { bias }) => sum + bias.size, 0),
    joined: H + reads,
  };
}

/** The tensors a gradient may flow to, as `placesOf` numbers them. */
export function inputsOf(
  x: Tensor,
  { layers, heads }: Machine,
  { memory, reads, weights, hidden }: MachineStart,
): Tensor[] {
  return [
    ...[x, memory, reads, weights, ...hidden],
    ...layers.flatMap(tensorsOfLayer),
    ...heads.flatMap(({ weight, bias }) => [weight, bias]),
  ];
}

export function tensorsOfLayer({
  inputWeight,
  inputBias,
  hiddenWeight,
  hiddenBias,
}: ControllerLayer): Tensor[] {
  return hiddenWeight && hiddenBias
    ? [inputWeight, inputBias, hiddenWeight, hiddenBias]
    : [inputWeight, inputBias];
}

/** Which input each is. */
export function placesOf(
  { layers }: Machine,
  { hidden }: MachineStart,
): {
  memory: number;
  reads: number;
  weights: number;
  hidden: number;
  layers: number;
  heads: number;
} {
  const first = 4 + hidden.length;
  const own = layers.reduce((sum, layer) => sum + tensorsOfLayer(layer).length, 0);
  return { memory: 1, reads: 2, weights: 3, hidden: 4, layers: first, heads: first + own };
}
