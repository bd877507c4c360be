// One label for a whole sequence: the sentiment of a sentence, the speaker of a recording.
import { checkCall } from "../../core/check.js";
import { noGrad } from "../../autograd/mode.js";
import { cannotTrain } from "../../core/inference.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { SequentialStream } from "../../nn/sequential-stream.js";
import { layerSteps, StatelessStage } from "../../nn/steps.js";
import { mul } from "../../ops/arithmetic.js";
import { exp } from "../../ops/unary.js";
import { logSoftmax } from "../../ops/softmax.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { OptionError } from "../../core/errors.js";
import { quoted } from "../../core/code-points.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import type { Examples } from "../../data/examples.js";
import { loadModel } from "../kit/model-file.js";
import {
  refuseNonFiniteLogits,
  type EncodedExample,
  type FitSettingsOf,
  type Logits,
  type TaskKind,
  type MeanLoss,
} from "../kit/task-model.js";
import { encoderFromFile, type EncoderOptions } from "../parts/encoder-options.js";
import { inputFromJSON } from "../parts/input-from-json.js";
import type { Encoded, InputLayer } from "../parts/input.js";
import { readLabels } from "../parts/labels.js";
import { SeriesInput, type Series } from "../parts/series-input.js";
import { chooseFit } from "./defaults.js";
import { checkLabel, type ClassifierScores, type Example, type Prediction } from "./example.js";
import { foundIn, InputClassifier, type ClassifierTypes } from "./input-classifier.js";
import {
  CLASSIFIER_FIT_OPTIONS,
  type BuildClassifierOptions,
  type SequenceClassifierFitExtra,
} from "./options.js";
import {
  CLASSIFIER_METRICS,
  ClassifierScorer,
  type ClassifierDetails,
  type Distribution,
} from "./scorer.js";
import { ClassifierStream } from "./stream.js";
import { UnknownWords } from "./unknown-words.js";

const NAME = "SequenceClassifier";
const KIND = {
  ...{ name: NAME, kind: "sequence-classifier", version: 1, item: "example" },
  fitOptions: CLASSIFIER_FIT_OPTIONS,
  chooseFit,
};

interface Types<Label extends string, Input> extends ClassifierTypes<Label, Input> {
  Example: Example<Input, Label>;
  Target: Label;
  Finding: Distribution;
  Answer: Prediction<Label>;
  Scores: ClassifierScores;
  Details: ClassifierDetails<Label>;
  Extra: SequenceClassifierFitExtra<Input, Label>;
}

/**
 * Texts or series to labels: input → encoder → dropout → linear. An encoder is a mean, a recurrent network with
 * a pooling, or a convolution with the largest of each feature.
 *
 * @example
 * ```ts
 * const training = [
 *   { input: "what a film!", label: "good" },
 *   { input: "so dull", label: "bad" },
 * ];
 * const model = SequenceClassifier.build(training, { hiddenSize: 16 });
 * await model.fit(training, { epochs: 20, learningRate: 0.02 });
 * const { label, probability } = model.predict("what a film");
 * console.log(label, probability);
 * ```
 */
export class SequenceClassifier<
  Label extends string = string,
  Input = string,
> extends InputClassifier<Label, Input, Types<Label, Input>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SequenceClassifier";

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
    checkCall(NAME, arguments, "labels input:object options?:object");
    super({ op: NAME, least: "two labels" }, labels, input, options);
  }

  /**
   * A model, not trained yet, for the labels and the words or features of examples. A promise for a function that opens
   * a stream of examples, which is read once.
   *
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
    options: BuildClassifierOptions<Input> = {},
  ): SequenceClassifier<Label, Input> | Promise<SequenceClassifier<Label, Input>> {
    if (!TRAINING) throw cannotTrain(`${NAME}.build`);
    checkCall(`${NAME}.build`, arguments, "examples options?:object");
    return foundIn(
      KIND,
      examples,
      options,
      (op, { label }: Example<Input, Label>) => [checkLabel(op, label)],
      ({ labels, input, options: settings, notes }) => {
        const model = new SequenceClassifier<Label, Input>(labels, input, settings);
        model.notes = notes;
        return model;
      },
    );
  }

  /**
   * The model for a series that comes step by step. The weights are those of the moment.
   *
   * ```ts
   * const stream = model.stream();
   * sensor.on("sample", (sample) => show(stream.push(sample).label));
   * ```
   *
   * @throws OptionError for a model of texts, or one whose encoder needs the whole series: bidirectional, convolutional, or
   *   pooling by attention
   */
  stream(): ClassifierStream<Label> {
    const op = `${NAME}.stream`;
    checkCall(op, arguments, "");
    const { input, labels } = this;
    if (!(input instanceof SeriesInput))
      throw new OptionError({
        op,
        expected: "a model of series",
        got: `one of input ${quoted(this.input.toJSON().type)}`,
        cure: "Texts and recordings are answered whole: predict().",
      });
    // The encoder first: where it refuses, nothing has been made.
    const encoder = this.encoder.stages(op);
    const stages = [
      new StatelessStage([input.steps()], 1),
      ...encoder,
      new StatelessStage([layerSteps(this.head)!], 1),
    ];
    const shape = [1, labels.size];
    return new ClassifierStream<Label>(
      new SequentialStream(stages, 1),
      (step) => input.encode(`${op}.push`, [step]),
      (values) =>
        scope(() =>
          noGrad(() => {
            const logits = { logits: tensor(values, { shape }) };
            refuseNonFiniteLogits(`${op}.push`, logits);
            return this.answer(this.findings(logits, [values])[0]!);
          }),
        ),
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
  ): SequenceClassifier<Label, Input> {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array {labels:list}");
    const { labels: wanted } = options;
    return loadModel(
      bytes,
      KIND,
      ["labels", "input", "options"],
      ({ labels, input, options: encoder }) => {
        const own = readLabels(`${NAME}.load`, labels, wanted);
        const layer = inputFromJSON(input) as unknown as InputLayer<Input>;
        return new SequenceClassifier(own, layer, encoderFromFile(encoder));
      },
    );
  }

  protected override readonly kind = this.kindOf(KIND as TaskKind<Types<Label, Input>>);
  override readonly metrics = CLASSIFIER_METRICS;

  protected override encodeTarget(
    op: string,
    { label }: Example<Input, Label>,
    _: Encoded,
    training: boolean,
  ): Label {
    // What was never learnt cannot be found: it counts as a mistake.
    if (training && !this.labels.has(label))
      throw new OptionError({
        op,
        expected: `a label among ${this.labels.tokens.join(", ")}`,
        got: quoted(String(label)),
        cure: "A model learns the labels that it was built with: build another from these examples.",
      });
    return checkLabel(op, label);
  }
  protected override idsOf(label: Label): readonly number[] {
    return [this.labels.id(label)];
  }
  protected override balancedWeight(examples: number, withLabel: number): number {
    return withLabel === 0 ? 1 : examples / (this.labels.size * withLabel);
  }

  protected override lossOf(
    batch: readonly EncodedExample<Types<Label, Input>>[],
    settings: FitSettingsOf<Types<Label, Input>>,
  ): MeanLoss {
    if (!TRAINING) throw cannotTrain(NAME);
    const { labelSmoothing } = settings;
    const logits = this.logitsToLearn(batch, settings);
    const target = tensor(Int32Array.from(batch, ({ target }) => this.labels.id(target)));
    const weight = this.weights();
    const count = batch.length;
    if (!weight) return { loss: crossEntropy(logits, target, { labelSmoothing }), count };
    // Over the batch's size: a mean over its weights would undo them where a batch has one label only.
    const sum = crossEntropy(logits, target, { labelSmoothing, weight, reduction: "sum" });
    return { loss: mul(sum, 1 / count), count };
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
    return new ClassifierScorer(this.labels, new UnknownWords(this.input));
  }
  protected override f1Of(label: string, { confusion }: ClassifierDetails<Label>): number {
    return confusion.score(label as Label).f1;
  }
}
