// A worker for ready models without a thread: what it is sent and what it answers is copied as between threads.
import { getRngState, setRngState } from "../../src/core/random.js";
import { sent } from "../../src/parallel/worker-error.js";
import type { WorkerLike } from "../../src/parallel/threads.js";
import type { Question } from "../../src/parallel/worker-handle.js";
import { readyAnswers } from "../../src/workers/ready-answers.js";

export class InProcessWorker implements WorkerLike {
  readonly #answers = readyAnswers();
  #listener: (event: { data: unknown }) => void = () => {};
  #before: Promise<void> = Promise.resolve();

  addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
    if (type === "message") this.#listener = listener;
  }

  postMessage(message: unknown): void {
    const question = structuredClone(message) as Question;
    this.#before = this.#before.then(() => this.#answer(question));
  }

  terminate(): void {}

  async #answer({ id, kind, value }: Question): Promise<void> {
    const state = getRngState();
    try {
      const answering = this.#answers[kind]!(value as never);
      // A thread has a generator of its own.
      setRngState(state);
      const answer = (await answering) as { value?: unknown } | undefined;
      this.#listener({ data: structuredClone({ id, value: answer?.value }) });
    } catch (error) {
      this.#listener({ data: structuredClone({ id, error: sent(error) }) });
    }
  }
}
