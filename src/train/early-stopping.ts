import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";

export interface EarlyStoppingOptions {
  /** How many scores in a row may fail to improve. */
  patience: number;
  /** By how much a score must fall to count as better. Default 0: by anything. */
  minDelta?: number | undefined;
}

/** Where an {@link EarlyStopping} stands. */
export interface EarlyStoppingState {
  /** The lowest score; null before the first. */
  readonly best: number | null;
  /** Scores since then. */
  readonly since: number;
}

/**
 * Watches a score that should fall, such as the loss on held-out data, and says when it no longer does.
 *
 * @example
 * ```ts
 * const stopping = new EarlyStopping({ patience: 2 });
 * [3, 2, 2, 2].map((loss) => stopping.update(loss)); // [false, false, false, true]
 * ```
 */
export class EarlyStopping {
  readonly #patience: number;
  readonly #minDelta: number;
  /** Where it stands. Plain data, for a checkpoint. */
  state: EarlyStoppingState = { best: null, since: 0 };

  constructor(options: EarlyStoppingOptions) {
    checkCall("EarlyStopping", arguments, "{patience!:number minDelta:number}");
    const { patience, minDelta = 0 } = options;
    if (!Number.isInteger(patience) || patience < 1)
      throw new OptionError({
        op: "EarlyStopping",
        expected: "patience to be a whole number of at least 1",
        got: described(patience),
      });
    if (!(minDelta >= 0))
      throw new OptionError({
        op: "EarlyStopping",
        expected: "minDelta of at least 0",
        got: described(minDelta),
      });
    this.#patience = patience;
    this.#minDelta = minDelta;
  }

  /** Takes a score; true where it is time to stop. A score that is NaN is no improvement. */
  update(score: number): boolean {
    checkCall("EarlyStopping.update", arguments, "score:number");
    const { best, since } = this.state;
    const better = best === null ? !Number.isNaN(score) : score < best - this.#minDelta;
    this.state = better ? { best: score, since: 0 } : { best, since: since + 1 };
    return this.state.since >= this.#patience;
  }

  /** Whether the latest score was the best: the moment to keep a copy of the model. */
  get improved(): boolean {
    return this.state.best !== null && this.state.since === 0;
  }
}
