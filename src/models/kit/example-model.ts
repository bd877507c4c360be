// What every model that learns from examples has in common: training, scoring, one file. A model brings hooks only.
import { checkCall } from "../../core/check.js";
import { checkRecord } from "../../core/check-like.js";
import { cannotTrain } from "../../core/inference.js";
import { Fingerprint } from "../../core/fingerprint.js";
import { batches, type BatchSource } from "../../data/batches.js";
import { turnOfOthers } from "../../core/yield.js";
import type { OptionTable } from "../../core/options.js";
import { cutEvenly } from "../../parallel/shards.js";
import type { Replica } from "../../parallel/shard-runner.js";
import {
  checkExample,
  checkExamples,
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
import type { FitOptions, FitResult } from "./fit-options.js";
import type { Sharded } from "./fit-model.js";
import { ReadyModel, type Evaluation, type Finders } from "./ready-model.js";
import type {
  BatchSize,
  EncodedExample,
  FitSettingsOf,
  MeanLoss,
  Scorer,
  Scoring,
  TaskKind,
  TaskTypes,
} from "./task-types.js";

/** Typed arrays with a buffer each: a view that is sent would take all of its buffer along. */
function ownMemory(value: unknown): unknown {
  if (Array.isArray(value) && typeof value[0] === "object") return value.map(ownMemory);
  if (!ArrayBuffer.isView(value) || value.byteLength === value.buffer.byteLength) return value;
  return (value as Float32Array).slice();
}

/** What is sent of an example. */
function withoutExample<T extends TaskTypes>({
  encoded,
  target,
}: EncodedExample<T>): EncodedExample<T> {
  return { encoded: ownMemory(encoded), target } as EncodedExample<T>;
}

/** What workers are asked to find. */
interface FindAsked<T extends TaskTypes> {
  readonly batch: readonly EncodedExample<T>[];
  readonly places: readonly number[];
}

/** {@link Scoring.find}, by this thread or by others. */
type Find<T extends TaskTypes> = (
  ...asked: Parameters<Scoring<T>["find"]>
) => readonly T["Finding"][] | Promise<readonly T["Finding"][]>;

/** What a copy of a model knows of a training. */
interface Begin<T extends TaskTypes> {
  readonly settings: FitSettingsOf<T>;
  readonly learnt: unknown;
}

/** A part of a batch. */
interface ExampleShard<T extends TaskTypes> {
  readonly batch: readonly EncodedExample<T>[];
  readonly whole: BatchSize;
}

/** Inputs that a prediction or an evaluation reads at once. */
const BATCH = 64;

export abstract class ExampleModel<T extends TaskTypes> extends ReadyModel<
  Examples<T["Example"]>,
  T["Scores"],
  T["Details"],
  T["Extra"]
> {
  protected abstract override readonly kind: TaskKind<T>;

  protected abstract inputOf(example: T["Example"]): T["Input"];
  /** @throws OptionError for an input that the model cannot read */
  protected abstract encodeInput(op: string, input: T["Input"]): T["Encoded"];
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
  /** What inputs that come into batches of a training together have about one of. Default: their length. */
  protected batchedBy(encoded: T["Encoded"]): number {
    return this.lengthOf(encoded);
  }
  /** How many steps of an input the model knows nothing of, such as words that were not learnt. Default: none. */
  protected unknownIn?(encoded: T["Encoded"]): number;
  /**
   * The mean loss of a batch, or of a part of it that a worker computes.
   *
   * @param whole the size of the whole batch: for a loss that is a sum of several means
   */
  protected abstract lossOf(
    batch: readonly EncodedExample<T>[],
    settings: FitSettingsOf<T>,
    whole: BatchSize,
  ): MeanLoss;
  /** So many neighbours of a batch stay in one shard: examples that are compared with each other. Default 1. */
  protected togetherIn(_settings: FitSettingsOf<T>): number {
    return 1;
  }
  /** Whether losses read examples as they were given, beside what was made of them. Default: they do not. */
  protected readsExamples(_settings: FitSettingsOf<T>): boolean {
    return false;
  }
  /** What `lossOf` knows of the training beside the settings, as plain data and typed arrays. Default: nothing. */
  protected get learnt(): unknown {
    return undefined;
  }
  protected set learnt(_state: unknown) {}
  /** @param fitting whether it scores validation data of a training */
  protected abstract scoring(op: string, fitting: boolean): Scoring<T>;
  /** Begins a training; what it returns is shown each example once, before the first step. */
  protected beginFit(): (one: EncodedExample<T>) => void {
    return () => {};
  }
  /** The batches of a training; where they do not go by `batchSize`, with their `length`. */
  protected batchesOf(
    op: string,
    examples: Prepared<EncodedExample<T>>,
    settings: FitSettingsOf<T>,
  ): BatchSource<EncodedExample<T>[]> {
    return trainingBatches(op, examples, ({ encoded }) => this.batchedBy(encoded), settings);
  }
  /**
   * Ends a training: decides what else there is to decide by the validation data, as the best weights score them; by what was
   * learnt, where `decidesByTraining` and there are none.
   */
  protected endFit?(scorer: Scorer<T>, settings: FitSettingsOf<T>): void;
  protected get decidesByTraining(): boolean {
    return false;
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
    checkCall(op, arguments, "examples options?:object");
    return this.alone_(op, () => this.#fit(op, examples, options));
  }

  async #fit(
    op: string,
    examples: Examples<T["Example"]>,
    options: FitOptions<T["Scores"]> &
      T["Extra"] & { validation?: Examples<T["Example"]> | undefined },
  ): Promise<FitResult<T["Scores"]>> {
    checkRecord(op, "options in an object", options);
    const { validation, ...given } = options;
    const see = this.beginFit();
    const training = await this.#prepareToFit(op, examples, true, see);
    const valid =
      validation === undefined
        ? undefined
        : await this.#prepareToFit(`${op} (validation)`, validation, false);
    const data = {
      examples: countOf(training.examples),
      length: training.length,
      validated: valid !== undefined,
      validationLength: valid?.length ?? 0,
      data: { training: training.print, validation: valid?.print ?? null },
    };
    let settled: FitSettingsOf<T>;
    const result = await this.train_<EncodedExample<T>[]>(op, given, data, (settings) => {
      settled = settings;
      const batches = this.batchesOf(op, training.examples, settings);
      const counted = "length" in batches ? (batches.length as number) : undefined;
      return {
        batches,
        stepsPerEpoch: counted ?? Math.ceil(data.examples / settings.batchSize),
        loss: (batch) => this.lossOf(batch, settings, this.#sizeOf(batch)).loss,
        sharded: this.#sharded(settings),
        validate:
          valid &&
          (async () => {
            const scorer = await this.#score(op, reopened(valid.examples), this.scoring(op, true));
            return this.scoresFor(scorer.evaluation, settings.metric);
          }),
      };
    });
    const deciding = valid ?? (this.decidesByTraining ? training : undefined);
    if (deciding && this.endFit)
      this.endFit(
        await this.#score(op, reopened(deciding.examples), this.scoring(op, true)),
        settled!,
      );
    return result;
  }

  /** The loss of a batch in parts. */
  #sharded(settings: FitSettingsOf<T>): Sharded<EncodedExample<T>[]> {
    const plain = Object.entries<unknown>(settings).filter(
      ([name]) => (this.kind.fitOptions as OptionTable)[name]!.kind !== "api",
    );
    const whole = this.readsExamples(settings);
    const begin: Begin<T> = {
      settings: Object.fromEntries(plain) as FitSettingsOf<T>,
      learnt: this.learnt,
    };
    return {
      begin,
      local: this.#replicaFor(settings),
      split: (batch, shards) =>
        cutEvenly(batch, shards, this.togetherIn(settings)).map(
          (part): ExampleShard<T> | undefined =>
            part && {
              // What is not read need not travel.
              batch: whole ? part : part.map(withoutExample),
              whole: this.#sizeOf(batch),
            },
        ),
    };
  }

  /** @internal */
  override replica_(begin: unknown): Replica {
    const { settings, learnt } = begin as Begin<T>;
    this.learnt = learnt;
    return this.#replicaFor(settings);
  }

  #replicaFor(settings: FitSettingsOf<T>): Replica {
    const loss = ({ batch, whole }: ExampleShard<T>) => this.lossOf(batch, settings, whole);
    return { model: this, loss };
  }

  #sizeOf(batch: readonly EncodedExample<T>[]): BatchSize {
    const length = batch.reduce((sum, { encoded }) => sum + this.lengthOf(encoded), 0);
    return { examples: batch.length, length };
  }

  /** Examples as they are learnt or scored, with what the choice of options and resuming need to know. */
  async #prepareToFit(
    op: string,
    examples: Examples<T["Example"]>,
    training: boolean,
    see: (one: EncodedExample<T>) => void = () => {},
  ): Promise<{ examples: Prepared<EncodedExample<T>>; length: number; print: string }> {
    const print = new Fingerprint();
    let length = 0;
    const prepared = await this.#prepare(op, examples, training, (one) => {
      length += this.lengthOf(one.encoded);
      print.addData(one.encoded);
      print.addData(one.target);
      see(one);
    });
    return { examples: prepared, length, print: String(print) };
  }

  /**
   * Scores the model on examples, without dropout.
   *
   * @throws OptionError for no example, or one that it cannot be measured by, with its place
   */
  async evaluate(examples: Examples<T["Example"]>): Promise<Evaluation<T["Scores"], T["Details"]>> {
    const op = `${this.kind.name}.evaluate`;
    checkCall(op, arguments, "examples");
    return this.evaluate_(op, examples, this.scoring(op, false));
  }

  /** Scores examples as `scoring` says. */
  protected async evaluate_(
    op: string,
    examples: Examples<T["Example"]>,
    scoring: Scoring<T>,
  ): Promise<Evaluation<T["Scores"], T["Details"]>> {
    checkExamples(op, this.kind.item, examples);
    const read = (example: T["Example"], place: number) => this.#read(op, example, place, false);
    return (await this.#score(op, mapped(examples, read), scoring)).evaluation;
  }

  /**
   * Checks examples as {@link evaluate} would, without the work.
   *
   * @param options.training as {@link fit} would. Default false
   * @returns how many there are
   */
  async check(
    examples: Examples<T["Example"]>,
    options: { training?: boolean | undefined } = {},
  ): Promise<number> {
    const op = `${this.kind.name}.check`;
    checkCall(op, arguments, "examples {training:boolean}");
    return countOf(await this.#prepare(op, examples, options.training ?? false));
  }

  override async unknownShare(examples: Examples<T["Example"]>): Promise<number | undefined> {
    const op = `${this.kind.name}.unknownShare`;
    checkCall(op, arguments, "examples");
    if (!this.unknownIn) return undefined;
    let [length, unknown] = [0, 0];
    await this.#prepare(op, examples, false, ({ encoded }) => {
      length += this.lengthOf(encoded);
      unknown += this.unknownIn!(encoded);
    });
    return unknown / Math.max(1, length);
  }

  #read(op: string, example: T["Example"], place: number, training: boolean): EncodedExample<T> {
    return inPlace(this.kind.item, place, () => {
      checkExample(op, this.kind.item, example);
      const encoded = this.encodeInput(op, this.inputOf(example));
      return { example, encoded, target: this.encodeTarget(op, example, encoded, training) };
    });
  }

  #prepare(
    op: string,
    examples: Examples<T["Example"]>,
    training: boolean,
    see: (one: EncodedExample<T>) => void = () => {},
  ): Promise<Prepared<EncodedExample<T>>> {
    return prepareExamples(
      { op, item: this.kind.item },
      examples,
      (example, place) => this.#read(op, example, place, training),
      see,
    );
  }

  /** @internal Findings come from workers, scores are counted here. */
  override async evaluateBy_(
    examples: Examples<T["Example"]>,
    { find, width }: Finders,
  ): Promise<Evaluation<T["Scores"], T["Details"]>> {
    const op = `${this.kind.name}.evaluate`;
    const read = mapped(examples, (example, place) => this.#read(op, example, place, false));
    const { scorer } = this.scoring(op, false);
    const asked = (batch: readonly EncodedExample<T>[], places: readonly number[]) =>
      find<readonly T["Finding"][]>("find", {
        batch: batch.map((one) => ({ ...one, encoded: ownMemory(one.encoded) })),
        places,
      } satisfies FindAsked<T>);
    return (await this.#score(op, read, { scorer, find: asked }, width)).evaluation;
  }

  /** @internal */
  override find_(asked: unknown): unknown {
    const { batch, places } = asked as FindAsked<T>;
    return this.scoring(`${this.kind.name}.evaluate`, false).find(batch, places);
  }

  async #score(
    op: string,
    examples: Examples<EncodedExample<T>>,
    { scorer, find }: Pick<Scoring<T>, "scorer"> & { find: Find<T> },
    width = 1,
  ): Promise<Scorer<T>> {
    let count = 0;
    for await (const chunk of inChunks(examples)) {
      const found: T["Finding"][] = [];
      const waiting: Promise<void>[] = [];
      for (const places of inBatches(chunk, ({ encoded }) => this.lengthOf(encoded))) {
        await turnOfOthers();
        const some = find(
          places.map((i) => chunk[i]!),
          places.map((i) => count + i),
        );
        const put = (some: readonly T["Finding"][]) =>
          places.forEach((i, row) => (found[i] = some[row]));
        if (!(some instanceof Promise)) {
          put(some);
          continue;
        }
        const later = some.then(put);
        // It is waited for later, and may fail before.
        later.catch(() => {});
        waiting.push(later);
        if (waiting.length >= width) await waiting.shift();
      }
      await Promise.all(waiting.splice(0));
      chunk.forEach(({ target, encoded }, i) => scorer.add(found[i], target, encoded));
      count += chunk.length;
    }
    if (count === 0) throw noExamples(op, this.kind.item);
    return scorer;
  }
}

/** @internal What is found of items, in their order, by batches of about one length. */
export function foundInBatches<Item, Found>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
  find: (batch: readonly Item[]) => readonly Found[],
  batchSize?: number,
): Found[] {
  const found: Found[] = [];
  for (const places of inBatches(items, lengthOf, batchSize)) {
    const some = find(places.map((i) => items[i]!));
    places.forEach((i, row) => (found[i] = some[row]!));
  }
  return found;
}

/** The places of items in batches of about one length, for what reads them. */
function inBatches<Item>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
  batchSize = BATCH,
): Iterable<readonly number[]> {
  const bucketBy = (i: number) => lengthOf(items[i]!);
  return batches([...items.keys()], { batchSize, bucketBy });
}
