import { beforeEach, describe, expect, it } from "vitest";
import { DTypeError, OptionError } from "../../src/core/errors.js";
import { getRngState, manualSeed, setRngState } from "../../src/core/random.js";
import { dropout } from "../../src/ops/dropout.js";
import "../../src/ops/methods.js";
import { full, randn, tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";

beforeEach(() => manualSeed(11));

describe("dropout", () => {
  it.each([0.1, 0.5, 0.9])("drops a share of %d and scales what stays", (p) => {
    scope(() => {
      const n = 40_000;
      const y = dropout(full([n], 3), p).data();
      const kept = y.filter((value) => value !== 0);
      expect(new Set(kept)).toEqual(new Set([Math.fround(3 * Math.fround(1 / (1 - p)))]));
      // Six standard deviations of the binomial distribution.
      const deviation = Math.sqrt(n * p * (1 - p));
      expect(Math.abs(n - kept.length - n * p)).toBeLessThan(6 * deviation);
    });
  });

  it("drops in the gradient what it dropped, whatever was drawn in between", () => {
    scope(() => {
      const x = full([1000], 2, { requiresGrad: true });
      const y = dropout(x, 0.3);
      randn([77]);
      y.backward(full([1000], 5));
      const values = y.data();
      const gradients = x.grad!.data();
      expect(values.some((value) => value === 0)).toBe(true);
      const scale = Math.fround(1 / 0.7);
      values.forEach((value, i) =>
        expect(gradients[i]).toBe(value === 0 ? 0 : Math.fround(5 * scale)),
      );
    });
  });

  it("draws another mask each time, the same one from the same state", () => {
    scope(() => {
      const x = full([64], 1);
      const state = getRngState();
      const first = dropout(x, 0.5).toArray();
      expect(dropout(x, 0.5).toArray()).not.toEqual(first);
      setRngState(state);
      expect(dropout(x, 0.5).toArray()).toEqual(first);
    });
  });

  it("keeps NaN and Infinity out where it drops", () => {
    scope(() => {
      const y = dropout(full([1000], Infinity), 0.5).data();
      expect(y.filter((value) => Number.isNaN(value))).toEqual(new Float32Array());
      expect(y).toContain(0);
    });
  });

  it("passes x on in evaluation and for p = 0, drawing nothing", () => {
    scope(() => {
      const x = tensor([1, 2]);
      const state = getRngState();
      expect(dropout(x, 0.5, { training: false })).toBe(x);
      expect(dropout(x, 0)).toBe(x);
      expect(getRngState()).toEqual(state);
    });
  });

  it.each([-0.1, 1, 1.5, NaN])("refuses p = %d", (p) => {
    scope(() => {
      const wrong = () => dropout(tensor([1]), p, { training: false });
      expect(wrong).toThrow(OptionError);
      expect(wrong).toThrow(`dropout: expected a dropout probability from 0 to below 1, got ${p}`);
    });
  });

  it("refuses int32", () => {
    scope(() => {
      expect(() => dropout(tensor([1], { dtype: "int32" }) as unknown as Tensor)).toThrow(
        DTypeError,
      );
    });
  });
});
