// The gradient of a recurrent layer: one call for the recurrence of each direction, then one product each for
// the weights and the input.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { withBlock } from "../../wasm/scratch.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { giveBiasGradients, giveWeightGradient } from "../weight-gradients.js";
import { inputGradient } from "../weight-products.js";
import type { CellDefinition } from "./cell.js";
import { directionOf, type Direction, type Kept } from "./direction.js";
import { reorders, type LayerOptions, type Sizes } from "./layer-options.js";
import { tensorsOf, type LayerWeights } from "./weights.js";

/** What a layer's gradient needs of its forward pass. */
export interface SavedLayer {
  readonly weights: readonly LayerWeights[];
  readonly options: LayerOptions;
  readonly sizes: Sizes;
  readonly features: number;
  readonly kept: Kept | undefined;
}

export function backwardLayer(cell: CellDefinition, pass: BackwardPass, saved: SavedLayer): void {
  const { weights, options, sizes, kept } = saved;
  if (!kept) return;
  const { B, H, P, D } = sizes;
  const initial = options.initial?.length ?? 0;
  const perDirection = tensorsOf(weights[0]!).length;
  // Gradients of the state: the final one goes in, the initial one comes out, in place.
  const hasC = cell.parts.length > 1;
  const [hSize, cSize] = [B * P, hasC ? B * H : 0];
  withBlock(bytesOf(D * (hSize + cSize)), (dh) => {
    const dc = at(dh, D * hSize);
    start(dh, pass.gradOrNone(1), bytesOf(D * hSize));
    if (hasC) start(dc, pass.gradOrNone(2), bytesOf(D * cSize));
    const dOut = pass.grad(0);
    const directions = kept.directions.map((own, d) => {
      const direction = directionOf(cell.op, own, kept.lengths, weights[d]!, d, sizes, options);
      const first = 1 + initial + d * perDirection;
      cell.backward(pass, direction, first, at(dh, d * hSize), at(dc, d * cSize), at(dOut, d * P));
      giveInputSide(cell, pass, direction, first, kept.input.address(cell.op), saved.features);
      return direction;
    });
    giveInput(pass, directions, saved);
    if (initial > 0) giveInitial(pass, 1, dh, D * hSize, saved);
    if (initial > 1) giveInitial(pass, 2, dc, D * cSize, saved);
  });
}

/** Copies a gradient to start from; zeros where there is none. */
function start(to: Ptr, from: Ptr, bytes: number): void {
  if (from === 0) fillZero(to, bytes);
  else copyBytes(to, from, bytes);
}

/** Gives W_ih and the biases their gradients. */
function giveInputSide(
  cell: CellDefinition,
  pass: BackwardPass,
  { gates, T, B, H, weights }: Direction,
  first: number,
  x: Ptr,
  inputs: number,
): void {
  const [rows, outputs] = [T * B, cell.gates * H];
  giveWeightGradient(pass, first, { dy: gates, x, rows, outputs, inputs });
  if (!weights.inputBias) return;
  const biases = cell.biasesApart ? [first + 2] : [first + 2, first + 3];
  giveBiasGradients(pass, biases, gates, rows, outputs);
}

/** Gives x its gradient: the sum over the directions of dGates · W_ih. */
function giveInput(
  pass: BackwardPass,
  directions: readonly Direction[],
  { options, sizes, features }: SavedLayer,
): void {
  const { T, B } = sizes;
  const rows = T * B;
  const products = (to: Ptr, accumulates: boolean): void =>
    directions.forEach(({ gates, weights, reverse }) =>
      inputGradient(to, gates, weights.inputWeight, rows, accumulates || reverse > 0),
    );
  if (!reorders(options, sizes)) return pass.accumulate(0, products);
  pass.write(0, (to) => {
    withBlock(bytesOf(rows * features), (dInput) => {
      products(dInput, false);
      trainingKernels().toBatchFirst(to, dInput, B, T, features);
    });
  });
}

/** Gives a part of the initial state its gradient, of which this layer has some slots. */
function giveInitial(
  pass: BackwardPass,
  input: number,
  from: Ptr,
  size: number,
  { options, sizes }: SavedLayer,
): void {
  const whole = options.initial![input - 1]!.size;
  pass.accumulate(input, (to, accumulates) => {
    const slots = at(to, ((options.slot ?? 0) * size) / sizes.D);
    if (accumulates) return trainingKernels().axpy(slots, from, size, 1);
    if (size < whole) fillZero(to, bytesOf(whole));
    copyBytes(slots, from, bytesOf(size));
  });
}
