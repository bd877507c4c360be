import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, OptionError, ShapeError } from "../../src/core/errors.js";
import {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyOptions,
} from "../../src/losses/binary-cross-entropy.js";
import { l1Loss, mseLoss } from "../../src/losses/elementwise.js";
import { huberLoss, smoothL1Loss } from "../../src/losses/huber.js";
import type { Reduction } from "../../src/losses/reduction.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import * as twins from "../gradcheck/twin.js";
import { expectClose } from "../helpers/expect-close.js";
import { expectSame, pair, shapes } from "../ops/arbitrary.js";

const REDUCTIONS: Reduction[] = ["none", "mean", "sum"];
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

type Scalar = (x: number, y: number) => number;

const losses: [string, typeof mseLoss, Scalar, Scalar, Scalar][] = [
  ["mseLoss", mseLoss, (x, y) => (x - y) ** 2, (x, y) => 2 * (x - y), (x, y) => 2 * (y - x)],
  [
    "l1Loss",
    l1Loss,
    (x, y) => Math.abs(x - y),
    (x, y) => Math.sign(x - y),
    (x, y) => Math.sign(y - x),
  ],
  [
    "huberLoss",
    huberLoss,
    (x, y) => (Math.abs(x - y) < 1 ? (x - y) ** 2 / 2 : Math.abs(x - y) - 0.5),
    (x, y) => Math.max(-1, Math.min(1, x - y)),
    (x, y) => Math.max(-1, Math.min(1, y - x)),
  ],
  [
    "smoothL1Loss",
    smoothL1Loss,
    (x, y) => (Math.abs(x - y) < 1 ? (x - y) ** 2 / 2 : Math.abs(x - y) - 0.5),
    (x, y) => Math.max(-1, Math.min(1, x - y)),
    (x, y) => Math.max(-1, Math.min(1, y - x)),
  ],
  [
    "binaryCrossEntropyWithLogits",
    binaryCrossEntropyWithLogits,
    (x, y) => softplus(x) - x * y,
    (x, y) => twins.sigmoid(x) - y,
    (x) => -x,
  ],
];

/** A reduced twin, and what each single loss' gradient is multiplied by. */
function reduced(each: twins.Twin, reduction: Reduction): { value: twins.Twin; factor: number } {
  if (reduction === "none") return { value: each, factor: 1 };
  const n = each.data.length;
  const factor = reduction === "mean" ? 1 / n : 1;
  const total = twins.sum([...each.data]);
  return {
    value: { shape: [], data: Float64Array.of(reduction === "mean" ? total / n : total) },
    factor,
  };
}

describe.each(losses)("%s", (name, loss, f, dx, dy) => {
  it("agrees with its definition, and gives both sides their gradient", () => {
    fc.assert(
      fc.property(
        shapes(),
        fc.constantFrom(...REDUCTIONS),
        fc.nat(1000),
        (shape, reduction, seed) =>
          scope(() => {
            const x = pair(shape, seed, -3, 3);
            const y = pair(shape, seed + 1, 0, 1);
            const result = loss(x.tensor, y.tensor, { reduction });
            const { value, factor } = reduced(twins.zip(x.twin, y.twin, f), reduction);
            const tolerance = { absolute: 5e-6, relative: 2e-6 };
            expectSame(result, value, tolerance);
            fc.pre(x.twin.data.length > 0); // Of nothing there is no gradient.
            const incoming = pair(value.shape, seed + 2);
            result.backward(incoming.tensor);
            const gradient = (slope: Scalar) =>
              twins.zip(twins.zip(x.twin, y.twin, slope), incoming.twin, (a, b) => a * b * factor);
            expectSame(x.tensor.grad!, gradient(dx), tolerance, "dInput");
            expectSame(y.tensor.grad!, gradient(dy), tolerance, "dTarget");
          }),
      ),
    );
  });

  it("gives NaN for the mean of nothing and 0 for its sum", () => {
    scope(() => {
      const none = tensor([], { shape: [0, 2] });
      expect(loss(none, none).item()).toBeNaN();
      expect(loss(none, none, { reduction: "sum" }).item()).toBe(0);
    });
  });

  it("is 0 in gradient, not NaN, where input equals target", () => {
    scope(() => {
      const x = tensor([0.5, 0.25], { requiresGrad: true });
      const result = loss(x, tensor([0.5, 0.25]), { reduction: "sum" });
      result.backward();
      expectClose(x.grad!.data(), [dx(0.5, 0.5), dx(0.25, 0.25)], 1e-6);
    });
  });

  it("refuses what does not fit", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      expect(() => loss(x, pair([3]).tensor)).toThrow(ShapeError);
      expect(() => loss(x, pair([3]).tensor)).toThrow(
        `${name}: expected a target of shape [2, 3], as the input, got [3]. Losses do not broadcast`,
      );
      const ids = tensor(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { dtype: "int32" },
      ) as unknown as Tensor;
      expect(() => loss(x, ids)).toThrow(DTypeError);
      // @ts-expect-error no such reduction
      expect(() => loss(x, x, { reduction: "batchmean" })).toThrow(OptionError);
    });
  });
});

describe("binaryCrossEntropyWithLogits", () => {
  const weights = fc.record({
    weighted: fc.constantFrom("no", "full", "last", "scalar"),
    positives: fc.constantFrom("no", "full", "last", "scalar"),
    reduction: fc.constantFrom(...REDUCTIONS),
    seed: fc.nat(1000),
  });

  it("weighs elements and positives", () => {
    const shape = [2, 3, 4];
    const shapeOf = (kind: string) => (kind === "full" ? shape : kind === "last" ? [4] : []);
    fc.assert(
      fc.property(weights, ({ weighted, positives, reduction, seed }) =>
        scope(() => {
          const x = pair(shape, seed, -6, 6);
          const y = pair(shape, seed + 1, 0, 1);
          const one = { shape: [], data: Float64Array.of(1) };
          const weight = weighted === "no" ? undefined : pair(shapeOf(weighted), seed + 2, 0.2, 2);
          const posWeight =
            positives === "no" ? undefined : pair(shapeOf(positives), seed + 3, 0.2, 3);
          const options: BinaryCrossEntropyOptions = {
            weight: weight?.tensor.detach(),
            posWeight: posWeight?.tensor.detach(),
            reduction,
          };
          const result = binaryCrossEntropyWithLogits(x.tensor, y.tensor, options);
          const w = weight?.twin ?? one;
          const p = posWeight?.twin ?? one;
          const at = (which: (x: number, y: number, w: number, p: number) => number) =>
            twins.build(shape, (i) =>
              which(
                twins.at(x.twin, i),
                twins.at(y.twin, i),
                twins.broadcastAt(w, i),
                twins.broadcastAt(p, i),
              ),
            );
          const each = at((a, b, v, q) => v * (q * b * softplus(-a) + (1 - b) * softplus(a)));
          const { value, factor } = reduced(each, reduction);
          const tolerance = { absolute: 2e-5, relative: 2e-6 };
          expectSame(result, value, tolerance);
          const incoming = pair(value.shape, seed + 4);
          result.backward(incoming.tensor);
          const through = (slopes: twins.Twin) =>
            twins.zip(slopes, incoming.twin, (a, b) => a * b * factor);
          const dInput = at((a, b, v, q) => {
            const sigma = twins.sigmoid(a);
            return v * ((1 - b) * sigma - q * b * (1 - sigma));
          });
          expectSame(x.tensor.grad!, through(dInput), tolerance, "dInput");
          const dTarget = at((a, _, v, q) => v * (q * softplus(-a) - softplus(a)));
          expectSame(y.tensor.grad!, through(dTarget), tolerance, "dTarget");
        }),
      ),
    );
  });

  it("stays finite for extreme logits", () => {
    scope(() => {
      const x = tensor([1000, -1000, 1000, -1000], { requiresGrad: true });
      const loss = binaryCrossEntropyWithLogits(x, tensor([1, 0, 0, 1]), { reduction: "none" });
      expect(loss.toArray()).toEqual([0, 0, 1000, 1000]);
      loss.sum().backward();
      expect(x.grad!.toArray()).toEqual([0, 0, 1, -1]);
    });
  });

  it("refuses weights that would enlarge the input", () => {
    scope(() => {
      const x = pair([3]).tensor;
      expect(() => binaryCrossEntropyWithLogits(x, x, { posWeight: pair([2, 1]).tensor })).toThrow(
        "expected posWeight of a shape that broadcasts to the input's [3], got [2, 1]",
      );
      expect(() => binaryCrossEntropyWithLogits(x, x, { weight: pair([2]).tensor })).toThrow(
        ShapeError,
      );
    });
  });
});
