// The gradient of a recurrent layer: one call for the recurrence of each direction, then one product each for
// the weights and the input.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { heap, kernels } from "../../wasm/backend.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { accumulateWeightGradient, biasGradients } from "../linear.js";
import { gradientProduct } from "../weight-products.js";
import type { RecurrentCell, Run } from "./cell.js";
import { reorders, runOf, type Saved } from "./run.js";
import { tensorsOf } from "./weights.js";

export function backwardLayer(cell: RecurrentCell, pass: BackwardPass, saved: Saved): void {
  const { weights, options, sizes, kept } = saved;
  if (!kept) return;
  const { B, H, P, D } = sizes;
  const initial = options.initial?.length ?? 0;
  const perDirection = tensorsOf(weights[0]!).length;
  // Gradients of the state: the final one goes in, the initial one comes out, in place.
  const [hSize, cSize] = [B * P, cell.hasC ? B * H : 0];
  const dh = heap().allocate(bytesOf(D * (hSize + cSize)));
  const dc = at(dh, D * hSize);
  try {
    start(dh, pass.gradOrNone(1), bytesOf(D * hSize));
    if (cell.hasC) start(dc, pass.gradOrNone(2), bytesOf(D * cSize));
    const dOut = pass.grad(0);
    const runs = kept.directions.map((direction, d) => {
      const run = runOf(cell.op, direction, kept.lengths, weights[d]!, d, sizes, options);
      const first = 1 + initial + d * perDirection;
      cell.backward(pass, run, first, at(dh, d * hSize), at(dc, d * cSize), at(dOut, d * P));
      giveInputSide(cell, pass, run, first, kept.input.address(cell.op), saved.features);
      return run;
    });
    giveInput(pass, runs, saved);
    if (initial > 0) giveInitial(pass, 1, dh, D * hSize, saved);
    if (initial > 1) giveInitial(pass, 2, dc, D * cSize, saved);
  } finally {
    heap().free(dh);
  }
}

/** Copies what is there to start from, or zeros where nothing is. */
function start(to: Ptr, from: Ptr, bytes: number): void {
  if (from === 0) fillZero(to, bytes);
  else copyBytes(to, from, bytes);
}

/** Gives W_ih and the biases their gradients. */
function giveInputSide(
  cell: RecurrentCell,
  pass: BackwardPass,
  { gates, T, B, H, weights }: Run,
  first: number,
  x: Ptr,
  inputs: number,
): void {
  const [rows, outputs] = [T * B, cell.gates * H];
  accumulateWeightGradient(pass, first, { dy: gates, x, rows, outputs, inputs });
  if (!weights.inputBias) return;
  const biases = cell.biasesApart ? [first + 2] : [first + 2, first + 3];
  biasGradients(pass, biases, gates, rows, outputs);
}

/** Gives x its gradient: the sum over the directions of dGates · W_ih. */
function giveInput(
  pass: BackwardPass,
  runs: readonly Run[],
  { options, sizes, features }: Saved,
): void {
  const { T, B } = sizes;
  const rows = T * B;
  const products = (to: Ptr, accumulates: boolean): void =>
    runs.forEach(({ gates, weights, reverse }) =>
      gradientProduct(to, gates, weights.inputWeight, rows, accumulates || reverse > 0),
    );
  if (!reorders(options, sizes)) return pass.accumulate(0, products);
  pass.write(0, (to) => {
    const dInput = heap().allocate(bytesOf(rows * features));
    products(dInput, false);
    kernels().toBatchFirst(to, dInput, B, T, features);
    heap().free(dInput);
  });
}

/** Gives a part of the initial state its gradient, of which this layer has some slots. */
function giveInitial(
  pass: BackwardPass,
  input: number,
  from: Ptr,
  size: number,
  { options, sizes }: Saved,
): void {
  const whole = options.initial![input - 1]!.size;
  pass.accumulate(input, (to, accumulates) => {
    const slots = at(to, ((options.slot ?? 0) * size) / sizes.D);
    if (accumulates) return kernels().axpy(slots, from, size, 1);
    if (size < whole) fillZero(to, bytesOf(whole));
    copyBytes(slots, from, bytesOf(size));
  });
}
