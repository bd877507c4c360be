// Progress on a terminal: a bar.
import { MultiBar } from "cli-progress";
import { formatDuration, type Pace, type Progress } from "../../platform/node/progress.js";

const WRAP = "\u001b[?7h";
const NO_WRAP = "\u001b[?7l";

/** @param size what there is to do, and what was done before, in an earlier run */
export function progressBar({
  total,
  first,
  pace,
}: {
  total: number;
  first: number;
  pace: Pace;
}): Progress {
  const { stderr } = process;
  // Of one bar, because only MultiBar can print lines above it.
  const bars = new MultiBar({
    stream: stderr,
    format: "{bar} {percentage} %  {left}  {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    // What follows the bar takes about 70 columns; what does not fit is cut off.
    barsize: Math.max(8, Math.min(30, stderr.columns - 70)),
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
