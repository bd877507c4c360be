// The network step by step, for what writes: the kernels that `forward` calls, in the same order, in buffers of its own.
import { noGrad } from "../../autograd/mode.js";
import type { Stream } from "../../nn/stream.js";
import { transpose } from "../../ops/permute.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { MusicNetwork } from "./network.js";

export class MusicStream {
  readonly #network: MusicNetwork;
  readonly #lstm: Stream<"h" | "c">;
  /** `[columns, embeddingSize]` */
  readonly #columns: Float32Array;
  readonly #bias: Float32Array;
  #vectors: Float32Array;
  #hidden: Float32Array;

  constructor(network: MusicNetwork, capacity: number) {
    this.#network = network;
    this.#lstm = network.lstm.stream({ batch: capacity });
    const { weight, bias } = network.vectors;
    this.#columns = scope(() => noGrad(() => transpose(weight, 0, 1).data()));
    this.#bias = bias!.data();
    [this.#vectors, this.#hidden] = [new Float32Array(0), new Float32Array(0)];
    this.#resize();
  }

  get rows(): number {
    return this.#lstm.rows;
  }

  /** Sets a row's vector: the sum of these columns, in rising order. */
  read(row: number, columns: Iterable<number>): void {
    const size = this.#bias.length;
    const vector = this.#vectors.subarray(row * size, (row + 1) * size);
    vector.set(this.#bias);
    for (const column of columns)
      for (let i = 0, at = column * size; i < size; i++) vector[i]! += this.#columns[at + i]!;
  }

  /** A step of all rows, of the vectors that were set; without `logits`, they only read. */
  step(logits?: Float32Array): void {
    this.#lstm.push(this.#vectors, this.#hidden);
    if (logits === undefined) return;
    const shape = [this.rows, this.#lstm.outputSize];
    scope(() =>
      noGrad(() => this.#network.head.forward(tensor(this.#hidden, { shape })).data(logits)),
    );
  }

  select(rows: Int32Array): void {
    this.#lstm.select(rows);
    this.#resize();
  }

  dispose(): void {
    this.#lstm.dispose();
  }

  #resize(): void {
    const { inputSize, outputSize } = this.#lstm;
    if (this.#hidden.length === this.rows * outputSize) return;
    this.#vectors = new Float32Array(this.rows * inputSize);
    this.#hidden = new Float32Array(this.rows * outputSize);
  }
}
