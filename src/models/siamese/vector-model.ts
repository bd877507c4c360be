// One network for all inputs: each becomes a unit vector.
import { checkCall } from "../../core/check.js";
import { checkIterable, checkLike, checkRecord } from "../../core/check-like.js";
import { readOptions } from "../../core/options.js";
import { inPlace } from "../../data/examples.js";
import { Dropout } from "../../nn/dropout.js";
import { Linear } from "../../nn/linear.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { normalize } from "../../ops/similarity.js";
import type { Tensor } from "../../tensor/tensor.js";
import { dot } from "../../vectors/search.js";
import { ExampleModel } from "../kit/example-model.js";
import { rowVectors } from "../kit/row-vectors.js";
import type { TaskTypes } from "../kit/task-types.js";
import { encoderSettings, type EncoderSettings } from "../parts/encoder-options.js";
import { makeEncoder, type SequenceEncoder } from "../parts/encoders.js";
import type { Encoded, InputLayer } from "../parts/input.js";
import { inputsOf, type EncodedInputs, type Inputs, type SiameseExample } from "./example.js";
import { SIAMESE_OPTIONS, type SiameseOptions } from "./options.js";

export interface VectorTypes<Input> extends TaskTypes {
  Input: Inputs<Input>;
  Example: SiameseExample<Input>;
  Encoded: EncodedInputs;
}

export abstract class VectorModel<Input, T extends VectorTypes<Input>> extends ExampleModel<T> {
  readonly options: Readonly<EncoderSettings & { outputSize: number }>;
  readonly input: InputLayer<Input>;
  readonly encoder: SequenceEncoder;
  readonly dropout: Dropout;
  readonly head: Linear | undefined;

  constructor(op: string, input: InputLayer<Input>, options: SiameseOptions) {
    super();
    checkLike(op, "an input such as TextInput or SeriesInput", "encode", input);
    checkRecord(op, "options in an object", options);
    const { outputSize: given, ...encoder } = options;
    const settings = encoderSettings(op, encoder);
    const { outputSize } = readOptions(op, SIAMESE_OPTIONS, { outputSize: given });
    this.options = { ...settings, outputSize };
    this.input = input;
    this.encoder = makeEncoder(input.size, settings);
    this.dropout = new Dropout(settings.dropout);
    this.head = outputSize > 0 ? new Linear(this.encoder.size, outputSize) : undefined;
  }

  /** Numbers of a vector. */
  get dimension(): number {
    return this.head ? this.options.outputSize : this.encoder.size;
  }

  /** Encoded inputs → unit vectors `[batch, dimension]` */
  forward(batch: readonly Encoded[]): Tensor {
    const { x, lengths } = this.input.forward(batch);
    const { inputDropout } = this.options;
    const read = lockedDropout(x, inputDropout, { training: this.training, locked: true });
    const vectors = this.dropout.forward(this.encoder.forward({ x: read, lengths }));
    return normalize(this.head ? this.head.forward(vectors) : vectors);
  }

  /**
   * The vector of a text or series, of length 1: `dimension` numbers.
   *
   * @throws OptionError for an input that it cannot read; NumericError where its weights are not finite
   */
  encode(example: Input): Float32Array<ArrayBuffer> {
    const op = `${this.kind.name}.encode`;
    checkCall(op, arguments, "example");
    return this.inBatches_(op, [this.input.encode(op, example)])[0]!;
  }

  /** The vectors of many, in their order: faster than one by one. */
  encodeBatch(examples: Iterable<Input>): Float32Array<ArrayBuffer>[] {
    const op = `${this.kind.name}.encodeBatch`;
    checkCall(op, arguments, "examples");
    checkIterable(op, "a list of inputs", examples);
    return this.encodeAll_(op, Array.from(examples));
  }

  /** The cosine of the angle between the vectors of two inputs, -1 to 1. */
  similarity(a: Input, b: Input): number {
    const op = `${this.kind.name}.similarity`;
    checkCall(op, arguments, "a b");
    const [left, right] = this.inBatches_(op, [this.input.encode(op, a), this.input.encode(op, b)]);
    return dot(left!, right!, 0);
  }

  /** @internal The vectors of inputs, in their order. */
  encodeAll_(op: string, inputs: readonly Input[]): Float32Array<ArrayBuffer>[] {
    const encoded = inputs.map((input, place) =>
      inPlace("input", place, () => this.input.encode(op, input)),
    );
    return this.inBatches_(op, encoded);
  }

  /** @internal The same of encoded inputs. */
  protected inBatches_(op: string, encoded: readonly Encoded[]): Float32Array<ArrayBuffer>[] {
    const lengthOf = (one: Encoded) => this.input.timeOf(one);
    return rowVectors(op, this, encoded, lengthOf, (batch) => this.forward(batch));
  }

  protected override inputOf(example: T["Example"]): Inputs<Input> {
    return inputsOf(`${this.kind.name}.fit`, example);
  }
  protected override encodeInput(op: string, inputs: Inputs<Input>): EncodedInputs {
    return inputs.map((input) => this.input.encode(op, input));
  }
  protected override lengthOf(encoded: EncodedInputs): number {
    return encoded.reduce((sum, one) => sum + this.input.timeOf(one), 0);
  }
  protected override unknownIn(encoded: EncodedInputs): number {
    return encoded.reduce((sum, one) => sum + (this.input.unknownIn?.(one) ?? 0), 0);
  }
}
