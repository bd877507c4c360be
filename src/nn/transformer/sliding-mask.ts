import { bothAllow } from "../../ops/attention.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Which steps a step may see of the last `window`, int32 `[time, time]`, and of what another mask allows. */
export function slidingMask(
  time: number,
  window: number,
  mask: Tensor<"int32"> | undefined,
): Tensor<"int32"> {
  const seen = new Int32Array(time * time);
  for (let step = 0; step < time; step++) {
    const first = Math.max(0, step + 1 - window);
    seen.fill(1, step * time + first, step * time + step + 1);
  }
  return bothAllow(tensor(seen, { shape: [time, time] }), mask)!;
}
