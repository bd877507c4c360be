import { expect, test } from "vitest";
import { formatDuration, Pace, progressLines } from "../../src/platform/node/progress.js";

test("durations read well at every size", () => {
  expect([0, 8.4, 59.6, 65, 3599.4, 3600, 7620].map(formatDuration)).toEqual([
    "0 s",
    "8 s",
    "1 min 00 s",
    "1 min 05 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 07 min",
  ]);
});

test("the pace counts only what this run did", () => {
  let now = 1000;
  const pace = new Pace(100, 40, () => now);
  expect(pace.secondsLeft(40)).toBeUndefined();
  now += 2000;
  expect(pace.perSecond(60)).toBe(10);
  expect(pace.secondsLeft(60)).toBe(4);
});

test("lines come every so many steps and at the end", () => {
  let now = 0;
  const lines: string[] = [];
  const progress = progressLines({
    total: 10,
    every: 4,
    write: (line) => lines.push(line),
    pace: new Pace(10, 0, () => now),
  });
  for (let step = 1; step <= 10; step++) {
    now += 1000;
    progress.update(step, `loss ${step}`);
    if (step === 5) progress.log("halfway");
  }
  expect(lines).toEqual([
    "step 4/10 (40 %), loss 4, 6 s left",
    "halfway",
    "step 8/10 (80 %), loss 8, 2 s left",
    "step 10/10 (100 %), loss 10",
  ]);
});
