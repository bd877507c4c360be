// Any number of labels for a whole sequence: the topics of an article, what is heard in a recording.
import { checkCall } from "../../core/check.js";
import { byCodePoint, quoted } from "../../core/code-points.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import type { Examples } from "../../data/examples.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { binaryCrossEntropyWithLogits } from "../../losses/binary-cross-entropy.js";
import { sigmoid } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import { loadModel } from "../kit/model-file.js";
import type {
  EncodedExample,
  FitSettingsOf,
  Logits,
  MeanLoss,
  TaskKind,
} from "../kit/task-model.js";
import { encoderFromFile, type EncoderOptions } from "../parts/encoder-options.js";
import { inputFromJSON } from "../parts/input-from-json.js";
import type { Encoded, InputLayer } from "../parts/input.js";
import { readLabels } from "../parts/labels.js";
import type { Series } from "../parts/series-input.js";
import { chooseFit } from "./defaults.js";
import {
  checkLabel,
  type MultiLabelExample,
  type MultiLabelPrediction,
  type MultiLabelScores,
} from "./example.js";
import { foundIn, InputClassifier, type ClassifierTypes } from "./input-classifier.js";
import {
  MULTI_LABEL_FIT_OPTIONS,
  type BuildClassifierOptions,
  type ClassifierFitExtra,
} from "./options.js";
import {
  MULTI_LABEL_METRICS,
  MultiLabelScorer,
  THRESHOLDS,
  type LabelProbabilities,
  type MultiLabelDetails,
} from "./multi-label-scorer.js";
import { UnknownWords } from "./unknown-words.js";

const NAME = "MultiLabelClassifier";
const KIND = {
  ...{ name: NAME, kind: "multi-label-classifier", version: 1, item: "example" },
  fitOptions: MULTI_LABEL_FIT_OPTIONS,
  chooseFit,
};

interface Types<Label extends string, Input> extends ClassifierTypes<Label, Input> {
  Example: MultiLabelExample<Input, Label>;
  Target: readonly Label[];
  Finding: LabelProbabilities;
  Answer: MultiLabelPrediction<Label>;
  Scores: MultiLabelScores;
  Details: MultiLabelDetails<Label>;
  Extra: ClassifierFitExtra<Input, Label>;
}

/**
 * Texts or series to any number of labels each: a `SequenceClassifier` whose labels have a probability each, by a
 * sigmoid of their own. Those that reach the threshold are given; `fit` chooses it on the validation data.
 *
 * @example
 * ```ts
 * const train = [
 *   { input: "a sad song", labels: ["music", "sad"] },
 *   { input: "a funny film", labels: ["film", "funny"] },
 * ];
 * const model = MultiLabelClassifier.build(train, { hiddenSize: 16 });
 * await model.fit(train, { epochs: 5 });
 * const { labels } = model.predict("a funny song");
 * console.log(labels);
 * ```
 */
export class MultiLabelClassifier<
  Label extends string = string,
  Input = string,
> extends InputClassifier<Label, Input, Types<Label, Input>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "MultiLabelClassifier";
  #threshold = 0.5;

  /**
   * From its parts; `build` finds them in examples.
   *
   * @param labels at least one
   */
  constructor(
    labels: readonly Label[] | Vocabulary<Label>,
    input: InputLayer<Input>,
    options: EncoderOptions = {},
  ) {
    checkCall(NAME, arguments, "labels input:object options?:object");
    super({ op: NAME, least: "one label" }, labels, input, options);
  }

  /**
   * The probability from which a label is given: 0.5, or what `fit` found best for `microF1` on its validation data. Set
   * it lower to miss less, higher to be more certain.
   *
   * @throws OptionError for one that is not between 0 and 1
   */
  get threshold(): number {
    return this.#threshold;
  }
  set threshold(value: number) {
    if (!(value > 0 && value < 1))
      throw new OptionError({
        op: NAME,
        expected: "a threshold between 0 and 1",
        got: String(value),
      });
    this.#threshold = value;
  }

  /**
   * A model, not trained yet, for the labels and the words or features of examples. A promise for a function that opens
   * a stream of examples, which is read once.
   *
   * @throws OptionError for no example, or labels that are no list of texts; BackendError in `hiddenstate/infer`, which
   *   does not train
   */
  static build<Label extends string, Input = string>(
    examples: Iterable<MultiLabelExample<NoInfer<Input>, Label>>,
    options?: BuildClassifierOptions<Input>,
  ): MultiLabelClassifier<Label, Input>;
  static build<Label extends string, Input = string>(
    open: OpenStream<MultiLabelExample<NoInfer<Input>, Label>>,
    options?: BuildClassifierOptions<Input>,
  ): Promise<MultiLabelClassifier<Label, Input>>;
  static build<Label extends string, Input>(
    examples: Examples<MultiLabelExample<Input, Label>>,
    options: BuildClassifierOptions<Input> = {},
  ): MultiLabelClassifier<Label, Input> | Promise<MultiLabelClassifier<Label, Input>> {
    if (!TRAINING) throw cannotTrain(`${NAME}.build`);
    checkCall(`${NAME}.build`, arguments, "examples options?:object");
    return foundIn(
      KIND,
      examples,
      options,
      (op, { labels }: MultiLabelExample<Input, Label>) => checkLabels(op, labels),
      ({ labels, input, options: settings, notes }) => {
        const model = new MultiLabelClassifier<Label, Input>(labels, input, settings);
        model.notes = notes;
        return model;
      },
    );
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
    options: { labels?: readonly Label[] | undefined } = {},
  ): MultiLabelClassifier<Label, Input> {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array {labels:list}");
    const { labels: wanted } = options;
    const names = ["labels", "input", "options", "threshold"] as const;
    return loadModel(bytes, KIND, names, ({ labels, input, options: encoder, threshold }) => {
      const own = readLabels(`${NAME}.load`, labels, wanted);
      const layer = inputFromJSON(input) as unknown as InputLayer<Input>;
      const model = new MultiLabelClassifier(own, layer, encoderFromFile(encoder));
      model.threshold = Number(threshold);
      return model;
    });
  }

  protected override readonly kind = this.kindOf(KIND as TaskKind<Types<Label, Input>>);
  override readonly metrics = MULTI_LABEL_METRICS;

  protected override encodeTarget(
    op: string,
    { labels }: MultiLabelExample<Input, Label>,
    _: Encoded,
    training: boolean,
  ): readonly Label[] {
    const own = checkLabels(op, labels);
    // What was never learnt cannot be found: it counts as missed.
    const strange = training ? own.find((label) => !this.labels.has(label)) : undefined;
    if (strange === undefined) return own;
    throw new OptionError({
      op,
      expected: `labels among ${this.labels.tokens.join(", ")}`,
      got: quoted(strange),
      cure: "A model learns the labels that it was built with: build another from these examples.",
    });
  }
  protected override idsOf(labels: readonly Label[]): readonly number[] {
    return labels.map((label) => this.labels.id(label));
  }
  protected override balancedWeight(examples: number, withLabel: number): number {
    return withLabel === 0 ? 1 : Math.max(1, examples - withLabel) / withLabel;
  }

  protected override lossOf(
    batch: readonly EncodedExample<Types<Label, Input>>[],
    settings: FitSettingsOf<Types<Label, Input>>,
  ): MeanLoss {
    if (!TRAINING) throw cannotTrain(NAME);
    const logits = this.logitsToLearn(batch, settings);
    const { size } = this.labels;
    const targets = new Float32Array(batch.length * size);
    batch.forEach(({ target }, row) => {
      for (const id of this.idsOf(target)) targets[row * size + id] = 1;
    });
    const target = tensor(targets, { shape: [batch.length, size] });
    const loss = binaryCrossEntropyWithLogits(logits, target, { posWeight: this.weights() });
    return { loss, count: batch.length };
  }

  protected override findings({ logits }: Logits, batch: readonly Encoded[]): LabelProbabilities[] {
    const [all, probabilities] = [logits!.data(), sigmoid(logits!).data()];
    const { size } = this.labels;
    return batch.map((_, row) => ({
      logits: all.subarray(row * size, (row + 1) * size),
      probabilities: probabilities.subarray(row * size, (row + 1) * size),
    }));
  }
  protected override answer({ probabilities }: LabelProbabilities): MultiLabelPrediction<Label> {
    const each = this.labels.tokens.map((label, id) => [label, probabilities[id]!] as const);
    const given = each.filter(([, probability]) => probability >= this.#threshold);
    return {
      labels: given.sort(([, a], [, b]) => b - a).map(([label]) => label),
      probabilities: Object.fromEntries(each) as Record<Label, number>,
    };
  }
  protected override scorer(fitting: boolean): MultiLabelScorer<Label> {
    const thresholds = fitting ? THRESHOLDS : [this.#threshold];
    return new MultiLabelScorer(this.labels, new UnknownWords(this.input), thresholds);
  }
  protected override endFit({ evaluation }: Pick<MultiLabelScorer<Label>, "evaluation">): void {
    this.#threshold = evaluation.details.threshold;
  }
  protected override f1Of(label: string, { byLabel }: MultiLabelDetails<Label>): number {
    return byLabel[label as Label].f1;
  }
  protected override describe() {
    return { ...super.describe(), threshold: this.#threshold };
  }
}

/** The labels of an example, each once. */
function checkLabels<Label extends string>(op: string, labels: readonly Label[]): readonly Label[] {
  if (!Array.isArray(labels))
    throw new OptionError({
      op,
      expected: "labels, a list of texts",
      got: typeof labels === "string" ? quoted(labels) : String(labels),
    });
  for (const label of labels) checkLabel(op, label);
  return [...new Set(labels as readonly Label[])].sort(byCodePoint);
}
