import { expect, test } from "vitest";
import { stopAfter, stopAtAny, stopAtSequence, stopAtToken } from "../../src/decode/stop.js";
import { OptionError } from "../../src/core/errors.js";

test("each condition stops exactly where it says", () => {
  const grow = [5, 1, 2, 1, 2, 3];
  const firstStop = (stop: (ids: readonly number[]) => boolean) =>
    grow.findIndex((_, i) => stop(grow.slice(0, i + 1)));
  expect(firstStop(stopAfter(4))).toBe(3);
  expect(firstStop(stopAtToken(9, 2))).toBe(2);
  expect(firstStop(stopAtSequence([1, 2, 3]))).toBe(5);
  expect(firstStop(stopAtSequence([2]))).toBe(2);
  expect(firstStop(stopAtSequence([3, 3]))).toBe(-1);
  expect(firstStop(stopAtAny(stopAfter(6), stopAtSequence([2, 1])))).toBe(3);
});

test("conditions that could never or always stop are refused", () => {
  expect(() => stopAfter(0)).toThrow(OptionError);
  expect(() => stopAtSequence([])).toThrow(OptionError);
});
