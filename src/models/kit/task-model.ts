// What every model over examples has in common: training, scoring, predictions in batches, one file. A model brings
// hooks only.
import { described } from "../../core/described.js";
import { noGrad } from "../../autograd/mode.js";
import { cannotTrain } from "../../core/inference.js";
import { NumericError, OptionError } from "../../core/errors.js";
import { batches } from "../../data/batches.js";
import type { DType } from "../../core/dtype.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
  countOf,
  inChunks,
  inPlace,
  mapped,
  noExamples,
  prepareExamples,
  reopened,
  trainingBatches,
  type Examples,
  type Prepared,
} from "../../data/examples.js";
import type { FitOptions, FitResult, FitSettings } from "./fit-options.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import type { Scores } from "../../metrics/metric.js";
import type { Settings } from "../../core/options.js";
import { ReadyModel, type Evaluation, type ReadyKind } from "./ready-model.js";

/** The types of a kind of model. */
export interface TaskTypes {
  /** What `predict` takes: a text, a sentence. */
  Input: unknown;
  /** What `fit` and `evaluate` take: an input with the right answer. */
  Example: unknown;
  /** An input as the model works with it: token ids, words. */
  Encoded: unknown;
  /** The right answer as the model works with it. */
  Target: unknown;
  /** What the model finds, as its scorer reads it. */
  Finding: unknown;
  /** What `predict` gives. */
  Answer: unknown;
  Scores: Scores;
  Details: unknown;
  /** Options of its training beyond those that every model has. */
  Extra: object;
}

/** The settings of its training. */
export type FitSettingsOf<T extends TaskTypes> = FitSettings<T["Scores"]> & Settings<T["Extra"]>;

/** An example as the model works with it. */
export interface EncodedExample<T extends TaskTypes> {
  readonly example: T["Example"];
  readonly encoded: T["Encoded"];
  readonly target: T["Target"];
}

/** Counts how good findings are, one after another. */
export interface Scorer<T extends TaskTypes> {
  add(finding: T["Finding"], target: T["Target"]): void;
  readonly evaluation: Evaluation<T["Scores"], T["Details"]>;
}

/** Named logits of a batch, which must be finite. */
export type Logits = Readonly<Record<string, Tensor | undefined>>;

/** Inputs that a prediction or an evaluation reads at once. */
const BATCH = 64;

/** What all models of a kind have. */
export interface TaskKind<T extends TaskTypes> extends ReadyKind<T["Scores"], T["Extra"]> {
  /** What an example is called in errors: `"sentence"`. */
  readonly item: string;
}

export abstract class TaskModel<T extends TaskTypes> extends ReadyModel<
  Examples<T["Example"]>,
  T["Scores"],
  T["Details"],
  T["Extra"]
> {
  protected abstract override readonly kind: TaskKind<T>;

  protected abstract inputOf(example: T["Example"]): T["Input"];
  /** @throws OptionError for an input that the model cannot read */
  protected abstract encode(op: string, input: T["Input"]): T["Encoded"];
  /**
   * @param training whether the model is to learn it
   * @throws OptionError for an answer that it cannot learn or be measured by
   */
  protected abstract encodeTarget(
    op: string,
    example: T["Example"],
    encoded: T["Encoded"],
    training: boolean,
  ): T["Target"];
  protected abstract lengthOf(encoded: T["Encoded"]): number;
  /** Mean loss of a batch, a scalar. */
  protected abstract lossOf(
    batch: readonly EncodedExample<T>[],
    settings: FitSettingsOf<T>,
  ): Tensor;
  /** Everything that decides the answers of a batch, before any of it is chosen. */
  protected abstract logitsOf(batch: readonly T["Encoded"][]): Logits;
  /** What is found in each row of a batch. */
  protected abstract findings(logits: Logits, batch: readonly T["Encoded"][]): T["Finding"][];
  protected abstract answer(finding: T["Finding"], encoded: T["Encoded"]): T["Answer"];
  protected abstract scorer(): Scorer<T>;
  /** What there is to find in an input that need not be read, such as an empty sentence; undefined: read it. */
  protected findingUnread(_encoded: T["Encoded"]): T["Finding"] | undefined {
    return undefined;
  }
  /** Begins a training; what it returns is shown each example once, before the first step. */
  protected beginFit(): (encoded: T["Encoded"]) => void {
    return () => {};
  }

  /**
   * Trains; at the end the model has the best weights. The program's generator (`manualSeed`) decides the order of the
   * examples and what dropout drops.
   *
   * @param examples an array, or a function that opens a stream. The stream is opened once to validate and count the
   *   examples, then once per epoch; `bufferSize` examples are shuffled at a time
   * @throws OptionError or IndexError for an example that the model cannot learn, with its place, and where a stream has
   *   not as many examples each time; NumericError where the loss or a score is not finite; the signal's reason;
   *   BackendError in `hiddenstate/infer`, which does not train
   */
  async fit(
    examples: Examples<T["Example"]>,
    options: FitOptions<T["Scores"]> &
      T["Extra"] & { validation?: Examples<T["Example"]> | undefined } = {},
  ): Promise<FitResult<T["Scores"]>> {
    const op = `${this.kind.name}.fit`;
    if (!TRAINING) throw cannotTrain(op);
    const { validation, ...given } = options;
    const see = this.beginFit();
    let length = 0;
    const training = await this.#prepare(op, examples, true, (encoded) => {
      length += this.lengthOf(encoded);
      see(encoded);
    });
    let validationLength = 0;
    const valid =
      validation &&
      (await this.#prepare(`${op} (validation)`, validation, false, (encoded) => {
        validationLength += this.lengthOf(encoded);
      }));
    const validated = valid !== undefined;
    const data = { examples: countOf(training), length, validated, validationLength };
    return this.train_<EncodedExample<T>[]>(
      op,
      given as FitOptions<T["Scores"]> & T["Extra"],
      data,
      (settings) => ({
        batches: trainingBatches(op, training, ({ encoded }) => this.lengthOf(encoded), settings),
        stepsPerEpoch: Math.ceil(data.examples / settings.batchSize),
        loss: (batch) => this.lossOf(batch, settings),
        validate: valid && (async () => (await this.#score(op, reopened(valid))).scores),
      }),
    );
  }

  /**
   * Scores the model on examples, without dropout.
   *
   * @throws OptionError for no example, or one that it cannot be measured by, with its place
   */
  async evaluate(examples: Examples<T["Example"]>): Promise<Evaluation<T["Scores"], T["Details"]>> {
    const op = `${this.kind.name}.evaluate`;
    const read = (example: T["Example"], place: number) => this.#read(op, example, place, false);
    return this.#score(op, mapped(examples, read));
  }

  /**
   * Checks examples as {@link evaluate} would, without the work.
   *
   * @returns how many there are
   */
  async check(examples: Examples<T["Example"]>): Promise<number> {
    return countOf(await this.#prepare(`${this.kind.name}.check`, examples, false));
  }

  /**
   * The answer for one input.
   *
   * @throws OptionError for an input that it cannot read; NumericError where its weights are not finite
   */
  predict(input: T["Input"]): T["Answer"] {
    const op = `${this.kind.name}.predict`;
    const encoded = this.encode(op, input);
    return this.answer(this.#find(op, [encoded])[0]!, encoded);
  }

  /** The answers for many inputs, in their order: faster than one by one. */
  predictBatch(inputs: Iterable<T["Input"]>): T["Answer"][] {
    const op = `${this.kind.name}.predictBatch`;
    const encoded = Array.from(inputs, (input, place) =>
      inPlace(this.kind.item, place, () => this.encode(op, input)),
    );
    return this.#find(op, encoded).map((finding, i) => this.answer(finding, encoded[i]!));
  }

  #read(op: string, example: T["Example"], place: number, training: boolean): EncodedExample<T> {
    return inPlace(this.kind.item, place, () => {
      if (typeof example !== "object" || example === null)
        throw new OptionError({
          op,
          expected: `a ${this.kind.item} with its answer`,
          got: described(example),
        });
      const encoded = this.encode(op, this.inputOf(example));
      return { example, encoded, target: this.encodeTarget(op, example, encoded, training) };
    });
  }

  #prepare(
    op: string,
    examples: Examples<T["Example"]>,
    training: boolean,
    see: (encoded: T["Encoded"]) => void = () => {},
  ): Promise<Prepared<EncodedExample<T>>> {
    return prepareExamples(
      { op, item: this.kind.item },
      examples,
      (example, place) => this.#read(op, example, place, training),
      ({ encoded }) => see(encoded),
    );
  }

  async #score(
    op: string,
    examples: Examples<EncodedExample<T>>,
  ): Promise<Evaluation<T["Scores"], T["Details"]>> {
    const scorer = this.scorer();
    let count = 0;
    for await (const chunk of inChunks(examples)) {
      const found = this.#find(
        op,
        chunk.map(({ encoded }) => encoded),
      );
      chunk.forEach(({ target }, i) => scorer.add(found[i]!, target));
      count += chunk.length;
    }
    if (count === 0) throw noExamples(op, this.kind.item);
    return scorer.evaluation;
  }

  /** What the model finds in each input, in their order: read in batches of about one length. */
  #find(op: string, encoded: readonly T["Encoded"][]): T["Finding"][] {
    const found = encoded.map((one) => this.findingUnread(one));
    const rest = [...encoded.keys()].filter((i) => found[i] === undefined);
    const bucketBy = (i: number) => this.lengthOf(encoded[i]!);
    inEvaluation(this, () => {
      for (const rows of batches(rest, { batchSize: BATCH, bucketBy })) {
        const batch = rows.map((i) => encoded[i]!);
        const some = scope(() =>
          noGrad(() => {
            const logits = this.logitsOf(batch);
            refuseNonFinite(op, logits);
            return { found: this.findings(logits, batch) };
          }),
        );
        rows.forEach((i, row) => (found[i] = some.found[row]));
      }
    });
    return found;
  }
}

/** NaN weights answer something all the same: the first label, no label. */
function refuseNonFinite(op: string, logits: Logits): void {
  for (const [name, values] of Object.entries(logits as Record<string, Tensor<DType> | undefined>))
    if (values?.data().some((value) => !Number.isFinite(value)))
      throw new NumericError({
        op,
        expected: `finite ${name}`,
        got: "NaN or Infinity",
        cure: "The model's weights or inputs are not finite: the training diverged, or the file is damaged. Train anew with a smaller learningRate.",
      });
}
