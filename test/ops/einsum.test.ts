import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { einsum } from "../../src/ops/einsum.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";

const A = [
  [1, 2],
  [3, 4],
];

describe("einsum", () => {
  it("without an arrow gives the letters that come once, in order", () => {
    scope(() => {
      const a = tensor(A);
      expect(einsum("ba", a).toArray()).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(einsum("ij,jk", a, a).toArray()).toEqual([
        [7, 10],
        [15, 22],
      ]);
      expect(einsum("ij->", a).item()).toBe(10);
    });
  });

  it.each([
    ["ii->i", 1, '"i" twice in "ii". Take the diagonal first'],
    ["ij,jk->iq", 2, 'letters of the tensors, each once, behind the arrow, got "iq"'],
    ["ij,jk->ii", 2, 'got "ii"'],
    ["i...,j", 2, "expected letters for axes"],
    ["ij,jk", 1, '2 tensors for "ij,jk", got 1'],
    ["ij,jk,kl->il", 3, "one tensor or two, got 3"],
  ])("refuses %s", (equation, count, message) => {
    scope(() => {
      const call = () => einsum(equation, ...Array.from({ length: count }, () => tensor(A)));
      expect(call).toThrow(OptionError);
      expect(call).toThrow(message);
    });
  });

  it("names the letter whose sizes differ", () => {
    scope(() => {
      const call = () => einsum("ij,jk->ik", tensor(A), tensor([[1], [2], [3]]));
      expect(call).toThrow(ShapeError);
      expect(call).toThrow('einsum: expected one size for "j", got 2 and 3.');
      expect(() => einsum("ijk", tensor(A))).toThrow('3 axes for "ijk", got [2, 2]');
    });
  });
});
