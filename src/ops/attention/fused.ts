// Attention of several heads by one kernel call, forward and backward. No matrix [queries, keys] is made: what is kept for
// the gradient is the output and a number for each query. Dao: FlashAttention-2 (2023).
import { defineOp } from "../../autograd/op.js";
import { records } from "../../autograd/mode.js";
import { checkProbability } from "../../core/check.js";
import type { DType } from "../../core/dtype.js";
import { cannotTrain } from "../../core/inference.js";
import { drawBlock } from "../../core/random.js";
import type { Shape } from "../../core/shape.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { attentionKernels } from "../../wasm/attention.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import { withLayout, type AttentionLayout } from "./layout.js";
import type { BackwardPass } from "../../autograd/backward-pass.js";

/** Where queries, keys or values begin: in which of the tensors, at which element. */
export interface Place {
  readonly input: number;
  readonly first: number;
}

/** What queries, keys and values are read from. */
export interface Operands {
  /** One tensor for all, two or three. */
  readonly from: readonly Tensor[];
  readonly query: Place;
  readonly key: Place;
  readonly value: Place;
}

const NAME = "attention";

/** The mixed values, of `shape`; strides, masks and what else there is by `layout`. */
export const fusedAttention = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(operands: Operands, layout: AttentionLayout, shape: Shape) {
    const { from, query, key, value } = operands;
    const { batch, heads, queries, keys, size, valueSize, mask } = layout;
    const output = empty(shape);
    const logs = records(from) ? empty([batch, heads, queries]) : undefined;
    const kernels = attentionKernels();
    const bytes = kernels.attentionScratchBytes(keys, size, valueSize);
    const addresses = from.map((x) => x.address(NAME));
    const [q, k, v] = [query, key, value].map(({ input, first }) => at(addresses[input]!, first));
    withLayout(NAME, layout, bytes, (record, scratch) =>
      // prettier-ignore
      kernels.attentionForward(
        output.storage.ptr, logs?.storage.ptr ?? 0, q!, k!, v!, record, scratch,
      ),
    );
    // The mask is an input so that a change of it before the backward pass is found.
    const inputs: readonly Tensor<DType>[] = mask ? [...from, mask.tensor] : from;
    return { inputs, output, saved: { operands, layout, output, logs } };
  },
  backward(pass, { operands, layout, output, logs }) {
    const { from, query, key, value } = operands;
    const { keys, size, valueSize } = layout;
    const kernels = attentionKernels();
    const bytes = kernels.attentionBackwardScratchBytes(keys, size, valueSize);
    const addresses = from.map((x) => x.address(NAME));
    const places = [query, key, value];
    const [q, k, v] = places.map(({ input, first }) => at(addresses[input]!, first));
    const dOut = pass.grad();
    writeAll(pass, from.length, (gradients) => {
      const [dq, dk, dv] = places.map(({ input, first }) =>
        gradients[input] === 0 ? 0 : at(gradients[input]!, first),
      );
      withLayout(NAME, layout, bytes, (record, scratch) =>
        // prettier-ignore
        kernels.attentionBackward(
          dq!, dk!, dv!, dOut, output.address(NAME), logs!.address(NAME), q!, k!, v!, record, scratch,
        ),
      );
    });
  },
});

/** Runs once with the places of all gradients, 0 for an input that wants none. */
function writeAll(pass: BackwardPass, count: number, run: (to: readonly Ptr[]) => void): void {
  const places = new Array<Ptr>(count).fill(0);
  const next = (input: number): void => {
    if (input === count) return run(places);
    if (!pass.needs(input)) return next(input + 1);
    pass.write(input, (to) => {
      places[input] = to;
      next(input + 1);
    });
  };
  next(0);
}

/** @internal Which weights are dropped: of `count`, as `dropout` draws them. */
export function dropping(
  op: string,
  dropout: number,
  count: number,
): Pick<AttentionLayout, "dropout" | "block"> {
  checkProbability(op, dropout);
  if (dropout === 0) return { dropout, block: undefined };
  if (!TRAINING) throw cannotTrain("dropout in training mode; after eval() it passes on");
  return { dropout, block: drawBlock(count) };
}
