// Gradients of the weights and of the input, once those of all steps are there.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes } from "../../wasm/memory.js";
import { at, bytesOf } from "../../wasm/ptr.js";
import { withBlock, withScratch } from "../../wasm/scratch.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { giveColumnGradients, withPackedColumns } from "../decoder/columns.js";
import { product } from "../products.js";
import { hiddenWeightGradient } from "../recurrent/gradients.js";
import { giveBiasGradients, giveWeightGradient } from "../weight-gradients.js";
import { tensorsOfLayer, type Machine, type MachineSizes } from "./machine.js";
import { directionAt, OP, stepOf, type Tape } from "./tape.js";

export function giveWeights(
  pass: BackwardPass,
  machine: Machine,
  sizes: MachineSizes,
  tape: Tape,
  places: { readonly layers: number; readonly heads: number },
): void {
  giveHeads(pass, machine, sizes, tape, places.heads);
  giveLayers(pass, machine, sizes, tape, places.layers);
  giveInput(pass, machine, sizes, tape);
}

function giveHeads(
  pass: BackwardPass,
  { heads, layers }: Machine,
  { T, B, H, parameters }: MachineSizes,
  tape: Tape,
  first: number,
): void {
  const rows = T * B;
  const all = tape.parameters.storage.ptr;
  const x = stepOf(tape.layers[layers.length - 1]!.hs, 1);
  withScratch(bytesOf(parameters), (sums) => {
    kernels().sumAxis(sums, all, 1, rows, parameters);
    let column = 0;
    heads.forEach(({ bias }, head) => {
      const [outputs, start] = [bias.size, column];
      const dy = at(all, start);
      const weight = { dy, x, rows, outputs, inputs: H, stride: parameters };
      giveWeightGradient(pass, first + 2 * head, weight);
      pass.write(first + 2 * head + 1, (to) => copyBytes(to, at(sums, start), bytesOf(outputs)));
      column += outputs;
    });
  });
}

function giveLayers(
  pass: BackwardPass,
  { layers }: Machine,
  sizes: MachineSizes,
  tape: Tape,
  firstOfAll: number,
): void {
  const { T, B, I, H, gates, reads, joined } = sizes;
  const [rows, outputs] = [T * B, gates * H];
  let first = firstOfAll;
  layers.forEach((weights, layer) => {
    const own = tape.layers[layer]!;
    const dy = own.gates.storage.ptr;
    if (layer === 0)
      giveColumnGradients(pass, first, weights.inputWeight, dy, rows, [
        { first: 0, count: I, x: tape.x.storage.ptr, stride: I },
        { first: I, count: reads, x: at(tape.joined.storage.ptr, H), stride: joined },
      ]);
    else {
      const x = stepOf(tape.layers[layer - 1]!.hs, 1);
      giveWeightGradient(pass, first, { dy, x, rows, outputs, inputs: H });
    }
    const biases = weights.hiddenBias ? [first + 1, first + 3] : [first + 1];
    giveBiasGradients(pass, biases, dy, rows, outputs);
    if (weights.hiddenWeight) {
      const direction = directionAt(own, weights, tape.active, sizes, 0, T, joined);
      hiddenWeightGradient(pass, first + 2, direction, gates);
    }
    first += tensorsOfLayer(weights).length;
  });
}

function giveInput(
  pass: BackwardPass,
  { layers }: Machine,
  { T, B, I, H, gates }: MachineSizes,
  tape: Tape,
): void {
  if (!pass.needs(0)) return;
  const columns = { weight: layers[0]!.inputWeight, first: 0, count: I };
  withBlock(bytesOf(T * B * I), (dx) =>
    withPackedColumns(OP, "packB", [columns], ([panels]) => {
      const from = tape.layers[0]!.gates.storage.ptr;
      product(dx, from, panels!, { m: T * B, n: I, k: gates * H });
      pass.write(0, (to) => trainingKernels().toBatchFirst(to, dx, B, T, I));
    }),
  );
}
