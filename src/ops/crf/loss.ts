// What a CRF is trained with, and what it says of each tag. The algorithms are in assembly/structured.
import { records } from "../../autograd/mode.js";
import { defineOp } from "../../autograd/op.js";
import { BYTES_PER_ELEMENT, type DType } from "../../core/dtype.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { copyBytes, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { structuredKernels } from "../../wasm/structured.js";
import { crfWeights, type CRFParameters } from "./weights.js";

const NAME = "crfLoss";

/** A batch of sequences, and what the forward algorithm has left of it. */
interface Run {
  readonly batch: number;
  readonly time: number;
  readonly tags: number;
  /** Steps of all sequences together. */
  readonly count: number;
  /** int32 `[2, batch]`: the sequences by their lengths, longest first; the lengths. */
  readonly rows: Tensor<"int32">;
  /** `[tags + 2, tags]`. */
  readonly weights: Tensor;
  readonly record: Tensor;
}

interface Saved extends Run {
  readonly targets: Tensor<"int32">;
}

/**
 * log Z - score of each sequence's tags: its negative log-likelihood. All arguments must have been checked.
 *
 * @param emissions `[batch, time, tags]`
 * @param targets tags, int32 `[batch, time]`; what lies past a length is not read
 * @param mask what constraints add to the weights
 * @returns `[batch]`; 0 for a sequence without steps
 */
export const crfLoss = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(
    emissions: Tensor,
    parameters: CRFParameters,
    targets: Tensor<"int32">,
    lengths: Int32Array,
    mask?: Float32Array,
  ) {
    const losses = empty([lengths.length]);
    const run = runForward(NAME, emissions, parameters, lengths, mask, losses, targets);
    const { transitions, start, end } = parameters;
    const unread = [emissions, transitions, start, end];
    const inputs: Tensor<DType>[] = [...unread, targets];
    if (!records(inputs)) dispose(run);
    return { inputs, unread, output: losses, saved: { ...run, targets } };
  },
  backward(pass, { targets, ...run }: Saved) {
    const { batch, time, tags, count } = run;
    const [order, lengths] = addresses(run);
    const dEmissions = empty([batch, time, tags]);
    const dWeights = empty([tags + 2, tags]);
    const k = structuredKernels();
    withScratch(k.crfScratchBytes(batch, count, tags), (space) =>
      k.crfBackward(
        dEmissions.storage.ptr,
        dWeights.storage.ptr,
        pass.grad(),
        run.record.address(NAME),
        targets.address(NAME),
        run.weights.address(NAME),
        order,
        lengths,
        space,
        batch,
        time,
        tags,
        count,
      ),
    );
    const from = dWeights.storage.ptr;
    const give = (input: number, gradient: Ptr, size: number): void =>
      pass.write(input, (to) => copyBytes(to, gradient, bytesOf(size)));
    give(0, dEmissions.storage.ptr, dEmissions.size);
    give(1, from, tags * tags);
    give(2, at(from, tags * tags), tags);
    give(3, at(from, tags * tags + tags), tags);
    dEmissions.dispose();
    dWeights.dispose();
  },
});

/**
 * How likely each tag is at each step, given the whole sequence.
 *
 * @returns `[batch, time, tags]`; zeros past a length
 */
export function crfMarginals(
  op: string,
  emissions: Tensor,
  parameters: CRFParameters,
  lengths: Int32Array,
  mask?: Float32Array,
): Tensor {
  const marginals = empty(emissions.shape);
  const run = runForward(op, emissions, parameters, lengths, mask);
  const { batch, time, tags, count } = run;
  const [order, lengthsAt] = addresses(run);
  const k = structuredKernels();
  withScratch(k.crfScratchBytes(batch, count, tags), (space) =>
    k.crfMarginals(
      marginals.storage.ptr,
      run.record.storage.ptr,
      run.weights.storage.ptr,
      order,
      lengthsAt,
      space,
      batch,
      time,
      tags,
      count,
    ),
  );
  dispose(run);
  return marginals;
}

/** The forward algorithm; losses where they are wanted. */
function runForward(
  op: string,
  emissions: Tensor,
  parameters: CRFParameters,
  lengths: Int32Array,
  mask: Float32Array | undefined,
  losses?: Tensor,
  targets?: Tensor<"int32">,
): Run {
  const [batch, time, tags] = emissions.shape as [number, number, number];
  const k = structuredKernels();
  const count = lengths.reduce((total, length) => total + length, 0);
  const weights = crfWeights(op, parameters, mask);
  const record = empty([k.crfRecordBytes(batch, count, tags) / BYTES_PER_ELEMENT]);
  const rows = empty([2, batch], "int32");
  const order = Int32Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const view = i32(rows.storage.ptr, 2 * batch);
  view.set(order);
  view.set(lengths, batch);
  const run = { batch, time, tags, count, rows, weights, record };
  withScratch(k.crfScratchBytes(batch, count, tags), (space) =>
    k.crfForward(
      losses?.storage.ptr ?? 0,
      record.storage.ptr,
      emissions.address(op),
      targets?.address(op) ?? 0,
      weights.storage.ptr,
      ...addresses(run),
      space,
      batch,
      time,
      tags,
      count,
    ),
  );
  return run;
}

/** Where the order and the lengths stand. */
function addresses({ rows, batch }: Run): [order: Ptr, lengths: Ptr] {
  const ptr = rows.address(NAME);
  return [ptr, at(ptr, batch)];
}

function dispose({ rows, weights, record }: Run): void {
  for (const each of [rows, weights, record]) each.dispose();
}
