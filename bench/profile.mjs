// What a profile of this process says: JavaScript's own share, by frames that are not WebAssembly.
import { Session } from "node:inspector";

/** The frames of a profile of `run`, with the samples of each, one in `interval` microseconds. */
export function sampled(run, interval) {
  const session = new Session();
  session.connect();
  let nodes;
  session.post("Profiler.enable");
  session.post("Profiler.setSamplingInterval", { interval });
  session.post("Profiler.start");
  run();
  session.post("Profiler.stop", (_, { profile }) => (nodes = profile.nodes));
  session.disconnect();
  return nodes;
}

/**
 * Samples while `run` runs. Garbage collection counts as JavaScript; waiting counts for nothing.
 *
 * @returns the share of JavaScript, and the functions by their shares, the largest first
 */
export function profiled(run) {
  const counts = { wasm: 0, other: 0 };
  const functions = new Map();
  // Samples, not the time between them: that counts other programs' turns as well.
  for (const { callFrame, hitCount } of sampled(run, 100)) {
    const { functionName, url, lineNumber } = callFrame;
    if (/^\((idle|program|root)\)$/.test(functionName)) continue;
    const kind = url.startsWith("wasm:") ? "wasm" : "other";
    counts[kind] += hitCount;
    const place = kind === "wasm" ? "wasm" : `${url.split("/").at(-1)}:${lineNumber + 1}`;
    const name = `${functionName || "(anonymous)"} ${place}`;
    functions.set(name, (functions.get(name) ?? 0) + hitCount);
  }
  const all = counts.wasm + counts.other;
  const shares = [...functions].map(([name, count]) => ({ name, share: count / all }));
  return { javascript: counts.other / all, functions: shares.sort((a, b) => b.share - a.share) };
}
