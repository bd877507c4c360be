// Progress for people: a bar on a terminal, lines elsewhere.
import { SingleBar } from "cli-progress";
import { formatDuration, Pace, progressLines, type Progress } from "../platform/node/progress.js";

export interface ProgressOptions {
  total: number;
  /** Done before, in an earlier run. */
  first: number;
  /** Steps between two lines, where there is no terminal. */
  every: number;
}

/** A bar where standard output is a terminal, else a line now and then. */
export function progress({ total, first, every }: ProgressOptions): Progress {
  return process.stdout.isTTY
    ? progressBar(total, first)
    : progressLines({ total, first, every, write: (line) => console.log(line) });
}

function progressBar(total: number, first: number): Progress {
  const pace = new Pace(total, first);
  const bar = new SingleBar({
    stream: process.stdout,
    format: "{bar} {percentage} %  {value}/{total}  {note}  {left}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    fps: 8,
    hideCursor: true,
    // Ctrl-C is the command's own: it saves first.
    gracefulExit: false,
  });
  bar.start(total, first, { note: "", left: "" });
  return {
    update(done, note) {
      const left = pace.secondsLeft(done);
      bar.update(done, { note, left: left === undefined ? "" : `${formatDuration(left)} left` });
    },
    stop: () => bar.stop(),
  };
}
