import { noGrad } from "../../autograd/mode.js";
import { indexSelect } from "../../ops/index-select.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttentionMemory } from "../attention.js";
import { inEvaluation } from "../in-evaluation.js";
import type { RecurrentDecoder, RecurrentDecoderState } from "./recurrent-decoder.js";

export interface DecoderStreamOptions {
  memory?: AttentionMemory | undefined;
  encoding?: Tensor | undefined;
  state?: RecurrentDecoderState | undefined;
  rows?: number | undefined;
  capacity?: number | undefined;
}

/** A decoder step by step. */
export class DecoderStream {
  readonly capacity: number;
  readonly #decoder: RecurrentDecoder;
  readonly #options: DecoderStreamOptions;
  #sources: Int32Array;
  #state: Record<string, Tensor> | undefined;
  #weights: Float32Array | undefined;

  constructor(decoder: RecurrentDecoder, options: DecoderStreamOptions) {
    this.#decoder = decoder;
    this.#options = options;
    const sources =
      (options.memory?.keys ?? options.encoding ?? options.state?.h.select(0, 0))?.shape[0] ?? 1;
    const rows = options.rows ?? sources;
    this.capacity = options.capacity ?? rows;
    this.#sources = Int32Array.from({ length: rows }, (_, row) => row % sources);
    this.#state = options.state && this.#picked({ ...options.state }, this.#sources);
  }

  get rows(): number {
    return this.#sources.length;
  }

  push(
    x: Float32Array,
    out = new Float32Array(this.rows * this.#decoder.outputSize),
  ): Float32Array {
    const { memory, encoding } = this.#options;
    const { state, weights } = scope(() =>
      noGrad(() => {
        const ids = tensor(this.#sources);
        const pick = (x: Tensor) => indexSelect(x, 0, ids);
        const step = inEvaluation(this.#decoder, () =>
          this.#decoder.step(tensor(x, { shape: [this.rows, this.#decoder.inputSize] }), {
            encoding: encoding && pick(encoding),
            state: this.#state as never,
            memory: memory && {
              keys: pick(memory.keys),
              values: pick(memory.values),
              mask: memory.mask && indexSelect(memory.mask, 0, ids),
            },
            needWeights: true,
          }),
        );
        step.output.data(out);
        return { state: step.state, weights: step.weights };
      }),
    );
    this.#state = { ...state } as Record<string, Tensor>;
    this.#weights = weights?.data();
    return out;
  }

  weights(): Float32Array {
    return this.#weights!;
  }

  select(rows: Int32Array): void {
    this.#sources = rows.map((row) => this.#sources[row]!);
    this.#state = this.#state && this.#picked(this.#state, rows);
  }

  dispose(): void {}

  #picked(state: Record<string, Tensor>, rows: Int32Array): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(state).map(([part, x]) => [
        part,
        indexSelect(x, part === "feed" ? 0 : 1, tensor(rows)),
      ]),
    );
  }
}
