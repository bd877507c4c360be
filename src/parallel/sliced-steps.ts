// Steps of an optimizer by the workers: each has a slice of every parameter, and the kernel that the optimizer would call. What it
// works on stands in the shared memory behind the sums: tables of slices, gradients, and the optimizer's moments.
import { OptionError } from "../core/errors.js";
import type { Module } from "../nn/module.js";
import { RECORD_WORDS } from "../optim/gradient-table.js";
import type { Entry, KernelCall, Optimizer, OptimizerOptions } from "../optim/optimizer.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { f32 } from "../wasm/memory.js";
import { at, bytesOf, offset as behind, type Ptr } from "../wasm/ptr.js";
import { growTo } from "../wasm/shared-kernels.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { sliceOf, VALUES, type KernelMemory } from "./exchange.js";
import { clipFilled, filledOf, stretchesIn, type Filled, type Run } from "./filled-runs.js";
import type { Layout, Place } from "./layout.js";

/** Below so many numbers, asking workers takes longer than what they do. */
const STEPPED_BY_WORKERS = 1 << 18;
/** Moments that an optimizer has at most. */
const MOST_MOMENTS = 3;

/** A kernel's call for a worker's slices. */
export interface SlicedCall extends KernelCall {
  readonly table: Ptr;
  readonly count: number;
}

/** A step that workers are to make. */
export interface SlicedPlan {
  /** The gradients' norm before clipping, where they are clipped. */
  readonly norm: number | undefined;
  /** For each worker. */
  readonly calls: readonly (readonly SlicedCall[])[];
  /** The parameters that it changes. */
  readonly places: readonly Place[];
}

type Holder = Pick<Optimizer<OptimizerOptions>, "bringBack_">;

/** Bytes that steps need at most. */
export function bytesOfSteps({ parameters, trained }: Layout, workers: number): number {
  return tableBytes(parameters.length, workers) + bytesOf((1 + MOST_MOMENTS) * trained);
}

function tableBytes(records: number, workers = 1): number {
  return workers * bytesOf(records * RECORD_WORDS);
}

/** The main program's side. */
export class SlicedSteps {
  readonly #memory: KernelMemory;
  readonly #layout: Layout;
  readonly #workers: number;
  readonly #places: ReadonlyMap<Tensor, Place>;
  readonly #tables: Ptr;
  readonly #gradients: Ptr;
  /** What of the gradients there is not zero. */
  readonly #filled = new Map<Place, readonly Run[]>();
  /** Whose moments are there. */
  #optimizer: Holder | undefined;
  readonly #entries = new Map<Place, Entry>();

  /** @param begin where the memory may be used from */
  constructor(memory: KernelMemory, begin: number, layout: Layout, workers: number) {
    this.#memory = memory;
    this.#layout = layout;
    this.#workers = workers;
    this.#places = new Map(layout.parameters.map((place) => [place.tensor, place]));
    this.#tables = begin as Ptr;
    this.#gradients = behind(this.#tables, tableBytes(layout.parameters.length, workers));
  }

  /**
   * Clips the gradients, counts a step of the optimizer, and writes what workers need for it.
   *
   * @returns undefined where the optimizer is to do it by itself, or to refuse it: nothing has changed
   * @throws NumericError for a norm that is not finite
   */
  plan<Options extends OptimizerOptions>(
    optimizer: Optimizer<Options>,
    model: Module,
    maxNorm: number | undefined,
  ): SlicedPlan | undefined {
    const reached = ({ grad }: Parameter) => grad !== undefined;
    const stepped = optimizer.groups.flatMap(({ params }) => params.filter(reached));
    const size = stepped.reduce((sum, parameter) => sum + parameter.size, 0);
    if (!optimizer.kernelCall_ || size < STEPPED_BY_WORKERS) return undefined;
    if (!stepped.every((parameter) => this.#places.has(parameter))) return undefined;
    const filled = new Map(stepped.map((parameter) => [parameter, filledOf(parameter)]));
    if (![...filled.values()].every(isFinite)) return undefined;
    if (!growTo(this.#memory, this.#moments(MOST_MOMENTS))) return undefined;
    const clipped = maxNorm === undefined ? [] : model.parameters().filter(reached);
    const norm =
      maxNorm === undefined
        ? undefined
        : clipFilled(
            clipped.map((parameter) => filled.get(parameter) ?? filledOf(parameter)),
            maxNorm,
          );
    this.#hold(optimizer);
    const calls: SlicedCall[][] = Array.from({ length: this.#workers }, () => []);
    const places: Place[] = [];
    optimizer.stepBy_((entries, group, step) => {
      const own = entries.map((entry) => this.#places.get(entry.parameter)!);
      entries.forEach((entry, i) => {
        this.#writeGradient(own[i]!, filled.get(entry.parameter)!);
        this.#writeMoments(own[i]!, entry);
      });
      const call = optimizer.kernelCall_!(group, step);
      calls.forEach((list, worker) => {
        const before = list.reduce((sum, { count }) => sum + count, 0);
        list.push({ ...call, ...this.#writeTable(worker, before, own) });
      });
      places.push(...own);
    });
    return { norm, calls, places };
  }

  /** To be called when workers have made what was planned. */
  stepped(): void {
    this.#optimizer!.bringBack_ = this.#giveBack;
  }

  /** Brings back what is there, unless a step was begun and not ended. */
  end(): void {
    if (this.#optimizer?.bringBack_ === this.#giveBack) this.#giveBack();
  }

  /** Until {@link stepped} nobody may see the moments. */
  #hold(optimizer: Holder): void {
    if (optimizer.bringBack_ !== this.#giveBack) {
      optimizer.bringBack_?.();
      this.end();
    }
    this.#optimizer = optimizer;
    optimizer.bringBack_ = refuse;
  }

  readonly #giveBack = (): void => {
    for (const [{ offset, tensor }, { moments }] of this.#entries)
      moments.forEach(({ storage }, slot) => {
        if (storage.live)
          f32(storage.ptr, tensor.size).set(
            this.#numbers(this.#moments(slot), offset, tensor.size),
          );
      });
    this.#entries.clear();
    this.#optimizer!.bringBack_ = undefined;
    this.#optimizer = undefined;
  };

  #writeGradient(place: Place, filled: Filled): void {
    const own = this.#numbers(this.#gradients, place.offset, place.tensor.size);
    for (const [from, to] of this.#filled.get(place) ?? []) own.fill(0, from, to);
    const runs = filled.runs;
    [...stretchesIn(filled)].forEach(([ptr, length], i) => own.set(f32(ptr, length), runs[i]![0]));
    this.#filled.set(place, runs);
  }

  /** Those that are not there yet. */
  #writeMoments(place: Place, entry: Entry): void {
    if (this.#entries.get(place) === entry) return;
    this.#entries.set(place, entry);
    const { offset, tensor } = place;
    entry.moments.forEach((moment, slot) =>
      this.#numbers(this.#moments(slot), offset, tensor.size).set(
        f32(moment.address("parallel"), tensor.size),
      ),
    );
  }

  /** A worker's slices of some parameters. @param before records that are already in its table */
  #writeTable(
    worker: number,
    before: number,
    places: readonly Place[],
  ): { table: Ptr; count: number } {
    const { length: most } = this.#layout.parameters;
    const table = behind(this.#tables, tableBytes(worker * most + before));
    const words = new Int32Array(this.#memory.buffer, table, (most - before) * RECORD_WORDS);
    let count = 0;
    for (const { offset, tensor } of places) {
      const [from, to] = sliceOf({ from: offset, to: offset + tensor.size }, worker, this.#workers);
      if (from === to) continue;
      const starts = [VALUES, this.#gradients].map((region) => at(region, from));
      const moments = [0, 1, 2].map((slot) => at(this.#moments(slot), from));
      words.set([...starts, to - from, ...moments], count++ * RECORD_WORDS);
    }
    return { table, count };
  }

  #moments(slot: number): Ptr {
    return at(this.#gradients, (1 + slot) * this.#layout.trained);
  }

  #numbers(region: Ptr, offset: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at(region, offset), length);
  }
}

function isFinite(filled: Filled): boolean {
  for (const [ptr, length] of stretchesIn(filled))
    if (trainingKernels().firstNonFinite(ptr, length) >= 0) return false;
  return true;
}

function refuse(): never {
  throw new OptionError({
    op: "DataParallel",
    expected: "an optimizer whose steps have ended",
    got: "one in the middle of a step that workers make, or were lost in",
    cure: "Await fit() before; where a worker was lost, go on from the last checkpoint.",
  });
}
