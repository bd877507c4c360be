// Back from a broadcast: what came for repeated elements, summed.
import type { BackwardPass } from "../autograd/backward-pass.js";
import type { DType } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { heap, kernels } from "../wasm/backend.js";
import { copyBytes } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import type { NdArray } from "./broadcast.js";
import { axisGroups } from "./axis-groups.js";

/**
 * Gives an operand that may have been repeated to dy's shape its gradient. `compute` writes it in
 * dy's shape.
 */
export function giveSummed(
  pass: BackwardPass,
  input: number,
  x: Tensor<DType>,
  dy: NdArray,
  compute: (to: Ptr) => void,
): void {
  if (!pass.needs(input)) return;
  if (x.size === dy.size) return pass.write(input, compute);
  withBlock(bytesOf(dy.size), (full) => {
    compute(full);
    pass.accumulate(input, (to, accumulates) =>
      sumTo(to, x.shape, { ...dy, ptr: full }, accumulates),
    );
  });
}

/** Writes or adds to `to`, of shape `own`, the sums of `from` over the axes that repeated `own` to its shape. */
export function sumTo(to: Ptr, own: Shape, from: NdArray, accumulates: boolean): void {
  const { shape, size } = from;
  const missing = shape.length - own.length;
  const groups = axisGroups(shape, (axis) => axis < missing || own[axis - missing] === 1);
  let source = from.ptr;
  let temporary: Ptr = 0;
  try {
    groups.forEach(({ outer, length, inner }, i) => {
      const last = i === groups.length - 1;
      const target = last ? to : heap().allocate(bytesOf(outer * inner));
      const sum = last && accumulates ? trainingKernels().sumAxisAcc : kernels().sumAxis;
      sum(target, source, outer, length, inner);
      if (temporary !== 0) heap().free(temporary);
      temporary = last ? 0 : target;
      source = target;
    });
  } finally {
    if (temporary !== 0) heap().free(temporary);
  }
  if (groups.length > 0) return;
  if (accumulates) trainingKernels().axpy(to, source, size, 1);
  else copyBytes(to, source, bytesOf(size));
}
