import { expect, it } from "vitest";
import { Linear, linear, matmul, noGrad, randn, scope } from "../../src/index.js";

// More elements than are packed at a time, and no whole number of slices or panels.
const [OUTPUTS, INPUTS] = [1003, 1111];

it("gives the same bits in slices as at once", () => {
  scope(() => {
    const { weight, bias } = new Linear(INPUTS, OUTPUTS);
    const x = randn([5, INPUTS], { requiresGrad: true });
    const sliced = linear(x, weight, bias);
    expect(sliced.toArray()).toEqual(noGrad(() => linear(x, weight, bias)).toArray());
    const dy = randn(sliced.shape);
    sliced.backward(dy);
    expect(x.grad!.toArray()).toEqual(matmul(dy, weight.detach()).toArray());
    // A second time adds.
    const once = x.grad!.mul(2);
    linear(x, weight, bias).backward(dy);
    const twice = x.grad!.data();
    const expected = once.data();
    const error = twice.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
      0,
    );
    expect(error).toBeLessThan(1e-5);
  });
});
