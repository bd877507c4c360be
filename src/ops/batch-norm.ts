// Channels normalized by the statistics of the batch itself.
import { defineOp } from "../autograd/op.js";
import { sizeOf } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { kernels } from "../wasm/backend.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { withScratch } from "../wasm/scratch.js";

interface Saved {
  readonly x: Tensor;
  readonly stats: Tensor;
  readonly weight: Tensor | undefined;
  readonly bias: Tensor | undefined;
  readonly sizes: Sizes;
  readonly eps: number;
}

const NAME = "batchNorm";

/** Of `[batch, channels, ...inner]`. */
type Sizes = readonly [batch: number, channels: number, inner: number];

function sizesOf({ shape }: Tensor): Sizes {
  const [batch, channels, ...inner] = shape as [number, number, ...number[]];
  return [batch, channels, sizeOf(inner)];
}

/** @internal Mean and biased variance of each channel, `[2, channels]`, of `x[batch, channels, ...]`; no gradient flows. */
export function batchMoments(x: Tensor): Tensor {
  const stats = empty([2, x.shape[1]!]);
  extraKernels().batchMoments(stats.storage.ptr, x.address(NAME), ...sizesOf(x));
  return stats;
}

/**
 * @internal `(x - mean) / √(variance + eps) · weight + bias` for each channel of `x[batch, channels, ...]`, `stats` being those of
 * {@link batchMoments} of x: the gradient flows through them too. Ioffe and Szegedy: Batch Normalization (2015).
 */
export const batchNorm = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(
    x: Tensor,
    stats: Tensor,
    weight: Tensor | undefined,
    bias: Tensor | undefined,
    eps: number,
  ) {
    const y = empty(x.shape);
    const sizes = sizesOf(x);
    extraKernels().batchNormForward(
      y.storage.ptr,
      x.address(NAME),
      stats.address(NAME),
      weight?.address(NAME) ?? 0,
      bias?.address(NAME) ?? 0,
      ...sizes,
      eps,
    );
    const inputs = [x, weight, bias].filter((input) => input !== undefined);
    const saved = { x, stats, weight, bias, sizes, eps };
    return { inputs, unread: bias ? [bias] : [], output: y, saved };
  },
  backward(pass, { x, stats, weight, bias, sizes, eps }: Saved) {
    const channels = sizes[1];
    const dy = pass.grad();
    const [from, moments, scale] = [
      x.address(NAME),
      stats.address(NAME),
      weight?.address(NAME) ?? 0,
    ];
    withScratch(bytesOf(2 * channels), (sums) => {
      extraKernels().batchNormSums(sums, dy, from, moments, ...sizes, eps);
      const give = (input: number, sum: Ptr): void =>
        pass.accumulate(input, (to, accumulates) => {
          if (accumulates) trainingKernels().sumAxisAcc(to, sum, 1, 1, channels);
          else kernels().sumAxis(to, sum, 1, 1, channels);
        });
      if (weight) give(1, sums);
      if (bias) give(weight ? 2 : 1, at(sums, channels));
      pass.write(0, (dx) =>
        extraKernels().batchNormBackward(dx, dy, from, moments, sums, scale, ...sizes, eps),
      );
    });
  },
});
