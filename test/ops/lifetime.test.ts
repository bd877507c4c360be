// Operations inside scopes, outside, and after.
import { describe, expect, it } from "vitest";
import { GraphError, ScopeError } from "../../src/core/errors.js";
import { noGrad } from "../../src/autograd/mode.js";
import { sigmoid } from "../../src/ops/unary.js";
import { add, mul } from "../../src/ops/arithmetic.js";
import { concat, stack } from "../../src/ops/join.js";
import { matmul } from "../../src/ops/matmul.js";
import "../../src/ops/methods.js";
import { transpose } from "../../src/ops/permute.js";
import { max, sum } from "../../src/ops/reduce.js";
import { split } from "../../src/ops/slice.js";
import { softmax } from "../../src/ops/softmax.js";
import { tensor } from "../../src/tensor/create.js";
import { Parameter } from "../../src/tensor/parameter.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { heap } from "../../src/wasm/backend.js";

describe("operations", () => {
  it("work outside every scope, on the heap, until disposed of", () => {
    using x = tensor([1, 2], { requiresGrad: true });
    using y = mul(x, x);
    using loss = sum(y);
    loss.backward();
    expect(x.grad!.toArray()).toEqual([2, 4]);
    y.dispose();
    expect(() => add(y, 1)).toThrow(ScopeError);
  });

  it("refuse what a scope has taken back", () => {
    let kept!: Tensor;
    scope(() => {
      kept = tensor([1, 2]);
    });
    const uses: [string, () => unknown][] = [
      ["add", () => add(kept, 1)],
      ["reshape", () => kept.reshape([1, 2])],
      ["concat", () => concat([kept, kept])],
      ["stack", () => stack([kept])],
      ["split", () => split(kept, 1)],
      ["transpose", () => transpose(kept, 0, 0)],
      ["softmax", () => softmax(kept)],
    ];
    for (const [op, use] of uses) {
      expect(use).toThrow(ScopeError);
      expect(use).toThrow(
        `${op}: expected a live tensor, got one whose scope has ended. Return it from the scope's function`,
      );
    }
  });

  it("leave no heap blocks behind after a step in a scope", () => {
    using weight = new Parameter(
      tensor([
        [0.5, -1],
        [2, 0.25],
      ]),
    );
    using row = new Parameter(tensor([0.5, -1]));
    const step = () =>
      scope(() => {
        const x = tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]);
        const y = sigmoid(add(matmul(x, weight), row));
        const z = mul(softmax(y, 0), max(y, [0, 1]));
        sum(add(z, mul(row, row)), [0])
          .mul(y)
          .sum()
          .backward();
      });
    step();
    const used = heap().used;
    for (let i = 0; i < 20; i++) step();
    expect(heap().used).toBe(used);
  });

  it("record nothing under noGrad", () => {
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      const y = noGrad(() => mul(x, x));
      expect(y.requiresGrad).toBe(false);
      expect(() => sum(y).backward()).toThrow(GraphError);
    });
  });

  it("refuse to go backward over an input changed in between", () => {
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      const loss = sum(mul(x, x));
      x.set([3, 4]);
      expect(() => loss.backward()).toThrow("expected the inputs of mul as they were when it ran");
    });
  });

  it("return a loss from a scope and still go backward inside the outer one", () => {
    scope(() => {
      const x = tensor([3, 4], { requiresGrad: true });
      const loss = scope(() => sum(mul(x, x)));
      loss.backward();
      expect(x.grad!.toArray()).toEqual([6, 8]);
    });
  });
});
