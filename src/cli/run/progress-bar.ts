// Progress for people: a bar on a terminal, lines elsewhere.
import { MultiBar } from "cli-progress";
import {
  formatDuration,
  progressLines,
  type Pace,
  type Progress,
} from "../../platform/node/progress.js";

export interface ProgressOptions {
  total: number;
  /** Done before, in an earlier run. */
  first: number;
  /** Steps between two lines, where there is no terminal. */
  every: number;
  pace: Pace;
}

const WRAP = "\u001b[?7h";
const NO_WRAP = "\u001b[?7l";

/** A bar where standard output is a terminal, else a line now and then. */
export function progress(options: ProgressOptions): Progress {
  return process.stdout.isTTY
    ? progressBar(options)
    : progressLines({ ...options, write: (line) => console.log(line) });
}

function progressBar({ total, first, pace }: ProgressOptions): Progress {
  const { stdout } = process;
  // Of one bar, because only MultiBar can print lines above it.
  const bars = new MultiBar({
    stream: stdout,
    format: "{bar} {percentage} %  {left}  {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    // What follows the bar takes about 70 columns; what does not fit is cut off.
    barsize: Math.max(8, Math.min(30, stdout.columns - 70)),
    fps: 8,
    hideCursor: true,
    // Ctrl-C is the command's own: it saves first.
    gracefulExit: false,
  });
  const bar = bars.create(total, first, { note: "", left: "" });
  return {
    update(done, note) {
      const left = done < total ? pace.secondsLeft(done) : undefined;
      bar.update(done, { note, left: left === undefined ? "" : `${formatDuration(left)} left` });
    },
    log(line) {
      // The bar must not wrap, and so nothing does; a line may.
      bars.log(`${WRAP}${line}${NO_WRAP}\n`);
      bars.update();
    },
    stop: () => bars.stop(),
  };
}
