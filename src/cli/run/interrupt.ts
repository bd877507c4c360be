// Ctrl-C, politely: the first one asks the run to save and end, the second one ends it at once.
import { runFiles, type RunFiles } from "./run-files.js";

/** A run ended early because the user asked for it. The message says how to go on. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** A run came to the step of `--pause-at`. The message says how to go on. */
export class Paused extends Error {
  override readonly name = "Paused";

  /** @param report what standard output ends with */
  constructor(
    message: string,
    readonly report: { readonly checkpoint: string; readonly steps: number },
  ) {
    super(message);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work` with a signal that the first SIGINT, SIGTERM or SIGHUP (a closed terminal) aborts, with an {@link Interrupted}; `end` aborts
 * it for another reason.
 */
export async function withInterrupt<T>(
  work: (signal: AbortSignal, end: (reason: Error) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => {
    // Without listeners, the next one does what it always does: it ends the process.
    stopListening();
    controller.abort(new Interrupted("Interrupted."));
  };
  const stopListening = (): void => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal, (reason) => controller.abort(reason));
  } finally {
    stopListening();
  }
}

/** What to say when a run has been saved: the command that goes on with it. */
export function howToGoOn(files: RunFiles): Interrupted {
  return new Interrupted(
    `Interrupted. Nothing is lost: the run is saved in ${files.checkpoint}.\n${goOnWith(files)}`,
  );
}

/** The same for a run that was to pause after a step. */
export function pausedAfter(steps: number, files: RunFiles): Paused {
  const { checkpoint } = files;
  const message = `Paused after step ${steps}: the run is saved in ${checkpoint}.\n${goOnWith(files)}`;
  return new Paused(message, { checkpoint, steps });
}

function goOnWith({ model, checkpoint }: RunFiles): string {
  const command = [
    process.env.npm_lifecycle_event === "start" ? "npm start --" : "hiddenstate train",
    ...["--resume", quoted(checkpoint)],
    // The checkpoint's name alone tells where the model goes, mostly.
    ...(runFiles({ resume: checkpoint }, "").model === model ? [] : ["--out", quoted(model)]),
  ];
  return `Go on with:  ${command.join(" ")}`;
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./\\:@%+=,-]+$/.test(path) ? path : `"${path.replace(/["$`]/g, "\\$&")}"`;
}
