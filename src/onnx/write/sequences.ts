// Steps that count: masks by lengths, and what makes one vector of a sequence.
import type { AttentionPooling } from "../../nn/attention-pooling.js";
import type { GraphBuilder, Ref } from "./builder.js";
import { partOf, writeLinear } from "./layers.js";

/** Which steps count, `[batch, time, 1]`, as conditions; undefined where all do. */
export interface Steps {
  readonly lengths: Ref;
  readonly mask: Ref;
}

/** @param x `[batch, time, …]`, whose time the mask has, or another axis */
export function writeSteps(b: GraphBuilder, lengths: Ref, x: Ref, axis = 1): Steps {
  const positions = writePositionsOf(b, x, axis);
  const limits = b.node("Unsqueeze", [asInt64(b, lengths), b.ints([1])], [x.axes[0]!, 1]);
  const counts = b.node("Less", [positions, limits], [x.axes[0]!, x.axes[axis]!]);
  const mask = b.node("Unsqueeze", [counts, b.ints([2])], [x.axes[0]!, x.axes[axis]!, 1]);
  return { lengths, mask };
}

/** 0, 1, … for the steps of x, int64. */
export function writePositionsOf(b: GraphBuilder, x: Ref, axis = 1): Ref {
  const time = b.node("Gather", [b.node("Shape", [x], [x.axes.length]), b.ints([axis], [])], []);
  return b.node("Range", [b.ints([0], []), time, b.ints([1], [])], [x.axes[axis]!]);
}

/** A vector of each row, `[batch, size]`, at each step of x: `[batch, time, size]`. */
export function writeRepeated(b: GraphBuilder, vectors: Ref, x: Ref): Ref {
  const size = vectors.axes[1]!;
  const time = b.node("Slice", [b.node("Shape", [x], [3]), b.ints([1]), b.ints([2])], [1]);
  const shape = b.node("Concat", [b.ints([1]), time, b.ints([1])], [3], { axis: 0 });
  const apart = b.node("Unsqueeze", [vectors, b.ints([1])], [x.axes[0]!, 1, size]);
  return b.node("Expand", [apart, shape], [x.axes[0]!, x.axes[1]!, size]);
}

function asInt64(b: GraphBuilder, x: Ref): Ref {
  return b.node("Cast", [x], x.axes, { to: 7 });
}

/** Zeros past the lengths. */
export function writeCleared(b: GraphBuilder, { mask }: Steps, x: Ref): Ref {
  return b.node("Where", [mask, x, b.scalar(0)], x.axes);
}

/** The mean or the largest of each feature over the steps that count; zeros where none does. */
export function writePooled(b: GraphBuilder, mode: "mean" | "max", steps: Steps, x: Ref): Ref {
  const [batch, , size] = x.axes as [string, string, number];
  if (mode === "max") {
    const others = b.node("Where", [steps.mask, x, b.scalar(-3.4028234663852886e38)], x.axes);
    const most = b.node("ReduceMax", [others], [batch, size], { axes: [1], keepdims: 0 });
    const counts = asInt64(b, b.node("Unsqueeze", [steps.lengths, b.ints([1])], [batch, 1]));
    const some = b.node("Greater", [counts, b.ints([0], [])], [batch, 1]);
    return b.node("Where", [some, most, b.scalar(0)], [batch, size]);
  }
  const sum = b.node("ReduceSum", [writeCleared(b, steps, x), b.ints([1])], [batch, size], {
    keepdims: 0,
  });
  // The sum of none is 0 already.
  const counts = b.node(
    "Max",
    [b.node("Cast", [steps.lengths], [batch], { to: 1 }), b.scalar(1)],
    [batch],
  );
  return b.node(
    "Div",
    [sum, b.node("Unsqueeze", [counts, b.ints([1])], [batch, 1])],
    [batch, size],
  );
}

/** Each step weighed by what a small network says of it. */
export function writeAttentionPooling(
  b: GraphBuilder,
  { projection, context }: AttentionPooling,
  path: string,
  steps: Steps,
  x: Ref,
): Ref {
  const [batch, time, size] = x.axes as [string, string, number];
  const cleared = writeCleared(b, steps, x);
  const read = writeLinear(b, projection, partOf(path, "projection"), cleared);
  const scores = writeLinear(
    b,
    context,
    partOf(path, "context"),
    b.node("Tanh", [read], read.axes),
  );
  const allowed = b.node(
    "Where",
    [steps.mask, scores, b.scalar(-3.4028234663852886e38)],
    scores.axes,
  );
  const weights = b.node("Softmax", [allowed], [batch, time, 1], { axis: 1 });
  const weighed = b.node("Mul", [cleared, weights], x.axes);
  return b.node("ReduceSum", [weighed, b.ints([1])], [batch, size], { keepdims: 0 });
}
