// One recurrent layer, both directions of it, as one operation: the calls into the kernels do not grow with
// time. What a cell has of its own is in its record (cell.ts).
import { records } from "../../autograd/mode.js";
import { defineOp } from "../../autograd/op.js";
import type { Shape } from "../../core/shape.js";
import { tensor } from "../../tensor/create.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { requireFloat } from "../check.js";
import { weightProduct } from "../weight-products.js";
import type { CellDefinition } from "./cell.js";
import { directionOf, type Kept } from "./direction.js";
import { backwardLayer } from "./layer-backward.js";
import { reorders, type LayerOptions, type Sizes } from "./layer-options.js";
import { tensorsOf, type LayerWeights } from "./weights.js";

/** x, the weights of each direction, options → output and final state, h and perhaps c. */
export type RecurrentLayer = (
  x: Tensor,
  weights: readonly LayerWeights[],
  options: LayerOptions,
) => readonly Tensor[];

/** A cell with its operation over sequences. */
export type Cell<Part extends string = string> = CellDefinition<Part> & {
  readonly layer: RecurrentLayer;
};

/** Completes a cell's record, which is written out where it is given: the inference build leaves out its `backward`. */
export function defineCell<Part extends string>(definition: CellDefinition<Part>): Cell<Part> {
  return { ...definition, layer: recurrentLayer(definition) };
}

/**
 * Makes a layer's operation of a cell. It reads `[batch, time, features]` (or time-major, or one step
 * `[batch, features]`) and gives the output, the directions side by side on the last axis, then the final
 * state, each part `[directions, batch, size]`.
 */
function recurrentLayer(cell: CellDefinition): RecurrentLayer {
  const { op } = cell;
  return defineOp({
    name: op,
    forward(x: Tensor, weights: readonly LayerWeights[], options: LayerOptions) {
      const initial = options.initial ?? [];
      // The initial state is copied: a carried one may take the next values before backward().
      const inputs = [x, ...initial];
      for (const own of weights) inputs.push(...tensorsOf(own));
      for (const input of inputs) requireFloat(op, input);
      const sizes = sizesOf(x, weights, options);
      const { T, B, H, P, D } = sizes;
      const [outer, inner] = options.timeMajorOutput ? [T, B] : [B, T];
      const output = empty(x.shape.length === 2 ? [B, D * P] : [outer, inner, D * P]);
      const state = cell.parts.map((_, i) => empty(stateShape(sizes, i === 0 ? P : H, options)));
      const run = (): Kept => forwardLayer(cell, x, weights, options, sizes, output, state);
      // Without a graph to record, what the layer keeps goes at once.
      const recorded = TRAINING && records(inputs);
      const kept = recorded ? run() : undefined;
      if (!recorded) scopeWithin(run);
      return {
        inputs,
        unread: initial,
        output: [output, ...state],
        saved: { weights, options, sizes, features: x.shape.at(-1)!, kept },
      };
    },
    backward: (pass, saved) => backwardLayer(cell, pass, saved),
  });
}

function sizesOf(
  { shape }: Tensor,
  weights: readonly LayerWeights[],
  { hiddenSize: H, timeMajorInput }: LayerOptions,
): Sizes {
  const [time, batch] = timeMajorInput ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  const [T, B] = shape.length === 2 ? [1, shape[0]!] : [time, batch];
  return { T, B, H, P: weights[0]!.hiddenWeight.shape[1]!, D: weights.length };
}

function stateShape({ D, B }: Sizes, size: number, { cellState }: LayerOptions): Shape {
  return cellState ? [B, size] : [D, B, size];
}

function forwardLayer(
  cell: CellDefinition,
  x: Tensor,
  weights: readonly LayerWeights[],
  options: LayerOptions,
  sizes: Sizes,
  output: Tensor,
  state: readonly Tensor[],
): Kept {
  const { op } = cell;
  const { T, B, H, P } = sizes;
  const lengths = options.lengths && tensor(options.lengths);
  const input = reorders(options, sizes) ? timeMajor(op, x, lengths, sizes) : x;
  const directions = weights.map((own, d) => {
    const gates = inputProduct(cell, input, own, sizes);
    const parts = [P, H].slice(0, state.length).map((size) => empty([T + 1, B, size]));
    const [hs, cs] = parts as [Tensor, Tensor | undefined];
    const kept = {
      gates,
      hs,
      cs,
      extra: cell.keepsExtra ? empty([T, B, H]) : undefined,
      masked: TRAINING && options.mask ? empty([T, B, P]) : undefined,
    };
    const direction = directionOf(op, kept, lengths, own, d, sizes, options);
    parts.forEach((slabs, i) => {
      const slab = slabs.shape[2]! * B;
      const from = options.initial?.[i]?.address(op);
      const to = at(slabs.storage.ptr, d ? T * slab : 0);
      if (from === undefined) fillZero(to, bytesOf(slab));
      else copyBytes(to, at(from, ((options.slot ?? 0) + d) * slab), bytesOf(slab));
    });
    cell.forward(direction, at(output.storage.ptr, d * P));
    parts.forEach((slabs, i) => {
      const slab = slabs.shape[2]! * B;
      const from = at(slabs.storage.ptr, d ? 0 : T * slab);
      copyBytes(at(state[i]!.storage.ptr, d * slab), from, bytesOf(slab));
    });
    return kept;
  });
  return { input, lengths, directions };
}

/** x · W_ihᵀ and the biases, over all time. */
function inputProduct(
  cell: CellDefinition,
  input: Tensor,
  weights: LayerWeights,
  { T, B, H }: Sizes,
): Tensor {
  const rows = T * B;
  const gates = empty([rows, cell.gates * H]);
  const from = input.address(cell.op);
  weightProduct(gates.storage.ptr, from, weights.inputWeight, gateBias(cell, weights), rows);
  return gates;
}

/** What is added to each row of x · W_ihᵀ; 0 without biases. */
export function gateBias(
  { op, biasesApart }: CellDefinition,
  { inputBias, hiddenBias }: LayerWeights,
): Ptr {
  if (biasesApart || !inputBias) return inputBias?.address(op) ?? 0;
  return sumOf(op, inputBias, hiddenBias!);
}

function sumOf(op: string, a: Tensor, b: Tensor): Ptr {
  const sum = empty(a.shape);
  kernels().add(sum.storage.ptr, a.address(op), b.address(op), sum.size);
  return sum.storage.ptr;
}

/**
 * The input in the order the time loop reads it, zeros past each row's length. One pass over the input:
 * under 0.5 % of a training step, and every product after it runs over contiguous rows.
 */
function timeMajor(
  op: string,
  x: Tensor,
  lengths: Tensor<"int32"> | undefined,
  { T, B }: Sizes,
): Tensor {
  const features = x.shape.at(-1)!;
  const out = empty([T, B, features]);
  const [from, counts] = [x.address(op), lengths?.address(op) ?? 0];
  kernels().toTimeMajor(out.storage.ptr, from, counts, B, T, features);
  return out;
}
