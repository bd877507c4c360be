// The backward pass: collects what a scalar depends on, runs it in reverse, frees the graph.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { DTypeError, GraphError, NumericError, ShapeError } from "../core/errors.js";
import { cannotTrain } from "../core/inference.js";
import { running } from "../core/running.js";
import { formatShape, sameShape } from "../core/shape.js";
import type { GraphNode } from "../tensor/graph-node.js";
import type { Tensor } from "../tensor/tensor.js";
import { heap } from "../wasm/backend.js";
import { copyBytes, f32 } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";

/**
 * Adds to the gradient of every leaf that `x` depends on, then frees the graph. A gradient that is
 * empty (`zeroGrad()`) is overwritten, one that is not is added to.
 *
 * @param gradient what to start from; default 1, for a scalar
 * @throws NumericError when `x` is a scalar that is not finite: it names the operation where that began
 * @throws GraphError for a tensor without a graph, a graph already freed, or an input changed since
 * @throws BackendError in `hiddenstate/infer`, which does not train
 */
export function backward(x: Tensor, gradient?: Tensor): void {
  if (!TRAINING) throw cannotTrain("backward");
  checkCall("backward", arguments, "x:tensor gradient?:tensor");
  if (gradient && gradient.dtype !== "float32")
    throw new DTypeError({ op: "backward", expected: "a float32 gradient", got: gradient.dtype });
  const { node } = x;
  if (!node)
    throw new GraphError({
      op: "backward",
      expected: "a result of operations on a tensor that requires a gradient",
      got: x.requiresGrad ? "a leaf" : "a tensor outside any graph",
      cure: "Compute it from a Parameter or from tensor(…, { requiresGrad: true }), outside noGrad().",
    });
  const nodes = reachable(node);
  nodes.forEach(assertFresh);
  seed(x, node, nodes, gradient);
  try {
    for (const each of nodes) {
      running.op = `${each.op} (backward)`;
      if (each.outputs.some((output) => output.gradient !== 0)) each.run!(each);
      freeGradients(each);
    }
  } finally {
    nodes.forEach(freeGradients);
    nodes.forEach(freeNode);
  }
}

/** Every node that `last` depends on, latest first. An explicit stack: graphs are deep. */
function reachable(last: GraphNode): GraphNode[] {
  const found = new Set<GraphNode>([last]);
  const pending = [last];
  for (let node = pending.pop(); node; node = pending.pop())
    for (const { node: before } of node.inputs)
      if (before && !found.has(before)) {
        found.add(before);
        pending.push(before);
      }
  return [...found].sort((a, b) => b.sequence - a.sequence);
}

function assertFresh({ op, run, inputs, versions }: GraphNode): void {
  if (!run)
    throw new GraphError({
      op: "backward",
      expected: "a graph that has not been used",
      got: `one that an earlier backward() freed (at ${op})`,
      cure: "Compute the loss again, or sum the losses and call backward() once.",
    });
  inputs.forEach((input, i) => {
    if (versions[i] !== undefined && input.storage.version !== versions[i])
      throw new GraphError({
        op: "backward",
        expected: `the inputs of ${op} as they were when it ran`,
        got: `an input ${formatShape(input.shape)} that has been changed since`,
        cure: "Call backward() before optimizer.step(), set() or loadStateDict().",
      });
  });
}

function seed(
  x: Tensor,
  node: GraphNode,
  nodes: readonly GraphNode[],
  gradient: Tensor | undefined,
): void {
  if (gradient ? !sameShape(gradient.shape, x.shape) : x.size !== 1)
    throw new ShapeError({
      op: "backward",
      expected: gradient
        ? `a gradient of shape ${formatShape(x.shape)}`
        : "a scalar, or a gradient to start from",
      got: formatShape((gradient ?? x).shape),
      cure: gradient ? "" : "Reduce the loss with mean() or sum() first.",
    });
  x.address("backward");
  if (x.size === 1 && !Number.isFinite(x.item())) throw notFinite(x.item(), nodes);
  const from = gradient?.address("backward");
  const block = heap().allocate(bytesOf(x.size));
  if (from !== undefined) copyBytes(block, from, bytesOf(x.size));
  else f32(block, 1)[0] = 1;
  node.outputs[x.output]!.gradient = block;
}

function notFinite(value: number, nodes: readonly GraphNode[]): NumericError {
  // An infinite loss comes of no NaN: one that was passed over, in padding, is not to blame.
  const isCause = (each: Numbers) => holdsNonFinite(each, !Number.isNaN(value));
  const first = [...nodes].reverse().find(({ outputs }) => outputs.some(isCause));
  const culprit = first?.inputs.find((input) => !input.node && isCause(input));
  return new NumericError({
    op: "backward",
    expected: "a finite loss",
    got: `${value}; the first operation with a result that is not finite is ${first?.op ?? "unknown"}`,
    cure:
      first?.cure ??
      (culprit
        ? `Its input ${formatShape(culprit.shape)} already holds NaN or Infinity: look at the data or the parameters.`
        : "A smaller learning rate or clipGradNorm() often helps."),
  });
}

type Numbers = Pick<Tensor<DType>, "storage" | "size" | "dtype">;

function holdsNonFinite({ storage, size, dtype }: Numbers, infinite: boolean): boolean {
  if (dtype !== "float32" || !storage.live) return false;
  if (trainingKernels().firstNonFinite(storage.ptr, size) < 0) return false;
  return !infinite || f32(storage.ptr, size).some((each) => Math.abs(each) === Infinity);
}

function freeGradients({ outputs }: GraphNode): void {
  for (const output of outputs) {
    if (output.gradient !== 0 && !output.borrowed) heap().free(output.gradient);
    output.gradient = 0;
    output.borrowed = false;
  }
}

/** Lets go of inputs and saved tensors; a later backward through it is refused. */
function freeNode(node: GraphNode): void {
  node.run = undefined;
  node.inputs = [];
}
