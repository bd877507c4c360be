// One label for a whole sequence: the sentiment of a sentence, the speaker of a recording.
import { cannotTrain } from "../../core/inference.js";
import { definedOnly } from "../../core/check.js";
import { byCodePoint, quoted } from "../../core/code-points.js";
import { OptionError } from "../../core/errors.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { Dropout } from "../../nn/dropout.js";
import { Linear } from "../../nn/linear.js";
import { exp } from "../../ops/unary.js";
import { logSoftmax } from "../../ops/softmax.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { counted, inPlace, type Examples } from "../../data/examples.js";
import { chosenNote, loadModel } from "../kit/model-file.js";
import {
  TaskModel,
  type EncodedExample,
  type FitSettingsOf,
  type Logits,
  type TaskKind,
  type TaskTypes,
} from "../kit/task-model.js";
import { encoderFromFile, encoderSettings } from "../parts/encoder-options.js";
import type { EncoderOptions, EncoderSettings } from "../parts/encoder-options.js";
import { makeEncoder, type SequenceEncoder } from "../parts/encoders.js";
import { inputFromJSON } from "../parts/input-from-json.js";
import type { Encoded, InputKind, InputLayer } from "../parts/input.js";
import { readLabels } from "../parts/labels.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import type { Series } from "../parts/series-input.js";
import { text } from "../parts/text-input.js";
import { chooseFit, chooseModel } from "./defaults.js";
import { checkLabel, type ClassifierScores, type Example, type Prediction } from "./example.js";
import {
  CLASSIFIER_FIT_OPTIONS,
  type BuildClassifierOptions,
  type ClassifierFitExtra,
} from "./options.js";
import {
  CLASSIFIER_METRICS,
  ClassifierScorer,
  type ClassifierDetails,
  type Distribution,
} from "./scorer.js";

const NAME = "SequenceClassifier";
const KIND = {
  ...{ name: NAME, kind: "sequence-classifier", version: 1, item: "example" },
  fitOptions: CLASSIFIER_FIT_OPTIONS,
  chooseFit,
};

interface Types<Label extends string, Input> extends TaskTypes {
  Input: Input;
  Example: Example<Input, Label>;
  Encoded: Encoded;
  /** The label's id. */
  Target: number;
  Finding: Distribution;
  Answer: Prediction<Label>;
  Scores: ClassifierScores;
  Details: ClassifierDetails<Label>;
  Extra: ClassifierFitExtra<Input>;
}

/**
 * Texts or series to labels: input → encoder → dropout → linear. An encoder is a mean, a recurrent network with
 * a pooling, or a convolution with the largest of each feature.
 *
 * ```ts
 * const model = SequenceClassifier.build(train, { hiddenSize: 64 });
 * await model.fit(train, { validation, epochs: 10, patience: 3 });
 * model.predict("what a film!"); // { label: "positive", probability: 0.98, … }
 * ```
 */
export class SequenceClassifier<Label extends string = string, Input = string> extends TaskModel<
  Types<Label, Input>
> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SequenceClassifier";
  readonly labels: Vocabulary<Label>;
  readonly options: Readonly<EncoderSettings>;
  readonly input: InputLayer<Input>;
  readonly encoder: SequenceEncoder;
  readonly dropout: Dropout;
  readonly head: Linear;

  /**
   * From its parts; `build` finds them in examples.
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
    this.options = encoderSettings(NAME, options);
    this.input = input;
    this.encoder = makeEncoder(input.size, this.options);
    this.dropout = new Dropout(this.options.dropout);
    this.head = new Linear(this.encoder.size, this.labels.size);
  }

  /**
   * A model, not trained yet, for the labels and the words or features of examples. A promise for a function that opens
   * a stream of examples, which is read once.
   *
   * @param options.input what an input is: `text()`, the default, or `series()`
   * @throws OptionError for no example, or one whose label is no text; BackendError in `hiddenstate/infer`, which does
   *   not train
   */
  static build<Label extends string, Input = string>(
    examples: Iterable<Example<NoInfer<Input>, Label>>,
    options?: BuildClassifierOptions<Input>,
  ): SequenceClassifier<Label, Input>;
  static build<Label extends string, Input = string>(
    open: OpenStream<Example<NoInfer<Input>, Label>>,
    options?: BuildClassifierOptions<Input>,
  ): Promise<SequenceClassifier<Label, Input>>;
  static build<Label extends string, Input>(
    examples: Examples<Example<Input, Label>>,
    { input = text() as InputKind<unknown>, ...options }: BuildClassifierOptions<Input> = {},
  ): SequenceClassifier<Label, Input> | Promise<SequenceClassifier<Label, Input>> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    const counter = input.counter(op);
    const labels = new Set<Label>();
    return counted(
      { op, item: KIND.item },
      examples,
      (example: Example<Input, Label>, place) =>
        inPlace(KIND.item, place, () => {
          labels.add(checkLabel(op, example.label));
          counter.add(example.input);
        }),
      (count) => {
        const chosen = chooseModel({ input: input.type, examples: count }, options);
        const settings = { ...chosen, ...definedOnly(options) };
        // The same examples in any order give the same model.
        const sorted = [...labels].sort(byCodePoint);
        const model = new SequenceClassifier(sorted, counter.layer(), settings);
        model.notes = chosenNote(chosen, options);
        return model;
      },
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
   * The model that `save` wrote.
   *
   * @param options.labels those that the program counts on, in whatever order: they are the type of what the
   *   model predicts. Default: any
   * @throws FormatError for a file that is damaged, holds something else, or has other labels
   */
  static load<Label extends string = string, Input = string | Series>(
    bytes: Uint8Array,
    { labels: wanted }: { labels?: readonly Label[] } = {},
  ): SequenceClassifier<Label, Input> {
    return loadModel(bytes, KIND, ["labels", "input", "options"], ({ labels, input, options }) => {
      const own = readLabels(`${NAME}.load`, labels, wanted);
      const layer = inputFromJSON(input) as unknown as InputLayer<Input>;
      return new SequenceClassifier(own, layer, encoderFromFile(options));
    });
  }

  protected override readonly kind = KIND as TaskKind<Types<Label, Input>>;
  override readonly metrics = CLASSIFIER_METRICS;

  protected override inputOf({ input }: Example<Input, Label>): Input {
    return input;
  }
  protected override encode(op: string, input: Input): Encoded {
    return this.input.encode(op, input);
  }
  protected override encodeTarget(op: string, { label }: Example<Input, Label>): number {
    if (this.labels.has(label)) return this.labels.id(label);
    throw new OptionError({
      op,
      expected: `a label among ${this.labels.tokens.join(", ")}`,
      got: quoted(String(label)),
    });
  }
  protected override lengthOf(encoded: Encoded): number {
    return this.input.timeOf(encoded);
  }

  protected override lossOf(
    batch: readonly EncodedExample<Types<Label, Input>>[],
    { augment, labelSmoothing }: FitSettingsOf<Types<Label, Input>>,
  ): Tensor {
    if (!TRAINING) throw cannotTrain(NAME);
    const read = batch.map(({ example, encoded }) =>
      augment ? this.input.encode(`${NAME}.fit (augment)`, augment(example.input)) : encoded,
    );
    const target = tensor(Int32Array.from(batch, ({ target }) => target));
    return crossEntropy(this.forward(read), target, { labelSmoothing });
  }

  protected override logitsOf(batch: readonly Encoded[]): Logits {
    return { logits: this.forward(batch) };
  }
  protected override findings({ logits }: Logits, batch: readonly Encoded[]): Distribution[] {
    const logs = logSoftmax(logits!);
    const [allLogs, all] = [logs.data(), exp(logs).data()];
    const { size } = this.labels;
    return batch.map((_, row) => {
      const own = allLogs.subarray(row * size, (row + 1) * size);
      const probabilities = all.subarray(row * size, (row + 1) * size);
      return { logs: own, probabilities, best: own.indexOf(own.reduce((a, b) => Math.max(a, b))) };
    });
  }
  protected override answer({ best, probabilities }: Distribution): Prediction<Label> {
    const { tokens } = this.labels;
    const each = tokens.map((label, i) => [label, probabilities[i]]);
    return {
      label: tokens[best]!,
      probability: probabilities[best]!,
      probabilities: Object.fromEntries(each) as Record<Label, number>,
    };
  }
  protected override scorer(): ClassifierScorer<Label> {
    return new ClassifierScorer(this.labels.tokens);
  }
  protected override describe() {
    return { labels: this.labels, input: this.input.toJSON(), options: this.options };
  }
}
