// One step of all layers of a stream, in fixed buffers: the kernels of `forward`, in the same order.
import { attendStep, type StepQueries } from "../../ops/attention/step.js";
import type { Rotary } from "../../ops/rotary.js";
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import type { SharedWeights } from "../decoder/shared-weights.js";
import type { KeptSteps } from "./kept-steps.js";
import type { StepBuffers } from "./stream-buffers.js";
import {
  applyActivation,
  applyLinear,
  applyNorm,
  type PackedLayer,
  type PackedNorm,
} from "./stream-layers.js";
import type { StreamSources } from "./stream-sources.js";

/** What a stream is made of, which its clones share. */
export interface StreamParts {
  readonly op: string;
  readonly packer: SharedWeights;
  readonly layers: readonly PackedLayer[];
  readonly norm: PackedNorm | undefined;
  readonly dModel: number;
  readonly heads: number;
  readonly hidden: number;
  readonly rotary: Rotary | undefined;
  readonly window: number | undefined;
  readonly capacity: number;
  readonly sources: StreamSources | undefined;
  /** Streams that share it. */
  holders: number;
}

export class StackStep {
  readonly #shared: StreamParts;
  readonly #buffers: StepBuffers;
  readonly #kept: KeptSteps;
  readonly #queries: { -readonly [K in keyof StepQueries]: StepQueries[K] };
  #rows = 0;
  /** Rows of a product: no stream of several rows goes down to one, whose weights would be packed otherwise. */
  #products = 0;

  constructor(shared: StreamParts, buffers: StepBuffers, kept: KeptSteps) {
    const { dModel, heads } = shared;
    const size = dModel / heads;
    [this.#shared, this.#buffers, this.#kept] = [shared, buffers, kept];
    this.#queries = {
      ...{ rows: 0, heads, size, query: 0, queryRow: 0, output: buffers.attended },
      ...{ outputRow: dModel, counts: 0, index: 0, scale: 1 / Math.sqrt(size) },
    };
  }

  /** What stands at the buffers' x becomes the output there. */
  run(rows: number): void {
    const { layers, norm, capacity } = this.#shared;
    this.#rows = this.#queries.rows = rows;
    this.#products = Math.max(rows, Math.min(capacity, 2));
    for (let layer = 0; layer < layers.length; layer++) this.#layer(layer, layers[layer]!);
    if (norm) this.#norm(this.#buffers.x, norm);
  }

  #layer(index: number, layer: PackedLayer): void {
    const { normFirst, norms, cross, activation, linear1, linear2 } = layer;
    const { x, normal, part, hidden } = this.#buffers;
    const read = normFirst ? normal : x;
    if (normFirst) this.#norm(normal, norms[0]!);
    this.#attendToSelf(index, layer, read);
    this.#add(normFirst, norms[0]!);
    if (cross) {
      if (normFirst) this.#norm(normal, norms[1]!);
      this.#attendToMemory(index, cross, read);
      this.#add(normFirst, norms[1]!);
    }
    const last = norms[norms.length - 1]!;
    if (normFirst) this.#norm(normal, last);
    applyLinear(hidden, read, linear1, this.#products);
    applyActivation(hidden, this.#rows * linear1.sizes.n, activation);
    applyLinear(part, hidden, linear2, this.#products);
    this.#add(normFirst, last);
  }

  #norm(to: Ptr, norm: PackedNorm): void {
    applyNorm(to, this.#buffers.stats, this.#buffers.x, norm, this.#rows, this.#shared.dModel);
  }

  /** Adds what a part gave to what it read. */
  #add(normFirst: boolean, norm: PackedNorm): void {
    const { x, part } = this.#buffers;
    kernels().add(x, x, part, this.#rows * this.#shared.dModel);
    if (!normFirst) this.#norm(x, norm);
  }

  #attendToSelf(index: number, { project, out }: PackedLayer, read: Ptr): void {
    const { dModel, heads, rotary } = this.#shared;
    const { qkv, angles, attended, part, counts, slots, scratch } = this.#buffers;
    const row = 3 * dModel;
    applyLinear(qkv, read, project, this.#products);
    if (rotary) {
      const interleaved = Number(rotary.pairing === "interleaved");
      const size = dModel / heads;
      const { rotate } = extraKernels();
      rotate(qkv, qkv, angles, this.#rows, 1, 2 * heads, size, row, row, interleaved, 0);
    }
    this.#kept.write(index, at(qkv, dModel), row, this.#rows);
    const queries = this.#queries;
    queries.query = qkv;
    queries.queryRow = row;
    queries.counts = counts;
    queries.index = slots;
    attendStep(this.#kept.layers[index]!, queries, scratch);
    applyLinear(part, attended, out, this.#products);
  }

  #attendToMemory(
    index: number,
    { query, out }: NonNullable<PackedLayer["cross"]>,
    read: Ptr,
  ): void {
    const { qkv, attended, part, memoryCounts, sources, scratch } = this.#buffers;
    applyLinear(qkv, read, query, this.#products);
    const queries = this.#queries;
    queries.query = qkv;
    queries.queryRow = this.#shared.dModel;
    queries.counts = memoryCounts;
    queries.index = sources;
    attendStep(this.#shared.sources!.layers[index]!, queries, scratch);
    applyLinear(part, attended, out, this.#products);
  }
}
