import { expect, test } from "vitest";
import { OptionError, Parameter, SGD, zeros } from "../../src/index.js";
import { LinearSchedule } from "../../src/train/linear-schedule.js";

function optimizer() {
  return new SGD([
    { params: [new Parameter(zeros([1]))], lr: 8 },
    { params: [new Parameter(zeros([1]))], lr: 4 },
  ]);
}

function rates(steps: number, options: { warmup?: number; end?: number }): number[] {
  const sgd = optimizer();
  const schedule = new LinearSchedule(sgd, { steps, ...options });
  return Array.from({ length: steps }, () => {
    const rate = sgd.groups[0]!.lr;
    expect(sgd.groups[1]!.lr).toBe(rate / 2);
    schedule.step();
    return rate;
  });
}

test("rises along a line, falls along a line", () => {
  expect(rates(5, {})).toEqual([8, 6, 4, 2, 0]);
  expect(rates(8, { warmup: 3, end: 0.5 })).toEqual([8 / 3, 16 / 3, 8, 8, 7, 6, 5, 4]);
  expect(rates(1, {})).toEqual([8]);
});

test("stays at its end", () => {
  const sgd = optimizer();
  const schedule = new LinearSchedule(sgd, { steps: 3, end: 0.25 });
  for (let i = 0; i < 9; i++) schedule.step();
  expect(sgd.groups[0]!.lr).toBe(2);
});

test("its state continues in another, whose optimizer was already slowed down", () => {
  const first = new LinearSchedule(optimizer(), { steps: 5 });
  first.step();
  const sgd = optimizer();
  const second = new LinearSchedule(sgd, { steps: 5 });
  second.loadStateDict(first.stateDict());
  expect(sgd.groups[0]!.lr).toBe(6);
  second.step();
  expect(sgd.groups[0]!.lr).toBe(4);
});

test("options that make no sense are refused", () => {
  expect(() => new LinearSchedule(optimizer(), { steps: 0 })).toThrow(OptionError);
  expect(() => new LinearSchedule(optimizer(), { steps: 5, warmup: -1 })).toThrow(OptionError);
  expect(() => new LinearSchedule(optimizer(), { steps: 5, end: 2 })).toThrow(OptionError);
});
