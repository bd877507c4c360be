// Answers of a ready model from several threads.
import { checkCall } from "../core/check.js";
import { checkIterable, checkLike } from "../core/check-like.js";
import { OptionError } from "../core/errors.js";
import type { Evaluation, ReadyModel } from "../models/kit/ready-model.js";
import type { Scores } from "../metrics/metric.js";
import { settleWorkers, type ParallelInfo } from "../parallel/data-parallel.js";
import { readyModelWorker } from "../parallel/engine.js";
import { parallelSupport, type WorkerLike } from "../parallel/threads.js";
import { WorkerHandle } from "../parallel/worker-handle.js";
import { backend } from "../wasm/backend.js";

export interface PredictionPoolOptions {
  /** How many workers answer. Default `"auto"`: as many as threads run at once here. */
  workers?: number | "auto" | undefined;
  /**
   * Makes a worker whose program imports `hiddenstate/parallel/worker`: on pages, and where a bundler moved the package's own file.
   * Default: the package's own.
   */
  createWorker?: (() => WorkerLike) | undefined;
  /** Seconds that an answer may take before its worker counts as lost. Default 600. */
  timeout?: number | undefined;
}

/** A ready model; most answer many inputs. */
interface Predicting<Input, Answer, Rest extends unknown[]> {
  save(): Uint8Array;
  predictBatch?: ((inputs: Iterable<Input>, ...rest: Rest) => readonly Answer[]) | undefined;
}

type SourceOf<M> = M extends ReadyModel<infer Source, infer S, infer D> ? [Source, S, D] : never;

/** Inputs that are sent together: enough for batches of about one length. */
const TOGETHER = 256;
/** What a worker is asked at a time: one that it works on, one that waits for it. */
const ASKED = 2;
/** Batches of an evaluation that are on their way for each worker. */
const BATCHES = 4;

/** What a worker of a pool is given. */
export interface PoolStart {
  readonly file: Uint8Array;
  readonly build: ReturnType<typeof backend>["build"];
}

/** Inputs to answer, and where in the whole list they stand. */
export interface PoolQuestion {
  readonly inputs: readonly unknown[];
  readonly places: readonly number[];
  readonly rest: readonly unknown[];
}

/**
 * A ready model on several threads: the same answers as its own `predictBatch` and `evaluate` give, in the same order. The model's file
 * is in memory once where memory is shared; each worker builds the model from it. The answers are those of the moment when the pool was
 * made. Workers start with the first question. Close it at the end.
 *
 * ```ts
 * const pool = new PredictionPool(tagger, { workers: 4 });
 * try {
 *   const taggings = await pool.predictBatch(sentences);
 *   for await (const { tags } of pool.predictions(manySentences)) console.log(tags);
 * } finally {
 *   await pool.close();
 * }
 * ```
 *
 * @example
 * ```ts
 * const films = [
 *   { input: "a good one", label: "praise" },
 *   { input: "a bad one", label: "blame" },
 * ];
 * const pool = new PredictionPool(SequenceClassifier.build(films, { hiddenSize: 4 }), { workers: 2 });
 * const answers = await pool.predictBatch(["good", "bad", "one"]);
 * await pool.close();
 * answers.length; // 3
 * ```
 */
export class PredictionPool<Input, Answer, Rest extends unknown[], M> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "PredictionPool";
  /** How many workers answer, and how the model gets to them, with the reason. */
  readonly info: Omit<ParallelInfo, "shards">;
  readonly #model: M & Predicting<Input, Answer, Rest>;
  readonly #create: () => WorkerLike;
  readonly #patience: number;
  readonly #start: PoolStart;
  #workers: readonly { readonly handle: WorkerHandle; asked: number }[] = [];
  #starting: Promise<void> | undefined;
  #closed = false;

  /** @throws OptionError for a number of workers that makes no sense, and on a page without `createWorker` */
  constructor(model: M & Predicting<Input, Answer, Rest>, options: PredictionPoolOptions = {}) {
    const op = "PredictionPool";
    checkCall(
      op,
      arguments,
      "model:object {workers:number|string createWorker:function timeout:number}",
    );
    checkLike(op, "a ready model", "evaluateBy_", model);
    const { workers, createWorker, timeout = 600 } = options;
    if (!(timeout > 0))
      throw new OptionError({ op, expected: "timeout above 0", got: String(timeout) });
    const create = createWorker ?? readyModelWorker();
    if (!create)
      throw new OptionError({
        op,
        expected: "createWorker on a page, which makes a worker of the page's own",
        got: "none",
      });
    const { transport, reason } = parallelSupport();
    this.info = { workers: settleWorkers(op, { workers }).workers, transport, reason };
    this.#model = model;
    this.#create = create;
    this.#patience = timeout;
    const bytes = model.save();
    const file =
      transport === "shared memory" ? new Uint8Array(new SharedArrayBuffer(bytes.length)) : bytes;
    if (file !== bytes) file.set(bytes);
    this.#start = { file, build: backend().build };
  }

  /**
   * The answers for many inputs, in their order.
   *
   * @param rest what the model's own `predictBatch` takes behind the inputs, without functions
   * @throws WorkerError where a worker is lost: all are ended. What the model refuses comes as what it is
   */
  async predictBatch(inputs: Iterable<Input>, ...rest: Rest): Promise<Answer[]> {
    checkIterable("PredictionPool.predictBatch", "a list of inputs", inputs);
    const list = [...inputs];
    // Those of about one length together, as the model itself would read them; long ones first, so that workers end at about one time.
    const order = [...list.keys()].sort((a, b) => lengthOf(list[b]) - lengthOf(list[a]));
    const size = Math.min(TOGETHER, Math.ceil(list.length / (ASKED * this.info.workers)));
    const answers = new Array<Answer>(list.length);
    let at = 0;
    const sorted = order.map((i) => list[i]!);
    for await (const some of this.#answers(sorted, size, rest, (i) => order[i]!))
      for (const answer of some) answers[order[at++]!] = answer;
    return answers;
  }

  /** The answers for inputs that stream, in their order. Hardly more of them are held than are being worked on. */
  predictions(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    ...rest: Rest
  ): AsyncGenerator<Answer, void> {
    const parts = this.#answers(begin(inputs), TOGETHER, rest);
    return (async function* () {
      for await (const some of parts) yield* some;
    })();
  }

  /**
   * How good the model is on data, as its own `evaluate` says. A language model's text, and the series of a forecaster, are read by
   * one worker: what comes later follows from what was before.
   */
  async evaluate(
    source: SourceOf<M>[0],
  ): Promise<Evaluation<SourceOf<M>[1] & Scores, SourceOf<M>[2]>> {
    await this.#ready();
    const model = this.#model as unknown as ReadyModel<unknown>;
    const found = await this.#guarded(() =>
      model.evaluateBy_(source, {
        find: (kind, value) => this.#ask(kind, value),
        width: BATCHES * this.info.workers,
      }),
    );
    return found;
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map(({ handle }) => handle.close()));
  }

  /**
   * The answers, so many inputs at a time.
   *
   * @param placeOf where the i-th input stands in the caller's list
   */
  async *#answers(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    size: number,
    rest: Rest,
    placeOf = (i: number): number => i,
  ): AsyncGenerator<readonly Answer[], void> {
    if (!this.#model.predictBatch)
      throw new OptionError({
        op: "PredictionPool",
        expected: "a model with predictBatch",
        got: "one that writes, or reads a text as a whole",
      });
    await this.#ready();
    const waiting: Promise<Answer[]>[] = [];
    let asked = 0;
    const ask = (some: Input[]): void => {
      const places = some.map(() => placeOf(asked++));
      const question: PoolQuestion = { inputs: some, places, rest };
      const answer = this.#guarded(() => this.#ask<Answer[]>("predict", question));
      // It is waited for later, and may fail before.
      answer.catch(() => {});
      waiting.push(answer);
    };
    let some: Input[] = [];
    for await (const input of inputs) {
      some.push(input);
      if (some.length < size) continue;
      ask(some);
      some = [];
      if (waiting.length >= ASKED * this.info.workers) yield await waiting.shift()!;
    }
    if (some.length > 0) ask(some);
    for (const answer of waiting) yield await answer;
  }

  /** Asks the worker that has least to do. */
  async #ask<T>(kind: string, value: unknown): Promise<T> {
    const worker = this.#workers.reduce((best, each) => (each.asked < best.asked ? each : best));
    worker.asked++;
    try {
      return await worker.handle.ask<T>(kind, value);
    } finally {
      worker.asked--;
    }
  }

  async #ready(): Promise<void> {
    if (this.#closed)
      throw new OptionError({
        op: "PredictionPool",
        expected: "one that is open",
        got: "one that was closed, or whose worker was lost",
      });
    await (this.#starting ??= this.#guarded(async () => {
      const { workers } = this.info;
      const started: { handle: WorkerHandle; asked: number }[] = [];
      this.#workers = started;
      for (let i = 0; i < workers; i++) {
        const name = `worker ${i + 1} of ${workers}`;
        started.push({ handle: new WorkerHandle(this.#create, name, this.#patience), asked: 0 });
      }
      await Promise.all(started.map(({ handle }) => handle.ask("load", this.#start)));
    }));
  }

  /** Ends all workers where one is lost; what a model refuses leaves them. */
  async #guarded<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (this.#workers.some(({ handle }) => handle.isLost)) await this.close();
      throw error;
    }
  }
}

/** Of texts, lists and arrays; others are taken as they come. */
function lengthOf(input: unknown): number {
  const { length } = Object(input) as { length?: unknown };
  return typeof length === "number" ? length : 0;
}

/** Inputs that are listened to from now on: the lines of a file that nobody waits for while workers start would be lost. */
function begin<T>(inputs: Iterable<T> | AsyncIterable<T>): Iterable<T> | AsyncIterable<T> {
  if (Symbol.asyncIterator in Object(inputs)) {
    const iterator = (inputs as AsyncIterable<T>)[Symbol.asyncIterator]();
    return { [Symbol.asyncIterator]: () => iterator };
  }
  checkIterable("PredictionPool.predictions", "inputs", inputs as Iterable<T>);
  return inputs;
}
