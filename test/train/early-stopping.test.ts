import { expect, test } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { EarlyStopping } from "../../src/train/early-stopping.js";

test("stops after as many scores without improvement as patience allows", () => {
  const stopping = new EarlyStopping({ patience: 2, minDelta: 0.1 });
  expect([5, 4, 3.95, 3.8, 3.8, 3.75].map((score) => stopping.update(score))).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
  expect(stopping.state).toEqual({ best: 3.8, since: 2 });
});

test("NaN never counts as improvement", () => {
  const stopping = new EarlyStopping({ patience: 2 });
  expect(stopping.update(NaN)).toBe(false);
  expect(stopping.improved).toBe(false);
  expect(stopping.update(1)).toBe(false);
  expect(stopping.improved).toBe(true);
  expect(stopping.update(NaN)).toBe(false);
  expect(stopping.update(NaN)).toBe(true);
});

test("its state continues in another", () => {
  const first = new EarlyStopping({ patience: 2 });
  first.update(1);
  first.update(2);
  const second = new EarlyStopping({ patience: 2 });
  second.state = first.state;
  expect(second.update(2)).toBe(true);
});

test("options that make no sense are refused", () => {
  expect(() => new EarlyStopping({ patience: 0 })).toThrow(OptionError);
  expect(() => new EarlyStopping({ patience: 1, minDelta: -1 })).toThrow(OptionError);
});
