// When long work lets everything else run: input, timers, signals, rendering. It decides nothing of what is computed.

/** Milliseconds that work goes on at most, beyond its last step: of the 17 of a frame, and of the 50 from which a task is long. */
const LONGEST = 12;
/** Steps that it goes on where the clock stands still: edge isolates move theirs only while they wait for others. */
const MOST_STEPS = 8;

// As they are when the program starts: tests with false timers would wait for ever.
const clock = globalThis.performance ?? Date;
const immediate = typeof setImmediate === "function" ? setImmediate : undefined;

let since = -Infinity;
let steps = 0;

/**
 * For before each step of long work: a promise to await where everything else has waited long enough, else undefined,
 * which costs less than to await.
 */
export function turnOfOthers(): Promise<void> | undefined {
  const now = clock.now();
  const due = now === since ? ++steps >= MOST_STEPS : Math.abs(now - since) >= LONGEST;
  return due ? yieldToEventLoop() : undefined;
}

async function yieldToEventLoop(): Promise<void> {
  await nextTask();
  since = clock.now();
  steps = 0;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate) immediate(resolve);
    else if (typeof MessageChannel !== "function") setTimeout(resolve, 0);
    else {
      // A new channel each time: of one channel a thousand messages may be handled in a row.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }
  });
}
