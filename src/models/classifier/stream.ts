import { checkCall } from "../../core/check.js";
import type { SequentialStream } from "../../nn/sequential-stream.js";
import type { Prediction } from "./example.js";

/**
 * A classifier that reads a series as it comes, made by `SequenceClassifier.stream()`: each step is answered with what
 * `predict` gives for all steps so far, in the time of one step.
 *
 * @example
 * ```ts
 * const examples = [
 *   { input: [[0], [1]], label: "up" },
 *   { input: [[1], [0]], label: "down" },
 * ];
 * const model = SequenceClassifier.build(examples, {
 *   input: series(),
 *   hiddenSize: 8,
 *   bidirectional: false,
 *   pooling: "last",
 * });
 * model.stream().push([0.5]).probability > 0; // true
 * ```
 */
export class ClassifierStream<Label extends string> {
  readonly #stream: SequentialStream;
  readonly #read: (step: ArrayLike<number>) => Float32Array;
  readonly #answer: (logits: Float32Array) => Prediction<Label>;

  /** @internal */
  constructor(
    stream: SequentialStream,
    read: (step: ArrayLike<number>) => Float32Array,
    answer: (logits: Float32Array) => Prediction<Label>,
  ) {
    this.#stream = stream;
    this.#read = read;
    this.#answer = answer;
  }

  /**
   * One step of the series: as many numbers as the model has features.
   *
   * @throws OptionError for what is no step; NumericError where the model's weights are not finite
   */
  push(step: ArrayLike<number>): Prediction<Label> {
    checkCall("ClassifierStream.push", arguments, "step:list");
    return this.#answer(this.#stream.push(this.#read(step)));
  }

  /** Back to the start of a series. */
  reset(): void {
    this.#stream.reset();
  }

  /** Another stream with the same weights (shared) and a copy of what was read. */
  clone(): ClassifierStream<Label> {
    return new ClassifierStream(this.#stream.clone(), this.#read, this.#answer);
  }

  /** What was read, as bytes with a version and a checksum: {@link fromBytes} goes on from there. */
  toBytes(): Uint8Array {
    return this.#stream.toBytes();
  }

  /** @throws FormatError for bytes that are damaged or of another model's stream; nothing has changed then */
  fromBytes(bytes: Uint8Array): void {
    checkCall("ClassifierStream.fromBytes", arguments, "bytes:Uint8Array");
    this.#stream.fromBytes(bytes);
  }

  /** Frees its memory. */
  dispose(): void {
    this.#stream.dispose();
  }
}
