// Backpropagation through a sequence. The loop over time has what depends on the step after; the gradients of weights and of
// the input follow, one product each.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { empty } from "../../tensor/tensor.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { copyBytes, fillZero, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import type { Direction } from "../recurrent/direction.js";
import { lstmThroughTime } from "../recurrent/lstm.js";
import { eachEnd } from "./forward.js";
import { giveWeights } from "./give-weights.js";
import { memoryIn, memoryOut, weightsIn, weightsOut } from "./layout.js";
import type { MachineOptions } from "./tape.js";
import {
  placesOf,
  type ControllerKind,
  type Machine,
  type MachineSizes,
  type MachineStart,
} from "./machine.js";
import { rowsProduct, withMachinePanels, type MachinePanels } from "./panels.js";
import { directionAt, memoryAt, OP, recordOf, stepOf, type Tape } from "./tape.js";

/** One step of a layer backwards: gates become their gradients; dh and dc, where there are such, those a step earlier. */
const CONTROLLERS: Readonly<
  Record<ControllerKind, (direction: Direction, dh: Ptr, dc: Ptr, dOut: Ptr) => void>
> = {
  lstm: lstmThroughTime,
  feedforward({ gates, hs, lengths, B, H, rowStride }, _dh, _dc, dOut) {
    kernels().copyRows(gates, dOut, B, H, H, rowStride);
    trainingKernels().tanhBackward(gates, gates, at(hs, B * H), B * H);
    if (lengths === 0) return;
    i32(lengths, B).forEach((active, row) => {
      if (!active) fillZero(at(gates, row * H), bytesOf(H));
    });
  },
};

/** Gradients on their way through time. */
interface Flow {
  /** Of [h | what was read] after each step, `[T + 1, B, joined]`. */
  readonly joined: Ptr;
  /** Of each layer's state, `[layers, B, H]`. */
  readonly dh: Ptr;
  readonly dc: Ptr;
  /** Of the outputs of a layer below another, `[B, H]`. */
  readonly below: Ptr;
  /** `[B, M, P]` */
  readonly memory: Ptr;
  /** `[B, heads, P]` */
  readonly weights: Ptr;
  readonly scratch: Ptr;
}

export function backwardMachine(
  pass: BackwardPass,
  machine: Machine,
  start: MachineStart,
  sizes: MachineSizes,
  tape: Tape,
  { lengths, needWeights }: MachineOptions,
): void {
  const { B, H, heads, joined, reads } = sizes;
  const places = placesOf(machine, start);
  scopeWithin(() => {
    const flow = startFlow(pass, machine, start, sizes, lengths);
    const trace = needWeights ? traceGradient(pass, 4 + start.hidden.length, sizes) : 0;
    withMachinePanels(OP, machine, sizes, true, (panels) =>
      throughTime(machine, sizes, tape, flow, trace, panels),
    );
    pass.write(places.memory, (to) => memoryOut(to, flow.memory, sizes));
    pass.write(places.reads, (to) =>
      kernels().copyRows(to, at(flow.joined, H), B, reads, reads, joined),
    );
    pass.write(places.weights, (to) => weightsOut(to, flow.weights, B * heads, sizes));
    [flow.dh, flow.dc].slice(0, start.hidden.length).forEach((from, i) => {
      pass.write(places.hidden + i, (to) => copyBytes(to, from, bytesOf(start.hidden[i]!.size)));
    });
    giveWeights(pass, machine, sizes, tape, places);
  });
}

/** The gradients that came in, laid out as the steps read them. */
function startFlow(
  pass: BackwardPass,
  { layers }: Machine,
  { hidden }: MachineStart,
  sizes: MachineSizes,
  lengths: Int32Array | undefined,
): Flow {
  const { T, B, H, M, N, P, heads, joined, reads, shiftRange } = sizes;
  const room = (size: number): Ptr => empty([size]).storage.ptr;
  const all = room((T + 1) * B * joined);
  fillZero(all, bytesOf(B * joined));
  // Past a row's length its output is zeros, whatever comes in for it.
  kernels().toTimeMajor(at(all, B * joined), pass.grad(0), 0, B, T, joined);
  lengths?.forEach((length, row) => {
    for (let t = length; t < T; t++)
      fillZero(at(all, ((t + 1) * B + row) * joined), bytesOf(joined));
  });
  const dReads = pass.gradOrNone(2);
  if (dReads)
    eachEnd(lengths, sizes, (step, first, rows) => {
      const to = at(all, (step * B + first) * joined + H);
      trainingKernels().copyRowsAcc(to, at(dReads, first * reads), rows, reads, joined, reads);
    });
  const [memory, weights] = [room(B * M * P), room(B * heads * P)];
  orZero(pass.gradOrNone(1), memory, B * M * P, (from) => memoryIn(memory, from, sizes));
  orZero(pass.gradOrNone(3), weights, B * heads * P, (from) =>
    weightsIn(weights, from, B * heads, sizes),
  );
  const states = hidden.map((_, i) => {
    const size = layers.length * B * H;
    const to = room(size);
    orZero(pass.gradOrNone(4 + i), to, size, (from) => copyBytes(to, from, bytesOf(size)));
    return to;
  });
  return {
    ...{ joined: all, dh: states[0] ?? 0, dc: states[1] ?? 0, below: room(B * H), memory, weights },
    scratch: room(extraKernels().ntmScratchSize(N, shiftRange)),
  };
}

/** That of the weightings of each step, `[T, B, heads, N]`, or 0. */
function traceGradient(pass: BackwardPass, output: number, { T, B, heads, N }: MachineSizes): Ptr {
  const given = pass.gradOrNone(output);
  if (!given) return 0;
  const trace = empty([T, B, heads, N]).storage.ptr;
  kernels().toTimeMajor(trace, given, 0, B, T, heads * N);
  return trace;
}

function orZero(from: Ptr, to: Ptr, size: number, copy: (from: Ptr) => void): void {
  if (from) copy(from);
  else fillZero(to, bytesOf(size));
}

function throughTime(
  { layers, controller }: Machine,
  sizes: MachineSizes,
  tape: Tape,
  flow: Flow,
  trace: Ptr,
  panels: MachinePanels,
): void {
  const { T, B, H, M, N, P, gates, heads, writers, shiftRange, joined, reads, parameters } = sizes;
  const top = layers.length - 1;
  for (let t = T - 1; t >= 0; t--) {
    const both = at(flow.joined, (t + 1) * B * joined);
    intoHeads(t, both);
    const steered = stepOf(tape.parameters, t);
    const shape = { m: B, n: H, k: parameters, cStride: joined };
    rowsProduct(both, steered, panels.heads, 0, shape, true);
    intoLayers(t, both);
  }

  function intoHeads(t: number, both: Ptr): void {
    if (trace) {
      const from = at(trace, t * B * heads * N);
      trainingKernels().copyRowsAcc(flow.weights, from, B * heads, N, P, N);
    }
    const [memory, memoryStep] = memoryAt(tape, t, sizes);
    const [before, after] = [stepOf(tape.weights, t), stepOf(tape.weights, t + 1)];
    // prettier-ignore
    extraKernels().ntmBackward(
      flow.memory, flow.weights, stepOf(tape.parameters, t), flow.scratch, at(both, H), after, recordOf(tape.records, t),
      memory, before, stepOf(tape.active, t), memoryStep, B, N, M, heads, writers, shiftRange, joined,
    );
  }

  /** Down through the layers; at last what was read a step earlier. */
  function intoLayers(t: number, both: Ptr): void {
    for (let layer = top; layer >= 0; layer--) {
      const own = tape.layers[layer]!;
      const [out, stride] = layer === top ? [both, joined] : [flow.below, H];
      const direction = directionAt(own, layers[layer]!, tape.active, sizes, t, 1, stride);
      const state = layer * B * H;
      CONTROLLERS[controller](direction, at(flow.dh, state), at(flow.dc, state), out);
      const from = direction.gates;
      if (layer > 0) {
        rowsProduct(flow.below, from, panels.below[layer - 1]!, 0, { m: B, n: H, k: gates * H });
        continue;
      }
      const read = at(flow.joined, t * B * joined + H);
      const shape = { m: B, n: reads, k: gates * H, cStride: joined };
      rowsProduct(read, from, panels.reads, 0, shape, true);
    }
  }
}
