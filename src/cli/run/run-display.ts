// What a training run shows of itself as it goes.
import { Pace } from "../../platform/node/progress.js";
import { progress } from "./progress-bar.js";

export interface RunDisplayOptions {
  /** What a step reads: 512 characters, 32 sentences. */
  itemsAStep: number;
  /** For the speed: `"char"`, `"word"`. */
  item: string;
  /** Further figures that follow from the loss. */
  figures?: (loss: number) => string[];
}

/** Lines of progress in a log of the whole run. */
const LINES = 25;

export class RunDisplay {
  readonly #progress;
  readonly #pace: Pace;
  readonly #options: RunDisplayOptions;
  #loss = 0;
  #losses = 0;

  /** @param step the first of this run, which has just been done: the clock starts behind it */
  constructor(steps: number, step: number, options: RunDisplayOptions) {
    const every = Math.ceil(steps / LINES);
    this.#pace = new Pace(steps, step);
    this.#progress = progress({ total: steps, first: step - 1, every, pace: this.#pace });
    this.#options = options;
  }

  step(step: number, loss: number): void {
    const { itemsAStep, item, figures } = this.#options;
    // A single batch jumps up and down: the mean of about the last fifty.
    this.#losses = Math.min(this.#losses + 1, 50);
    this.#loss += (loss - this.#loss) / this.#losses;
    const rate = Math.round(this.#pace.perSecond(step) * itemsAStep);
    const notes = [
      `loss ${this.#loss.toFixed(3)}`,
      ...(figures?.(this.#loss) ?? []),
      ...(rate > 0 ? [`${rate} ${item}/s`] : []),
    ];
    this.#progress.update(step, notes.join(", "));
  }

  log(line: string): void {
    this.#progress.log(line);
  }

  stop(): void {
    this.#progress.stop();
  }
}
