// What the operation over a sequence keeps from forward to backward. Everything is time-major.
import { tensor } from "../../tensor/create.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { copyBytes } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import type { Direction } from "../recurrent/direction.js";
import type { LayerWeights } from "../recurrent/weights.js";
import { memoryIn, weightsIn } from "./layout.js";
import type { ControllerLayer, Machine, MachineSizes, MachineStart } from "./machine.js";

export const OP = "neuralTuringMachine";

export interface MachineOptions {
  /** Steps that count in each row; undefined where all do. */
  readonly lengths: Int32Array | undefined;
  readonly needWeights: boolean;
}

/** What one layer of the controller keeps. */
export interface LayerTape {
  /** `[T, B, gates · H]` */
  readonly gates: Tensor;
  /** Its outputs after each step, `[T + 1, B, H]`. */
  readonly hs: Tensor;
  /** `[T + 1, B, H]` */
  readonly cs: Tensor | undefined;
}

export interface Tape {
  /** `[T, B, I]` */
  readonly x: Tensor;
  readonly layers: readonly LayerTape[];
  /** `[T, B, parameters]` */
  readonly parameters: Tensor;
  /** `[T + 1, B, heads, P]` */
  readonly weights: Tensor;
  /** Of the heads, `[T, B, heads, ·]`; without a graph one step's. */
  readonly records: Tensor;
  /** The memory, and as it was after each head that wrote, `[T · writers + 1, B, M, P]`; without a graph only the last. */
  readonly memory: Tensor;
  /** [h | what was read] after each step, `[T + 1, B, joined]`. */
  readonly joined: Tensor;
  /** `[T, B]`: 0 past a row's length. */
  readonly active: Tensor<"int32"> | undefined;
}

/** @param keeps whether a gradient will be asked for */
export function makeTape(
  x: Tensor,
  { layers }: Machine,
  start: MachineStart,
  sizes: MachineSizes,
  lengths: Int32Array | undefined,
  keeps: boolean,
): Tape {
  const { T, B, I, H, N, M, P, gates, heads, writes, shiftRange, joined } = sizes;
  const counts = lengths && tensor(lengths);
  const input = empty([T, B, I]);
  kernels().toTimeMajor(input.storage.ptr, x.address(OP), counts?.storage.ptr ?? 0, B, T, I);
  const weights = empty([T + 1, B, heads, P]);
  weightsIn(weights.storage.ptr, start.weights.address(OP), B * heads, sizes);
  const memory = empty([keeps ? T * writes + 1 : 1, B, M, P]);
  memoryIn(memory.storage.ptr, start.memory.address(OP), sizes);
  const both = empty([T + 1, B, joined]);
  const reads = joined - H;
  kernels().copyRows(at(both.storage.ptr, H), start.reads.address(OP), B, reads, joined, reads);
  return {
    x: input,
    layers: layers.map((_, layer) => {
      const slabs = start.hidden.map((part) => {
        const all = empty([T + 1, B, H]);
        copyBytes(all.storage.ptr, at(part.address(OP), layer * B * H), bytesOf(B * H));
        return all;
      });
      return {
        gates: empty([T, B, gates * H]),
        hs: slabs[0] ?? empty([T + 1, B, H]),
        cs: slabs[1],
      };
    }),
    parameters: empty([T, B, sizes.parameters]),
    weights,
    records: empty([keeps ? T : 1, B, heads, extraKernels().ntmRecordSize(N, M, shiftRange)]),
    memory,
    joined: both,
    active: lengths && tensor(activity(lengths, T), { shape: [T, B] }),
  };
}

/** `[T, B]`: 1 where a step counts. */
function activity(lengths: Int32Array, T: number): Int32Array {
  const B = lengths.length;
  return Int32Array.from({ length: T * B }, (_, i) =>
    Math.floor(i / B) < lengths[i % B]! ? 1 : 0,
  );
}

/** Address of step t of `[T, …]`, or 0 where there is no tensor. */
export function stepOf(tensor: Tensor | Tensor<"int32"> | undefined, t: number): Ptr {
  if (!tensor) return 0;
  return at(tensor.storage.ptr, (t * tensor.size) / tensor.shape[0]!);
}

/** Address of step t of what is kept for each step, or once. */
export function recordOf(records: Tensor, t: number): Ptr {
  return stepOf(records, records.shape[0] === 1 ? 0 : t);
}

/** Addresses of the memory before step t, and elements from there to what the next head that writes leaves. */
export function memoryAt(
  { memory }: Tape,
  t: number,
  { B, M, P, writes }: MachineSizes,
): [Ptr, number] {
  if (memory.shape[0] === 1) return [memory.storage.ptr, 0];
  return [stepOf(memory, t * writes), B * M * P];
}

/** `count` steps of a layer from t on, as the cells' kernels take them; its output has rows `rowStride` elements apart. */
export function directionAt(
  { gates, hs, cs }: LayerTape,
  weights: ControllerLayer,
  active: Tensor<"int32"> | undefined,
  { B, H }: MachineSizes,
  t: number,
  count: number,
  rowStride: number,
): Direction {
  return {
    T: count,
    B,
    H,
    P: H,
    D: 1,
    weights: weights as LayerWeights,
    reverse: 0,
    gates: stepOf(gates, t),
    hs: stepOf(hs, t),
    cs: stepOf(cs, t),
    extra: 0,
    mask: 0,
    masked: 0,
    lengths: stepOf(active, t),
    rowStride,
    timeStride: 0,
  };
}
