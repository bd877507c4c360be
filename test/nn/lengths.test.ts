import { describe, expect, it } from "vitest";
import {
  DTypeError,
  IndexError,
  LSTM,
  ShapeError,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";

describe("lengths of a recurrent layer", () => {
  const layer = new LSTM(3, 4, { bidirectional: true });
  const x = zeros([2, 5, 3]);
  const run = (lengths: readonly number[] | Tensor<"int32">) => () => layer.forward(x, { lengths });

  it.each([
    [[2, 6], "6 for row 1"],
    [[-1, 5], "-1 for row 0"],
    [[2, 1.5], "1.5 for row 1"],
    [[NaN, 5], "NaN for row 0"],
  ])("refuses %j", (lengths, offender) => {
    expect(run(lengths)).toThrow(IndexError);
    expect(run(lengths)).toThrow(offender);
    if (lengths.every(Number.isInteger))
      expect(run(tensor(Int32Array.from(lengths)))).toThrow(offender);
  });

  it("refuses another number of rows", () => {
    expect(run([5])).toThrow(ShapeError);
    expect(run(tensor(Int32Array.of(1, 2, 3)))).toThrow(ShapeError);
  });

  it("refuses a float32 tensor: its bits are no counts", () => {
    expect(run(tensor([2, 5]) as unknown as Tensor<"int32">)).toThrow(DTypeError);
  });
});
