// One label for a whole sequence: the sentiment of a sentence, the speaker of a recording.
import { quoted } from "../core/code-points.js";
import { definedOnly, refuseUnknown } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { cannotTrain } from "../core/inference.js";
import { batches } from "../data/batches.js";
import type { OpenStream } from "../data/stream-batches.js";
import { Dropout } from "../nn/dropout.js";
import { Linear } from "../nn/linear.js";
import { Module } from "../nn/module.js";
import { exp } from "../ops/unary.js";
import { logSoftmax } from "../ops/softmax.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { Vocabulary } from "../text/vocabulary.js";
import type { SeriesOptions, TextOptions } from "./classifier/build-options.js";
import { SeriesCounts, TextCounts } from "./classifier/counts.js";
import { makeEncoder, type SequenceEncoder } from "./classifier/encoders.js";
import {
  ClassifierScorer,
  type ClassifierEvaluation,
  type Output,
} from "./classifier/evaluation.js";
import type { Example, Prediction } from "./classifier/example.js";
import { inputFromJSON } from "./classifier/input-from-json.js";
import type { Encoded, InputLayer, Series } from "./classifier/input.js";
import { settingsOf, type EncoderOptions, type EncoderSettings } from "./classifier/options.js";
import { TextInput } from "./classifier/text-input.js";
import { goThrough, type Examples } from "./examples.js";
import {
  fitClassifier,
  type ClassifierFitOptions,
  type ClassifierFitResult,
} from "./fit-classifier.js";
import { inEvaluation } from "./in-evaluation.js";
import { loadModel, saveModel, type ModelKind } from "./model-file.js";
import { readLabels } from "./read-labels.js";
import { lockedDropout } from "./locked-dropout.js";

const NAME = "SequenceClassifier";
const KIND: ModelKind = { name: NAME, kind: "sequence-classifier", version: 1 };

/** Inputs that a prediction or an evaluation reads at once. */
const BATCH = 64;

/**
 * Texts or series to labels: input → encoder → dropout → linear. An encoder is a mean, a recurrent network with
 * a pooling, or a convolution with the largest of each feature.
 *
 * ```ts
 * const model = SequenceClassifier.forText(train, { encoder: "rnn", hiddenSize: 64 });
 * await model.fit(train, { validation, epochs: 10, patience: 3 });
 * model.predict("what a film!"); // { label: "positive", probability: 0.98, … }
 * ```
 */
export class SequenceClassifier<
  Label extends string = string,
  Input extends string | Series = string,
> extends Module {
  readonly labels: Vocabulary<Label>;
  readonly options: Readonly<EncoderSettings>;
  readonly input: InputLayer<Input>;
  readonly encoder: SequenceEncoder;
  readonly dropout: Dropout;
  readonly head: Linear;

  /**
   * From its parts. `forText` and `forSeries` find them in examples.
   *
   * @param labels at least two
   */
  constructor(
    labels: readonly Label[] | Vocabulary<Label>,
    input: InputLayer<Input>,
    options: EncoderOptions = {},
  ) {
    super();
    this.labels = labels instanceof Vocabulary ? labels : new Vocabulary(labels);
    if (this.labels.size < 2)
      throw new OptionError({
        op: NAME,
        expected: "at least two labels",
        got: this.labels.tokens.join() || "none",
      });
    this.options = settingsOf(NAME, options);
    this.input = input;
    this.encoder = makeEncoder(input.size, this.options);
    this.dropout = new Dropout(this.options.dropout);
    this.head = new Linear(this.encoder.size, this.labels.size);
  }

  /**
   * A model for texts, with the labels and words that examples have. It is not trained yet. Of a function that opens a
   * stream of examples, in one pass, a promise.
   *
   * @param options of the words (`WordTokenizer.build`, or a `tokenizer`), their vectors, the encoder
   */
  static forText<Label extends string>(
    examples: Iterable<Example<string, Label>>,
    options?: TextOptions & EncoderOptions,
  ): SequenceClassifier<Label>;
  static forText<Label extends string>(
    open: OpenStream<Example<string, Label>>,
    options?: TextOptions & EncoderOptions,
  ): Promise<SequenceClassifier<Label>>;
  static forText<Label extends string>(
    examples: Examples<Example<string, Label>>,
    options?: TextOptions & EncoderOptions,
  ): SequenceClassifier<Label> | Promise<SequenceClassifier<Label>>;
  static forText<Label extends string>(
    examples: Examples<Example<string, Label>>,
    options: TextOptions & EncoderOptions = {},
  ): SequenceClassifier<Label> | Promise<SequenceClassifier<Label>> {
    const { tokenizer, minCount, maxSize, lowercase, cut, ...others } = options;
    const { embeddingSize, wordDropout, ...encoder } = others;
    const counting = definedOnly({ minCount, maxSize, lowercase, cut });
    if (tokenizer) refuseUnknown(`${NAME}.forText with a tokenizer`, counting, []);
    const counts = new TextCounts<Label>(tokenizer, counting);
    return goThrough(
      examples,
      (some) => some.forEach((example) => counts.add(example)),
      () => {
        const input = new TextInput(counts.tokenizer, definedOnly({ embeddingSize, wordDropout }));
        return new SequenceClassifier(counts.labels, input, encoder);
      },
    );
  }

  /**
   * A model for series, with the labels and the number and spread of the features that examples have. Of a function that
   * opens a stream of examples, in one pass, a promise.
   */
  static forSeries<Label extends string>(
    examples: Iterable<Example<Series, Label>>,
    options?: SeriesOptions & EncoderOptions,
  ): SequenceClassifier<Label, Series>;
  static forSeries<Label extends string>(
    open: OpenStream<Example<Series, Label>>,
    options?: SeriesOptions & EncoderOptions,
  ): Promise<SequenceClassifier<Label, Series>>;
  static forSeries<Label extends string>(
    examples: Examples<Example<Series, Label>>,
    { features, normalize = true, ...encoder }: SeriesOptions & EncoderOptions = {},
  ): SequenceClassifier<Label, Series> | Promise<SequenceClassifier<Label, Series>> {
    const counts = new SeriesCounts<Label>(`${NAME}.forSeries`, { features, normalize });
    return goThrough(
      examples,
      (some) => some.forEach((example) => counts.add(example)),
      () => new SequenceClassifier(counts.labels, counts.input, encoder),
    );
  }

  /** Encoded inputs → logits `[batch, labels]`. */
  forward(batch: readonly Encoded[]): Tensor {
    const { x, lengths } = this.input.forward(batch);
    const { inputDropout } = this.options;
    const read = lockedDropout(x, inputDropout, { training: this.training, locked: true });
    return this.head.forward(this.dropout.forward(this.encoder.forward({ x: read, lengths })));
  }

  /**
   * Trains on examples; in the end the model has the best weights. The program's generator (`manualSeed`)
   * decides the order of the examples and what dropout drops.
   *
   * @param examples a list; or a function that opens a stream of them, for files of any size: once to check and count
   *   them, then once an epoch, in which `bufferSize` of them are held and shuffled together
   * @throws OptionError for an example whose label the model does not have, where there is no example, and where a
   *   stream has not as many each time; NumericError when the loss is no longer finite; the signal's reason when the
   *   signal aborts; BackendError in `hiddenstate/infer`, which does not train
   */
  fit(
    examples: Examples<Example<Input, Label>>,
    options: ClassifierFitOptions<Input, Label> = {},
  ): Promise<ClassifierFitResult> {
    if (!TRAINING) throw cannotTrain("SequenceClassifier.fit");
    return fitClassifier(this, examples, options);
  }

  /**
   * How good it is on examples. Dropout is off meanwhile. Of a function that opens a stream of them, a promise.
   *
   * @throws OptionError for no example, or one whose label the model does not have
   */
  evaluate(examples: Iterable<Example<Input, Label>>): ClassifierEvaluation<Label>;
  evaluate(open: OpenStream<Example<Input, Label>>): Promise<ClassifierEvaluation<Label>>;
  evaluate(
    examples: Examples<Example<Input, Label>>,
  ): ClassifierEvaluation<Label> | Promise<ClassifierEvaluation<Label>>;
  evaluate(
    examples: Examples<Example<Input, Label>>,
  ): ClassifierEvaluation<Label> | Promise<ClassifierEvaluation<Label>> {
    const op = `${NAME}.evaluate`;
    const scorer = new ClassifierScorer(this.labels.tokens);
    return goThrough(
      examples,
      (some) => {
        const before = scorer.examples;
        this.#score(
          scorer,
          some.map((each, i) => this.encode(op, each, before + i)),
        );
      },
      () => evaluated(scorer),
    );
  }

  /** @internal {@link evaluate} of encoded examples. */
  evaluateEncoded(
    examples: Examples<EncodedExample<Input>>,
  ): ClassifierEvaluation<Label> | Promise<ClassifierEvaluation<Label>> {
    const scorer = new ClassifierScorer(this.labels.tokens);
    return goThrough(
      examples,
      (some) => this.#score(scorer, some),
      () => evaluated(scorer),
    );
  }

  /** The label of a raw text or series. */
  predict(input: Input): Prediction<Label> {
    return this.predictBatch([input])[0]!;
  }

  /** The labels of many inputs, in their order: faster than one by one. */
  predictBatch(inputs: Iterable<Input>): Prediction<Label>[] {
    const encoded = Array.from(inputs, (input) => this.input.encode(`${NAME}.predict`, input));
    const { tokens } = this.labels;
    return this.#outputs(encoded).map(({ best, probabilities }) => ({
      label: tokens[best]!,
      probability: probabilities[best]!,
      probabilities: Object.fromEntries(
        tokens.map((label, i) => [label, probabilities[i]]),
      ) as Record<Label, number>,
    }));
  }

  /** The model in one safetensors file: weights under PyTorch's names; labels, vocabulary, options as metadata. */
  save(): Uint8Array<ArrayBuffer> {
    const { labels, input, options } = this;
    return saveModel(this, KIND, { labels, input: input.toJSON(), options });
  }

  /**
   * The model that {@link save} wrote.
   *
   * @param options.labels those that the program counts on, in whatever order: they are the type of what the
   *   model predicts. Default: any
   * @throws FormatError for a file that is damaged, holds something else, or has other labels
   */
  static load<Label extends string = string, Input extends string | Series = string | Series>(
    bytes: Uint8Array,
    { labels: wanted }: { labels?: readonly Label[] } = {},
  ): SequenceClassifier<Label, Input> {
    return loadModel(bytes, KIND, ["labels", "input", "options"], ({ labels, input, options }) => {
      const own = readLabels(`${NAME}.load`, labels, wanted);
      const layer = inputFromJSON(input) as unknown as InputLayer<Input>;
      return new SequenceClassifier(own, layer, options as EncoderOptions);
    });
  }

  /** @internal An example as the model takes it. */
  encode(
    op: string,
    { input, label }: Example<Input, Label>,
    place: number,
  ): EncodedExample<Input> {
    if (!this.labels.has(label))
      throw new OptionError({
        op,
        expected: `a label among ${this.labels.tokens.join(", ")}`,
        got: `${quoted(String(label))} in example ${place}`,
      });
    return { input, encoded: this.input.encode(op, input), label: this.labels.id(label) };
  }

  #score(scorer: ClassifierScorer<Label>, examples: readonly EncodedExample<Input>[]): void {
    const outputs = this.#outputs(examples.map(({ encoded }) => encoded));
    outputs.forEach((output, i) => scorer.add(output, examples[i]!.label));
  }

  /** What the model gives for encoded inputs, in their order. */
  #outputs(encoded: readonly Encoded[]): Output[] {
    const outputs: Output[] = [];
    const bucketBy = (i: number) => this.input.timeOf(encoded[i]!);
    inEvaluation(this, () => {
      for (const rows of batches([...encoded.keys()], { batchSize: BATCH, bucketBy })) {
        const [logs, values] = scope(() => {
          const logs = logSoftmax(this.forward(rows.map((i) => encoded[i]!)));
          return [logs.data(), exp(logs).data()];
        });
        const { size } = this.labels;
        rows.forEach((i, row) => {
          const own = logs.subarray(row * size, (row + 1) * size);
          const probabilities = values.subarray(row * size, (row + 1) * size);
          outputs[i] = { logs: own, probabilities, best: own.indexOf(own.reduce(larger)) };
        });
      }
    });
    return outputs;
  }
}

/** @internal An example as the model takes it. */
export interface EncodedExample<Input> {
  readonly input: Input;
  readonly encoded: Encoded;
  /** The label's id. */
  readonly label: number;
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}

function evaluated<Label extends string>(
  scorer: ClassifierScorer<Label>,
): ClassifierEvaluation<Label> {
  if (scorer.examples > 0) return scorer.evaluation;
  throw new OptionError({
    op: `${NAME}.evaluate`,
    expected: "at least one example",
    got: "none",
  });
}
