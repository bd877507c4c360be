// What a training run shows of itself as it goes.
import { Pace, progressLines, type Progress } from "../../platform/node/progress.js";
import { progressBar } from "./progress-bar.js";

interface RunDisplayOptions {
  /** What a step reads: 512 characters, 32 sentences. */
  itemsAStep: number;
  /** For the speed: `"char"`, `"word"`. */
  item: string;
  /** Further figures that follow from the loss. */
  figures?: ((loss: number) => string[]) | undefined;
}

/** Lines of progress in a log of the whole run. */
const LINES = 25;

export class RunDisplay {
  readonly progress: Progress;
  readonly #pace: Pace;
  readonly #options: RunDisplayOptions;
  #loss = 0;
  #losses = 0;

  /** @param step the first of this run, which has just been done: the clock starts behind it */
  constructor(total: number, step: number, options: RunDisplayOptions) {
    const pace = (this.#pace = new Pace(total, step));
    const size = { total, first: step - 1, pace };
    const lines = { every: Math.ceil(total / LINES), write: (line: string) => console.error(line) };
    this.progress = process.stderr.isTTY ? progressBar(size) : progressLines({ ...size, ...lines });
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
    this.progress.update(step, notes.join(", "));
  }
}
