// What every contestant written in JavaScript does alike: read the workload, time calls, report a line of JSON.
import { readFileSync } from "node:fs";

/** The workload of a file, by default the one named on the command line; `array(name)` is one of its arrays. */
export function readWorkload(file = process.argv[2]) {
  const workload = JSON.parse(readFileSync(file, "utf8"));
  const { buffer, byteOffset, byteLength } = readFileSync(workload.data);
  const all = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const array = (name) => {
    const { shape, offset } = workload.arrays[name];
    const size = shape.reduce((product, axis) => product * axis, 1);
    return { shape, data: all.slice(offset, offset + size) };
  };
  return { ...workload, array };
}

/**
 * Milliseconds of processor time of a call, the fewest and the median, after a warm-up; a sample takes at least `least`
 * ms, so that the clock's resolution does not show.
 *
 * @param call may return a promise
 */
export async function measure(call, { budget = 1500, least = 0.5 } = {}) {
  const run = async (times) => {
    const start = cpuSeconds();
    for (let i = 0; i < times; i++) {
      const result = call();
      // Awaiting costs a turn of the event loop, which those that answer at once need not pay.
      if (result instanceof Promise) await result;
    }
    return (cpuSeconds() - start) * 1000;
  };
  const warm = performance.now() + budget / 3;
  let calls = 1;
  let took = await run(1);
  while (performance.now() < warm) took = await run(calls);
  while (took < least) took = await run((calls *= 2));
  const samples = [];
  for (const end = performance.now() + budget; performance.now() < end || samples.length < 5;)
    samples.push((await run(calls)) / calls);
  samples.sort((a, b) => a - b);
  return { min: samples[0], median: samples[samples.length >> 1], samples: samples.length };
}

/** Seconds of the processor that this process has used: other programs on the machine hardly count. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What the parent process reads. `check`: numbers that every contestant must agree on. */
export function report({ name, version, check, times, ...more }) {
  console.log(JSON.stringify({ name, version, check: Array.from(check), ...times, ...more }));
}
