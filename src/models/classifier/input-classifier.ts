// What classifiers of one label and of several share: an input, an encoder, and a number for each label.
import { definedOnly } from "../../core/check.js";
import { checkLike, checkRecord } from "../../core/check-like.js";
import { byCodePoint } from "../../core/code-points.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import type { BatchSource } from "../../data/batches.js";
import { balancedBatches } from "../../data/balanced-batches.js";
import type { Examples, Prepared } from "../../data/examples.js";
import { checkExample, counted, inPlace } from "../../data/examples.js";
import { Dropout } from "../../nn/dropout.js";
import { Linear } from "../../nn/linear.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { chosenNote, type ModelNotes } from "../kit/model-file.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import {
  TaskModel,
  type EncodedExample,
  type FitSettingsOf,
  type Logits,
  type TaskKind,
  type TaskTypes,
} from "../kit/task-model.js";
import {
  encoderSettings,
  type EncoderOptions,
  type EncoderSettings,
} from "../parts/encoder-options.js";
import { batchLength, makeEncoder, type SequenceEncoder } from "../parts/encoders.js";
import type { Encoded, InputLayer } from "../parts/input.js";
import { text } from "../parts/text-input.js";
import { classWeights } from "./class-weights.js";
import { chooseModel } from "./defaults.js";
import type { BuildClassifierOptions, ClassifierFitExtra } from "./options.js";

/** The types of a classifier. */
export interface ClassifierTypes<Label extends string, Input> extends TaskTypes {
  Input: Input;
  Example: { readonly input: Input };
  Encoded: Encoded;
  Extra: ClassifierFitExtra<Input, Label>;
}

export abstract class InputClassifier<
  Label extends string,
  Input,
  T extends ClassifierTypes<Label, Input>,
> extends TaskModel<T> {
  readonly labels: Vocabulary<Label>;
  readonly options: Readonly<EncoderSettings>;
  readonly input: InputLayer<Input>;
  readonly encoder: SequenceEncoder;
  readonly dropout: Dropout;
  readonly head: Linear;
  /** Of a training: examples, and how many of them have each label. */
  #seen = { examples: 0, labels: new Float64Array(0) };
  #weights: Float32Array | undefined;

  /**
   * From its parts; `build` finds them in examples.
   *
   * @param labels at least `least`
   */
  constructor(
    { op, least }: { op: string; least: "one label" | "two labels" },
    labels: readonly Label[] | Vocabulary<Label>,
    input: InputLayer<Input>,
    options: EncoderOptions,
  ) {
    super();
    checkLike(op, "an input such as TextInput or SeriesInput", "encode", input);
    this.labels = labels instanceof Vocabulary ? labels : new Vocabulary(labels);
    if (this.labels.size < (least === "one label" ? 1 : 2))
      throw new OptionError({
        op,
        expected: `at least ${least}`,
        got: this.labels.tokens.join() || "none",
      });
    this.options = encoderSettings(op, options);
    this.input = input;
    this.encoder = makeEncoder(input.size, this.options);
    this.dropout = new Dropout(this.options.dropout);
    this.head = new Linear(this.encoder.size, this.labels.size);
  }

  /** The ids of an answer's labels. */
  protected abstract idsOf(target: T["Target"]): readonly number[];
  /** How a label weighs where those of the training are to count alike. */
  protected abstract balancedWeight(examples: number, withLabel: number): number;

  /** Encoded inputs → logits `[batch, labels]`. */
  forward(batch: readonly Encoded[]): Tensor {
    const { x, lengths } = this.input.forward(batch);
    const { inputDropout } = this.options;
    const read = lockedDropout(x, inputDropout, { training: this.training, locked: true });
    return this.head.forward(this.dropout.forward(this.encoder.forward({ x: read, lengths })));
  }

  /** A kind of model whose training goes by its encoder, too. */
  protected kindOf(kind: TaskKind<T>): TaskKind<T> {
    const { encoder } = this.options;
    return {
      ...kind,
      chooseFit: (data, given) => kind.chooseFit({ ...data, encoder } as TrainingStatistics, given),
    };
  }

  protected override inputOf({ input }: T["Example"]): Input {
    return input;
  }
  protected override encodeInput(op: string, input: Input): Encoded {
    return this.input.encode(op, input);
  }
  protected override lengthOf(encoded: Encoded): number {
    return this.input.timeOf(encoded);
  }
  protected override batchedBy(encoded: Encoded): number {
    return batchLength(this.options, this.lengthOf(encoded));
  }
  protected override unknownIn(encoded: Encoded): number {
    return this.input.unknownIn?.(encoded) ?? 0;
  }
  protected override get singled(): readonly Label[] {
    return this.labels.tokens;
  }

  protected override beginFit(): (one: EncodedExample<T>) => void {
    const seen = (this.#seen = { examples: 0, labels: new Float64Array(this.labels.size) });
    return ({ target }) => {
      seen.examples++;
      for (const id of this.idsOf(target)) seen.labels[id]!++;
    };
  }
  protected override batchesOf(
    op: string,
    examples: Prepared<EncodedExample<T>>,
    settings: FitSettingsOf<T>,
  ): BatchSource<EncodedExample<T>[]> {
    if (!TRAINING) throw cannotTrain(op);
    const { classWeights: given, sampling } = settings as FitSettingsOf<
      ClassifierTypes<Label, Input>
    >;
    const balanced = (id: number) =>
      this.balancedWeight(this.#seen.examples, this.#seen.labels[id]!);
    this.#weights = given && classWeights(op, given, this.labels, balanced);
    if (sampling !== "balanced") return super.batchesOf(op, examples, settings);
    return balancedBatches(op, examples, {
      batchSize: settings.batchSize,
      groupsOf: ({ target }) => this.idsOf(target),
      lengthOf: ({ encoded }) => this.batchedBy(encoded),
    });
  }
  protected override readsExamples({ augment }: FitSettingsOf<T>): boolean {
    return augment !== undefined;
  }
  protected override get learnt(): Float32Array | undefined {
    return this.#weights;
  }
  protected override set learnt(weights: Float32Array | undefined) {
    this.#weights = weights;
  }
  /** The weights of the labels in the training that goes on, `[labels]`; undefined: 1 each. */
  protected weights(): Tensor | undefined {
    return this.#weights && tensor(this.#weights);
  }
  /** The logits of a batch in training, its inputs changed as the options say. */
  protected logitsToLearn(
    batch: readonly EncodedExample<T>[],
    { augment }: Pick<ClassifierFitExtra<Input, Label>, "augment">,
  ): Tensor {
    const op = `${this.kind.name}.fit (augment)`;
    const read = ({ example, encoded }: EncodedExample<T>) =>
      augment ? this.input.encode(op, augment(example.input)) : encoded;
    return this.forward(batch.map(read));
  }

  protected override logitsOf(batch: readonly Encoded[]): Logits {
    return { logits: this.forward(batch) };
  }
  protected override describe(): Readonly<Record<string, unknown>> {
    return { labels: this.labels, input: this.input.toJSON(), options: this.options };
  }
}

/** The parts of a classifier, found in examples. */
export interface FoundParts<Label extends string, Input> {
  readonly labels: readonly Label[];
  readonly input: InputLayer<Input>;
  readonly options: EncoderOptions;
  readonly notes: ModelNotes;
}

/** Goes through examples for the labels and words that they have, and makes a model of those. */
export function foundIn<Label extends string, Input, Example extends { readonly input: Input }, M>(
  { name, item }: Pick<TaskKind<TaskTypes>, "name" | "item">,
  examples: Examples<Example>,
  given: BuildClassifierOptions<Input>,
  labelsOf: (op: string, example: Example) => Iterable<Label>,
  make: (parts: FoundParts<Label, Input>) => M,
): M | Promise<M> {
  const op = `${name}.build`;
  checkRecord(op, "options in an object", given);
  const { input = text() as never, ...options } = given;
  checkLike(op, "text() or series() as input", "counter", input);
  const counter = input.counter(op);
  const labels = new Set<Label>();
  return counted(
    { op, item },
    examples,
    (example: Example, place) =>
      inPlace(item, place, () => {
        checkExample(op, item, example);
        for (const label of labelsOf(op, example)) labels.add(label);
        counter.add(example.input);
      }),
    (count) => {
      const chosen = chooseModel({ input: input.type, examples: count }, options);
      return make({
        // The same examples in any order give the same model.
        labels: [...labels].sort(byCodePoint),
        input: counter.layer(),
        options: { ...chosen, ...definedOnly(options) } as EncoderOptions,
        notes: chosenNote({ ...chosen, ...counter.chosen }, options),
      });
    },
  );
}
