/**
 * Lets everything else that waits run: input, timers, signals, rendering. A new channel each time:
 * Node handles up to a thousand messages of one channel in a row before it looks at anything else.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel !== "function") {
      setTimeout(resolve, 0);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
