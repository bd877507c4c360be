// For pages: the trainings; then frames while four workers train.
import { orError, report } from "./report.mjs";
import { train, trainings } from "./train.mjs";

const createWorker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

report(async () => ({
  ...(await orError(() => trainings(createWorker))),
  frames: await orError(frames),
}));

/** How far frames are apart, in milliseconds: the middle of all, and the longest. */
async function frames() {
  const times = [];
  let ended = false;
  const note = (now) => {
    times.push(now);
    if (!ended) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
  await train(createWorker, { workers: 4, size: 2000, epochs: 200 });
  ended = true;
  const apart = times.slice(1).map((time, i) => time - times[i]);
  apart.sort((a, b) => a - b);
  return { count: apart.length, median: apart[apart.length >> 1], longest: apart.at(-1) };
}
