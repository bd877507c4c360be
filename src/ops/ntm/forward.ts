// A sequence from its first step to its last: a handful of kernel calls a step.
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { copyBytes, fillZero, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { biasedProduct } from "../products.js";
import { withPackedColumns } from "../decoder/columns.js";
import type { Direction } from "../recurrent/direction.js";
import { lstm } from "../recurrent/lstm.js";
import { memoryOut, weightsOut } from "./layout.js";
import type { ControllerKind, ControllerLayer, Machine, MachineSizes } from "./machine.js";
import { rowsProduct, withMachinePanels, type MachinePanels } from "./panels.js";
import { directionAt, memoryAt, OP, recordOf, stepOf, type Tape } from "./tape.js";

/** The tensors that the operation gives. */
export interface MachineOutputs {
  /** `[B, T, joined]` */
  readonly output: Tensor;
  /** As they were at the start. */
  readonly memory: Tensor;
  readonly reads: Tensor;
  readonly weights: Tensor;
  readonly hidden: readonly Tensor[];
  /** The weightings of each step, `[B, T, heads, N]`. */
  readonly trace: Tensor | undefined;
}

/** One step of a layer: gates become its activations, its output goes to the next slab of `hs` and to `out`. */
const CONTROLLERS: Readonly<Record<ControllerKind, (direction: Direction, out: Ptr) => void>> = {
  lstm: (direction, out) => lstm.forward(direction, out),
  feedforward({ gates, hs, lengths, B, H, rowStride }, out) {
    const after = at(hs, B * H);
    kernels().tanhForward(after, gates, B * H);
    kernels().copyRows(out, after, B, H, rowStride, H);
    if (lengths === 0) return;
    i32(lengths, B).forEach((active, row) => {
      if (!active) fillZero(at(out, row * rowStride), bytesOf(H));
    });
  },
};

export function forwardMachine(
  machine: Machine,
  sizes: MachineSizes,
  tape: Tape,
  lengths: Int32Array | undefined,
  outputs: MachineOutputs,
): void {
  const { layers, controller } = machine;
  const { T, B, H, gates, reads, joined } = sizes;
  const top = layers.length - 1;
  const biases = layers.map(biasOf);
  const unused = empty([B, H]).storage.ptr;
  givenProduct(machine, sizes, tape, biases[0]!);
  withMachinePanels(OP, machine, sizes, false, (panels) => {
    for (let t = 0; t < T; t++) {
      const both = stepOf(tape.joined, t + 1);
      const read = at(stepOf(tape.joined, t), H);
      const fed = { m: B, n: gates * H, k: reads, aStride: joined };
      rowsProduct(stepOf(tape.layers[0]!.gates, t), read, panels.reads, 0, fed, true);
      for (let layer = 0; layer <= top; layer++) {
        if (layer > 0) fromBelow(layer, t, panels);
        const [out, stride] = layer === top ? [both, joined] : [unused, H];
        const own = tape.layers[layer]!;
        CONTROLLERS[controller](
          directionAt(own, layers[layer]!, tape.active, sizes, t, 1, stride),
          out,
        );
      }
      actAt(t, panels, at(both, H));
    }
  });
  give(outputs, sizes, tape, lengths);

  function fromBelow(layer: number, t: number, { below }: MachinePanels): void {
    const to = stepOf(tape.layers[layer]!.gates, t);
    const from = stepOf(tape.layers[layer - 1]!.hs, t + 1);
    rowsProduct(to, from, below[layer - 1]!, biases[layer]!, { m: B, n: gates * H, k: H });
  }

  /** The heads' turn. */
  function actAt(t: number, panels: MachinePanels, read: Ptr): void {
    const { N, M, heads, writers, shiftRange, parameters } = sizes;
    const steered = stepOf(tape.parameters, t);
    const hidden = stepOf(tape.layers[top]!.hs, t + 1);
    rowsProduct(steered, hidden, panels.heads, panels.headBias, { m: B, n: parameters, k: H });
    const [memory, memoryStep] = memoryAt(tape, t, sizes);
    const [before, after] = [stepOf(tape.weights, t), stepOf(tape.weights, t + 1)];
    // prettier-ignore
    extraKernels().ntmForward(
      read, after, recordOf(tape.records, t), memory, before, steered, stepOf(tape.active, t), memoryStep,
      B, N, M, heads, writers, shiftRange, joined,
    );
  }
}

/** What is added to each row of a layer's products. */
function biasOf({ inputBias, hiddenBias }: ControllerLayer): Ptr {
  if (!hiddenBias) return inputBias.address(OP);
  const sum = empty(inputBias.shape);
  kernels().add(sum.storage.ptr, inputBias.address(OP), hiddenBias.address(OP), sum.size);
  return sum.storage.ptr;
}

/** The lowest layer's gates = x · Wᵀ and the biases, over all time. */
function givenProduct(
  { layers }: Machine,
  { T, B, I, H, gates }: MachineSizes,
  tape: Tape,
  bias: Ptr,
): void {
  const columns = { weight: layers[0]!.inputWeight, first: 0, count: I };
  withPackedColumns(OP, "packBT", [columns], ([panels]) => {
    const to = tape.layers[0]!.gates.storage.ptr;
    const sizes = { m: T * B, n: gates * H, k: I };
    biasedProduct(to, tape.x.storage.ptr, panels!, bias, sizes);
  });
}

/** Writes what the operation gives. */
function give(
  { output, memory, reads, weights, hidden, trace }: MachineOutputs,
  sizes: MachineSizes,
  tape: Tape,
  lengths: Int32Array | undefined,
): void {
  const { T, B, H, heads, N, P, joined, reads: width } = sizes;
  // From [T, B, ·] to [B, T, ·]: the same copy with the axes' roles exchanged.
  kernels().toTimeMajor(output.storage.ptr, stepOf(tape.joined, 1), 0, T, B, joined);
  memoryOut(memory.storage.ptr, stepOf(tape.memory, tape.memory.shape[0]! - 1), sizes);
  weightsOut(weights.storage.ptr, stepOf(tape.weights, T), B * heads, sizes);
  eachEnd(lengths, sizes, (step, first, rows) => {
    const from = at(stepOf(tape.joined, step), first * joined + H);
    kernels().copyRows(at(reads.storage.ptr, first * width), from, rows, width, width, joined);
  });
  tape.layers.forEach(({ hs, cs }, layer) =>
    hidden.forEach((to, part) => {
      const from = stepOf(part === 0 ? hs : cs, T);
      copyBytes(at(to.storage.ptr, layer * B * H), from, bytesOf(B * H));
    }),
  );
  if (!trace) return;
  const all = empty([B, T, heads * P]).storage.ptr;
  kernels().toTimeMajor(all, stepOf(tape.weights, 1), 0, T, B, heads * P);
  kernels().copyRows(trace.storage.ptr, all, B * T * heads, N, N, P);
}

/** Visits the rows by the number of steps each has: all at once where all have as many. */
export function eachEnd(
  lengths: Int32Array | undefined,
  { T, B }: MachineSizes,
  visit: (steps: number, first: number, rows: number) => void,
): void {
  if (!lengths) return visit(T, 0, B);
  lengths.forEach((length, row) => visit(length, row, 1));
}
