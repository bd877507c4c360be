// One worker, as the main program calls it: a question, an answer; what ends it without one is an error.
import { described } from "../core/described.js";
import { WorkerError, received, type SentError } from "./worker-error.js";
import { listen, type WorkerLike } from "./threads.js";

/** What is asked of a worker. */
export interface Question {
  readonly id: number;
  readonly kind: string;
  readonly value: unknown;
}

/** What it answers. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SentError };

/** A worker's silence is looked at so often within the time that it may take: a laptop may have slept in between. */
const LOOKS = 20;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  looks: number;
}

export class WorkerHandle {
  readonly #worker: WorkerLike;
  readonly #name: string;
  readonly #pending = new Map<number, Pending>();
  readonly #patience: number;
  #looking: ReturnType<typeof setInterval> | undefined;
  #failure: Error | undefined;
  #questions = 0;

  /**
   * @param name for errors: `"worker 2 of 4"`
   * @param patience seconds that an answer may take
   */
  constructor(create: () => WorkerLike, name: string, patience: number) {
    this.#name = name;
    this.#patience = patience;
    try {
      this.#worker = create();
    } catch (cause) {
      throw this.#lost(`an error where it is made: ${String(cause)}`, cause);
    }
    if (!isWorker(this.#worker))
      throw this.#lost(`${described(this.#worker)} from createWorker, which is no worker`);
    listen(this.#worker, {
      message: (data) => this.#answered(data as Answer),
      lost: (why, cause) => this.#fail(this.#lost(why, cause)),
    });
  }

  /** Whether it will answer no more. */
  get isLost(): boolean {
    return this.#failure !== undefined;
  }

  /** Asks, and waits for the answer. */
  async ask<T>(kind: string, value: unknown, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#failure) throw this.#failure;
    const id = this.#questions++;
    return new Promise<unknown>((resolve, reject) => {
      try {
        this.#worker.postMessage({ id, kind, value } satisfies Question, transfer as never[]);
      } catch (cause) {
        // A function, say, which no worker can have.
        return reject(this.#lost(`what cannot be sent to it: ${String(cause)}`, cause));
      }
      this.#pending.set(id, { resolve, reject, looks: 0 });
      this.#looking ??= setInterval(() => this.#look(), (1000 * this.#patience) / LOOKS);
    }) as Promise<T>;
  }

  /** Ends it, whatever it does. */
  async close(): Promise<void> {
    this.#fail(this.#lost("one that was closed"));
    await this.#worker.terminate();
  }

  #answered(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (!pending) return;
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#rest();
    // Who answers is not lost, however many questions wait.
    for (const each of this.#pending.values()) each.looks = 0;
    if ("error" in answer) pending.reject(received(answer.error, this.#name));
    else pending.resolve(answer.value);
  }

  #look(): void {
    for (const pending of this.#pending.values())
      if (++pending.looks > LOOKS) {
        this.#fail(this.#lost(`no answer in ${this.#patience} s`));
        return;
      }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#rest();
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }

  #rest(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #lost(why: string, cause?: unknown): WorkerError {
    const got = `${why} (${this.#name})`;
    return new WorkerError(
      { op: "parallel", expected: "workers that do their part", got },
      { cause },
    );
  }
}

function isWorker(made: unknown): boolean {
  const { postMessage, on, addEventListener } = Object(made) as Record<string, unknown>;
  return typeof postMessage === "function" && typeof (on ?? addEventListener) === "function";
}
