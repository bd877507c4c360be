// How an operation becomes a record in the graph.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { running } from "../core/running.js";
import type { GraphNode, NodeOutput } from "../tensor/graph-node.js";
import type { Tensor } from "../tensor/tensor.js";
import { records } from "./mode.js";
import { BackwardPass } from "./backward-pass.js";

/** What one operation may give: a tensor, or several. */
export type Outputs = Tensor<DType> | readonly Tensor<DType>[];

export interface Forward<Out extends Outputs, Saved> {
  /** The tensors a gradient may flow to, in the order that `backward` counts them. */
  readonly inputs: readonly Tensor<DType>[];
  /** Those of them whose values `backward` does not read: they may change before it. */
  readonly unread?: readonly Tensor<DType>[] | undefined;
  readonly output: Out;
  /** What `backward` needs; kept until the graph is freed. */
  readonly saved: Saved;
}

export interface OpDefinition<Args extends unknown[], Out extends Outputs, Saved> {
  /** The name that errors and the graph show. */
  readonly name: string;
  /** What users call it with, for `checkCall`. Default: not called by users, or checked before. */
  readonly signature?: string | undefined;
  /** Checks shapes, computes the output, says what to keep. */
  forward(...args: Args): Forward<Out, Saved>;
  /** What helps where a loss is not finite by this operation. Default: what helps in general. */
  readonly cure?: string | undefined;
  /** Gives each input that wants one its gradient. */
  backward(pass: BackwardPass, saved: Saved): void;
}

let sequence = 0;

/**
 * A differentiable operation: a function that computes, and records where a gradient is wanted. The definition is
 * written out where it is given: the inference build leaves out its `backward` (scripts/inference-build.mjs).
 */
export function defineOp<Args extends unknown[], Out extends Outputs, Saved>(
  definition: OpDefinition<Args, Out, Saved>,
): (...args: Args) => Out {
  const { name, signature } = definition;
  const operation = (...args: Args): Out => {
    if (signature !== undefined) checkCall(name, args, signature);
    running.op = name;
    const result = definition.forward(...args);
    if (TRAINING && records(result.inputs)) record(definition, result);
    return result.output;
  };
  // By this mark the gradient check finds every operation.
  return Object.assign(operation, { op: name });
}

/** Gives the outputs a node in the graph. */
function record<Args extends unknown[], Out extends Outputs, Saved>(
  definition: OpDefinition<Args, Out, Saved>,
  { inputs, unread, output, saved }: Forward<Out, Saved>,
): void {
  const outputs: readonly Tensor<DType>[] = isList(output) ? output : [output];
  const node: GraphNode = {
    op: definition.name,
    cure: definition.cure,
    sequence: sequence++,
    inputs,
    versions: inputs.map((input) => (unread?.includes(input) ? undefined : input.storage.version)),
    outputs: outputs.map(toNodeOutput),
    run: (self) => definition.backward(new BackwardPass(self), saved),
  };
  outputs.forEach((tensor, i) => {
    tensor.node = node;
    tensor.output = i;
  });
}

function isList(output: Outputs): output is readonly Tensor<DType>[] {
  return Array.isArray(output);
}

function toNodeOutput({ storage, size, shape, dtype }: Tensor<DType>): NodeOutput {
  return { storage, size, shape, dtype, gradient: 0, borrowed: false };
}
