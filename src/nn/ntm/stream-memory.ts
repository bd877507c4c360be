// The memory of a Neural Turing Machine's stream: one block with its state, as the kernels read it, and working space.
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { memoryIn, memoryOut, weightsIn, weightsOut } from "../../ops/ntm/layout.js";
import type { MachineSizes } from "../../ops/ntm/machine.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";

/** A part of the state: its elements, and how it is read and written as `NTMState` has it. */
export interface StatePart {
  readonly name: string;
  readonly size: number;
  take(to: Ptr): void;
  put(from: Ptr): void;
}

export class NTMStreamMemory {
  /** `[B, I]` */
  readonly x: Ptr;
  /** [x | what was read], `[B, I + reads]`. */
  readonly input: Ptr;
  /** Each layer's parts, `[B, H]`. */
  readonly layers: readonly (readonly Ptr[])[];
  /** `[B, gates · H]` */
  readonly gates: Ptr;
  readonly parameters: Ptr;
  /** `[B, heads, P]` */
  readonly weights: Ptr;
  readonly records: Ptr;
  /** `[B, M, P]` */
  readonly memory: Ptr;
  /** [h | what was read], `[B, joined]`. */
  readonly joined: Ptr;
  /** `[B, outputs]` */
  readonly output: Ptr;
  /** Room for any part of the state. */
  readonly moved: Ptr;
  readonly parts: readonly StatePart[];
  readonly #block: Storage;

  constructor(sizes: MachineSizes, layers: number, parts: number, outputs: number) {
    const { B, I, H, N, M, P, gates, heads, shiftRange, parameters, reads, joined } = sizes;
    const hidden = layers * B * H;
    const record = extraKernels().ntmRecordSize(N, M, shiftRange);
    const moved = Math.max(B * N * M, B * heads * N, B * reads, hidden);
    const counts = [
      ...[B * I, B * (I + reads), B * gates * H, B * parameters, B * heads * P, B * heads * record],
      ...[B * M * P, B * joined, B * outputs, moved],
      ...new Array<number>(Math.max(parts, 1) * layers).fill(B * H),
    ].map((size) => Math.ceil(size / 16) * 16);
    this.#block = allocateBlock(bytesOf(counts.reduce((sum, size) => sum + size)));
    fillZero(this.#block.ptr, this.#block.bytes);
    let end = this.#block.ptr;
    const take = (): Ptr => {
      const place = end;
      end = at(end, counts.shift()!);
      return place;
    };
    [this.x, this.input, this.gates, this.parameters] = [take(), take(), take(), take()];
    [this.weights, this.records, this.memory] = [take(), take(), take()];
    [this.joined, this.output, this.moved] = [take(), take(), take()];
    this.layers = Array.from({ length: layers }, () =>
      Array.from({ length: Math.max(parts, 1) }, take),
    );
    const width = I + reads;
    const readsAt = at(this.input, I);
    const layerParts = ["h", "c"].slice(0, parts).map((name, part) => ({
      ...{ name, size: hidden },
      take: (to: Ptr) =>
        this.layers.forEach((own, i) => copyBytes(at(to, i * B * H), own[part]!, bytesOf(B * H))),
      put: (from: Ptr) =>
        this.layers.forEach((own, i) => copyBytes(own[part]!, at(from, i * B * H), bytesOf(B * H))),
    }));
    this.parts = [
      {
        ...{ name: "memory", size: B * N * M },
        take: (to) => memoryOut(to, this.memory, sizes),
        put: (from) => memoryIn(this.memory, from, sizes),
      },
      {
        ...{ name: "reads", size: B * reads },
        take: (to) => kernels().copyRows(to, readsAt, B, reads, reads, width),
        put: (from) => kernels().copyRows(readsAt, from, B, reads, width, reads),
      },
      {
        ...{ name: "weights", size: B * heads * N },
        take: (to) => weightsOut(to, this.weights, B * heads, sizes),
        put: (from) => weightsIn(this.weights, from, B * heads, sizes),
      },
      ...layerParts,
    ];
  }

  /** False after `free()`. */
  get live(): boolean {
    return this.#block.ptr !== 0;
  }

  free(): void {
    this.#block.free();
  }
}
