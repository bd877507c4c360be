// How a long run tells where it is. The clock is for people to read: it decides nothing.
import { checkCall } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";

/** Where progress is shown: a bar on a terminal, or lines in a log. */
export interface Progress {
  /** @param note figures of the moment, such as `"loss 1.52"` */
  update(done: number, note: string): void;
  /** A line that stays, above the bar. */
  log(line: string): void;
  /** Ends the display; what is printed next starts a line of its own. */
  stop(): void;
}

/**
 * Speed and time left, from the mean since it was made.
 *
 * @example
 * ```ts
 * const pace = new Pace(100); // steps in all
 * console.log(`${pace.secondsLeft(10)} seconds to go`); // after ten of them
 * ```
 */
export class Pace {
  readonly #total: number;
  readonly #first: number;
  readonly #now: () => number;
  readonly #began: number;

  /**
   * @param total what there is to do
   * @param first what was done before, in an earlier run
   * @param now a clock in milliseconds
   */
  constructor(total: number, first = 0, now: () => number = () => performance.now()) {
    checkCall("Pace", arguments, "total:number first?:number now?:function");
    this.#total = total;
    this.#first = first;
    this.#now = now;
    this.#began = now();
  }

  /** Seconds since it was made. */
  elapsed(): number {
    return (this.#now() - this.#began) / 1000;
  }

  perSecond(done: number): number {
    checkCall("Pace.perSecond", arguments, "done:number");
    const seconds = this.elapsed();
    return seconds > 0 ? (done - this.#first) / seconds : 0;
  }

  /** Undefined before anything was done. */
  secondsLeft(done: number): number | undefined {
    checkCall("Pace.secondsLeft", arguments, "done:number");
    const rate = this.perSecond(done);
    return rate > 0 ? (this.#total - done) / rate : undefined;
  }
}

/** `8 s`, `1 min 05 s`, `2 h 07 min` */
export function formatDuration(seconds: number): string {
  checkCall("formatDuration", arguments, "seconds:number");
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} min`;
}

export interface ProgressLinesOptions {
  total: number;
  /** Done before, in an earlier run. Default 0. */
  first?: number | undefined;
  /** A line whenever this much more is done, and at the end. */
  every: number;
  write(line: string): void;
  /** What is counted. Default `"step"`. */
  unit?: string | undefined;
  /** Tells the time left. Default: one that begins now. */
  pace?: Pace | undefined;
}

/** Progress as plain lines, for logs: `step 200/2200 (9 %), loss 1.52, 1 min 05 s left`. */
export function progressLines(options: ProgressLinesOptions): Progress {
  checkCall(
    "progressLines",
    arguments,
    "{total!:number first:number every!:number write!:function unit:string pace:object}",
  );
  const { total, first = 0, every, write, unit = "step", pace = new Pace(total, first) } = options;
  checkLike("progressLines", "a Pace as pace", "secondsLeft", pace);
  let next = first + every;
  return {
    update(done, note) {
      if (done < next && done < total) return;
      next = done + every;
      const left = pace.secondsLeft(done);
      const time = left === undefined || done >= total ? "" : `, ${formatDuration(left)} left`;
      write(`${unit} ${done}/${total} (${Math.floor((100 * done) / total)} %), ${note}${time}`);
    },
    log: write,
    stop() {},
  };
}

function twoDigits(n: number): string {
  return String(n).padStart(2, "0");
}
