import { defineOp } from "../autograd/op.js";
import { checkCall, checkProbability } from "../core/check.js";
import { cannotTrain } from "../core/inference.js";
import { drawBlock, type RandomBlock } from "../core/random.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { requireFloat } from "./check.js";

export interface DropoutOptions {
  /** Whether to drop at all. Default true. */
  training?: boolean | undefined;
}

interface Dropped {
  readonly p: number;
  readonly size: number;
  /** Where the mask starts in the random stream: cheaper to draw again than to keep. */
  readonly block: RandomBlock;
}

function drop(to: Ptr, from: Ptr, { p, size, block }: Dropped): void {
  const { seedLo, seedHi, counterLo, counterHi } = block;
  trainingKernels().dropout(to, from, size, p, 1 / (1 - p), seedLo, seedHi, counterLo, counterHi);
}

const dropElements = /* @__PURE__ */ defineOp({
  name: "dropout",
  forward(x: Tensor, p: number) {
    const y = empty(x.shape);
    const saved = { p, size: x.size, block: drawBlock(x.size) };
    drop(y.storage.ptr, x.address("dropout"), saved);
    return { inputs: [x], output: y, saved };
  },
  backward(pass, saved: Dropped) {
    pass.write(0, (dx) => drop(dx, pass.grad(), saved));
  },
});

/**
 * Zeroes each element with probability p and scales the others by 1 / (1 - p). Where `training` is false
 * or p is 0, gives x itself. Masks come from the library's generator (`manualSeed`).
 *
 * @param p probability of zeroing, 0 ≤ p < 1
 * @throws OptionError for a p outside of that; DTypeError for int32
 */
export function dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkCall("dropout", arguments, "x:tensor p?:number {training:boolean}");
  const { training = true } = options;
  checkProbability("dropout", p);
  requireFloat("dropout", x);
  if (!training || p === 0) return x;
  if (!TRAINING) throw cannotTrain("dropout in training mode; after eval() it passes on");
  return dropElements(x, p);
}
