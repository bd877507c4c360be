import { defineOp } from "../../autograd/op.js";
import { tensor } from "../../tensor/create.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { fillZero } from "../../wasm/memory.js";
import { at, bytesOf } from "../../wasm/ptr.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { requireFloat } from "../check.js";

/**
 * `[batch, time, features]` → `[time, batch, features]`, zeros past each row's length, whatever x holds there.
 *
 * @param lengths steps that count in each row; undefined where all do
 */
export const timeMajor = /* @__PURE__ */ defineOp({
  name: "timeMajor",
  forward(x: Tensor, lengths: Int32Array | undefined) {
    requireFloat("timeMajor", x);
    const [batch, time, features] = x.shape as [number, number, number];
    const y = empty([time, batch, features]);
    scopeWithin(() => {
      const counts = lengths ? tensor(lengths).storage.ptr : 0;
      kernels().toTimeMajor(y.storage.ptr, x.address("timeMajor"), counts, batch, time, features);
    });
    return { inputs: [x], output: y, saved: { batch, time, features, lengths } };
  },
  backward(pass, { batch, time, features, lengths }) {
    pass.write(0, (dx) => {
      trainingKernels().toBatchFirst(dx, pass.grad(), batch, time, features);
      lengths?.forEach((length, row) =>
        fillZero(at(dx, (row * time + length) * features), bytesOf((time - length) * features)),
      );
    });
  },
});
