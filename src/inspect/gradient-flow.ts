// How the gradient of a loss travels back through time: where it vanishes, where it explodes.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { noGrad } from "../autograd/mode.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { GraphNode } from "../tensor/graph-node.js";
import type { DType } from "../core/dtype.js";
import { expand } from "../ops/expand.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { inEvaluation } from "../nn/in-evaluation.js";
import {
  assertFollowed,
  checkUnrolled,
  unroll,
  type RecurrentLayer,
  type UnrollOptions,
} from "./unroll.js";
import { watchGradient } from "./watch-gradient.js";

/** Gradient norms of one direction of one layer. */
export interface GradientFlow {
  readonly layer: number;
  readonly direction: "forward" | "reverse";
  /** At each time step the Euclidean norm, over batch and units, of ∂loss/∂h. */
  readonly h: Float32Array;
  /** The same of an LSTM's cell: ∂loss/∂c. */
  readonly c?: Float32Array | undefined;
}

/**
 * How much of a loss' gradient arrives at every time step of a recurrent layer: ‖∂loss/∂h_t‖ for each
 * t, through all paths. Falling to nothing towards the beginning it vanishes, growing it explodes
 * (Hochreiter 1991; Bengio et al. 1994; Pascanu et al. 2013).
 *
 * The layer runs step by step beside its kernels, in evaluation mode. Gradients of parameters are
 * neither read nor changed.
 *
 * @param x `[batch, time, features]`
 * @param loss a scalar from the layer's output `[batch, time, hidden · directions]`
 * @returns one entry for each layer and direction, in the order of the state
 * @throws OptionError for a layer whose options are not followed
 * @example
 * ```ts
 * const lstm = new LSTM(2, 4);
 * const [flow] = gradientFlow(lstm, randn([1, 20, 2]), (output) => output.slice(1, 19, 20).sum());
 * flow!.h.length; // 20
 * ```
 */
export function gradientFlow(
  layer: RecurrentLayer,
  x: Tensor,
  loss: (output: Tensor) => Tensor,
  options: UnrollOptions = {},
): GradientFlow[] {
  checkUnrolled("gradientFlow", arguments, layer, options, "loss:function ");
  return inEvaluation(layer, () =>
    scope(() => {
      noGrad(() => assertFollowed(layer, x, options));
      const norms: { h: Float32Array; c?: Float32Array | undefined }[] = [];
      const time = x.shape[1]!;
      // Requires a gradient, so that a graph is recorded for frozen weights too.
      const input = x.detach();
      input.requiresGrad = true;
      const { output, directions } = unroll(layer, input, detached(options), (state, at) =>
        watchGradient(state, (gradient) => {
          norms[at.slot]![at.part]![at.time] = normOf(gradient);
        }),
      );
      for (const { steps } of directions)
        norms.push({
          h: new Float32Array(time),
          ...(steps[0]?.["c"] && { c: new Float32Array(time) }),
        });
      withoutLeaves(loss(output), (scalar) => scalar.backward());
      return directions.map(({ layer, direction }, i) => ({ layer, direction, ...norms[i]! }));
    }),
  );
}

/**
 * What is left at the end of a change of the state at time t: the Frobenius norm of the Jacobian
 * ∂h_T/∂h_t (and ∂h_T/∂c_t) for each t, of the last layer, exact. At t = T it is the
 * square root of the number of units; of an orthogonal linear recurrence it stays there.
 *
 * @param x one sequence, `[1, time, features]`
 * @returns one entry for each layer
 * @throws OptionError for a bidirectional layer, and as gradientFlow
 */
export function jacobianFlow(
  layer: RecurrentLayer,
  x: Tensor,
  options: Pick<UnrollOptions, "state"> = {},
): GradientFlow[] {
  checkUnrolled("jacobianFlow", arguments, layer, options);
  const { state } = options;
  const [batch, time, features] = x.shape as [number, number, number];
  if (x.shape.length !== 3 || batch !== 1)
    throw new ShapeError({
      op: "jacobianFlow",
      expected: "one sequence, [1, time, features]",
      got: formatShape(x.shape),
    });
  if (layer.directions > 1)
    throw new OptionError({
      op: "jacobianFlow",
      expected: "a layer that reads forwards only",
      got: described(layer),
    });
  return scope(() => {
    // As many copies of the sequence as units: each carries the gradient of one of them.
    const units = lastSize(layer);
    const copies = (part: Tensor): Tensor =>
      expand(part.detach(), [part.shape[0]!, units, part.shape[2]!]);
    const eye = new Float32Array(units * units);
    for (let i = 0; i < units; i++) eye[i * units + i] = 1;
    const one = tensor(eye, { shape: [units, units] });
    return gradientFlow(
      layer,
      expand(x.detach(), [units, time, features]),
      (output) =>
        output
          .slice(1, time - 1)
          .reshape([units, units])
          .mul(one)
          .sum(),
      state && { state: { h: copies(state.h), ...(state.c && { c: copies(state.c) }) } },
    );
  });
}

/** The size of the last layer's h. */
function lastSize(layer: RecurrentLayer): number {
  const weight = layer.namedParameters().get(`weight_hh_l${layer.numLayers - 1}`);
  return weight?.shape[1] ?? layer.hiddenSize;
}

function detached({ state, lengths }: UnrollOptions): UnrollOptions {
  return {
    ...(state && { state: { h: state.h.detach(), ...(state.c && { c: state.c.detach() }) } }),
    ...(lengths && { lengths }),
  };
}

/** Runs a backward pass that leaves every leaf of the graph, parameters above all, as it was. */
function withoutLeaves(loss: Tensor, run: (loss: Tensor) => void): void {
  checkCall("gradientFlow", [loss], "loss:tensor");
  if (!loss.node)
    throw new OptionError({
      op: "gradientFlow",
      expected: "a loss computed from the output it is given",
      got: "one without a graph",
    });
  const leaves = trainedLeaves(loss.node);
  for (const leaf of leaves) leaf.requiresGrad = false;
  try {
    run(loss);
  } finally {
    for (const leaf of leaves) leaf.requiresGrad = true;
  }
}

function trainedLeaves(last: GraphNode): Set<Tensor<DType>> {
  const leaves = new Set<Tensor<DType>>();
  const found = new Set([last]);
  const pending = [last];
  for (let node = pending.pop(); node; node = pending.pop())
    for (const input of node.inputs) {
      if (!input.node) {
        if (input.requiresGrad) leaves.add(input);
      } else if (!found.has(input.node)) {
        found.add(input.node);
        pending.push(input.node);
      }
    }
  return leaves;
}

function normOf(gradient: Float32Array): number {
  let sum = 0;
  for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}
