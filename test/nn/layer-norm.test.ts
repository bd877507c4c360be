import { describe, expect, it } from "vitest";
import {
  DTypeError,
  LayerNorm,
  layerNorm,
  LSTM,
  Linear,
  OptionError,
  randn,
  scope,
  Sequential,
  ShapeError,
  tensor,
  zeros,
} from "../../src/index.js";
import type { LayerNormModuleOptions, Tensor } from "../../src/index.js";
import { withLayer } from "../oracle/check-case.js";

describe("LayerNorm", () => {
  it("starts as PyTorch's: ones and zeros, by its names", () => {
    withLayer(new LayerNorm([2, 3]), (layer) => {
      expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
      expect(layer.weight!.toArray()).toEqual(Array(2).fill([1, 1, 1]));
      expect(layer.bias!.toArray()).toEqual(Array(2).fill([0, 0, 0]));
    });
  });

  it.each<[LayerNormModuleOptions, string[]]>([
    [{ elementwiseAffine: false }, []],
    [{ bias: false }, ["weight"]],
    [{ elementwiseAffine: false, bias: true }, []],
  ])("with %o learns %o", (options, names) => {
    withLayer(new LayerNorm(4, options), (layer) =>
      expect([...layer.stateDict().keys()]).toEqual(names),
    );
  });

  it("stands between other layers", () => {
    withLayer(new Sequential(new LSTM(3, 4), new LayerNorm(4), new Linear(4, 2)), (model) => {
      scope(() => {
        model
          .forward(randn([2, 5, 3]))
          .sum()
          .backward();
        expect(model.parameters().every((parameter) => parameter.grad)).toBe(true);
      });
    });
  });

  it("takes rows of none", () => {
    scope(() => expect(layerNorm(zeros([0, 3]), 3).shape).toEqual([0, 3]));
    scope(() => expect(layerNorm(zeros([2, 0]), 0).shape).toEqual([2, 0]));
  });

  it("refuses what does not fit, and says how it would", () => {
    scope(() => {
      expect(() => layerNorm(zeros([2, 4]), 3)).toThrow(
        "layerNorm: expected input [..., 3], got [2, 4]. The trailing axes must equal normalizedShape ([3]).",
      );
      expect(() => layerNorm(zeros([3]), [2, 3])).toThrow(ShapeError);
      expect(() => layerNorm(zeros([3]), [])).toThrow(ShapeError);
      expect(() => layerNorm(zeros([2, 3]), 3, { bias: zeros([2]) })).toThrow(
        "layerNorm: expected bias [3], got [2].",
      );
      expect(() => layerNorm(zeros([2, 3]), 3, { weight: zeros([1, 3]) })).toThrow(ShapeError);
      expect(() => layerNorm(zeros([3]), 3, { eps: -1 })).toThrow(OptionError);
      expect(() => layerNorm(tensor([1], { dtype: "int32" }) as unknown as Tensor, 1)).toThrow(
        DTypeError,
      );
    });
    expect(() => new LayerNorm(0)).toThrow(OptionError);
    expect(() => new LayerNorm([])).toThrow(OptionError);
    expect(() => new LayerNorm(3, { epsilon: 1 } as LayerNormModuleOptions)).toThrow(
      'LayerNorm: expected options among eps, elementwiseAffine, bias, got "epsilon".',
    );
  });
});
