// What the attributes of RNN, LSTM and GRU say, and which of it the fused layers compute.
import { OptionError, ShapeError } from "../../../core/errors.js";
import { formatShape, sameShape } from "../../../core/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { GraphNode } from "../../node.js";
import type { Inputs } from "../../operator.js";
import { ACTIVATIONS, type StepActivation } from "./activations.js";

export type RecurrentType = "RNN" | "LSTM" | "GRU";

/** Gates, functions, and the names of these by default. */
const KINDS = {
  RNN: { gates: 1, functions: ["Tanh"] },
  LSTM: { gates: 4, functions: ["Sigmoid", "Tanh", "Tanh"] },
  GRU: { gates: 3, functions: ["Sigmoid", "Tanh"] },
} as const;

/** What a recurrent node reads and gives, after the nodes around it became part of it. */
export interface Around {
  /** Whether x is `[batch, time, input]`, not `[time, batch, input]`. */
  readonly inputFirst: boolean;
  /** Whether Y has the batch first. */
  readonly outputFirst: boolean;
  /** Whether the directions stand side by side on Y's last axis, instead of having an axis. */
  readonly beside: boolean;
}

/** A recurrent node with its inputs, all sizes known. */
export interface RecurrentCall {
  readonly type: RecurrentType;
  readonly node: GraphNode;
  /** `[time, batch, input]` or `[batch, time, input]`, as `around` says. */
  readonly x: Tensor;
  /** `[directions, gates · hidden, input]` */
  readonly W: Tensor;
  /** `[directions, gates · hidden, hidden]` */
  readonly R: Tensor;
  /** `[directions, 2 · gates · hidden]` */
  readonly B: Tensor | undefined;
  /** Undefined where all steps count in each row. */
  readonly lengths: Int32Array | undefined;
  /** `[directions, batch, hidden]`; of layout 1 `[batch, directions, hidden]`. */
  readonly h: Tensor | undefined;
  readonly c: Tensor | undefined;
  /** `[directions, 3 · hidden]` */
  readonly P: Tensor | undefined;
  /** Whether states have the batch first. */
  readonly batchFirst: boolean;
  readonly around: Around;
  /** Whether each direction reads from the end. */
  readonly reverse: readonly boolean[];
  readonly gates: number;
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  /** Functions of each direction. */
  readonly activations: readonly (readonly StepActivation[])[];
  readonly clip: number;
}

const DIRECTIONS: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** What of the attributes is none of the specification's. */
export function refusesRecurrent(type: RecurrentType) {
  return (node: GraphNode): string | undefined => {
    const direction = node.string("direction", "forward");
    if (!Object.hasOwn(DIRECTIONS, direction)) return `direction "${direction}"`;
    const names = node.strings("activations") ?? [];
    const unknown = names.find((name) => !Object.hasOwn(ACTIVATIONS, name.toLowerCase()));
    if (unknown !== undefined) return `activation "${unknown}"`;
    const count = KINDS[type].functions.length * DIRECTIONS[direction]!.length;
    if (names.length > 0 && names.length !== count)
      return `${names.length} activations, of ${count}`;
    return undefined;
  };
}

/** Whether a layer computes it: not functions, bounds, peepholes of its own. */
export function isFusable(type: RecurrentType, node: GraphNode): boolean {
  const { usual, clip } = settingsOf(type, node);
  if (!usual || clip !== Infinity || (node.inputs[7] ?? -1) >= 0) return false;
  return type !== "LSTM" || node.int("input_forget", 0) === 0;
}

/**
 * Reads a call and checks its shapes.
 *
 * @param around default: nothing became part of the node
 */
export function recurrentCall(
  type: RecurrentType,
  inputs: Inputs,
  node: GraphNode,
  around?: Around,
): RecurrentCall {
  const { gates } = KINDS[type];
  const settings = settingsOf(type, node);
  const { reverse, batchFirst, activations, clip } = settings;
  const own = around ?? settings.around;
  const { inputFirst } = own;
  const x = inputs.floats(0);
  const W = inputs.floats(1);
  const R = inputs.floats(2);
  const hidden = R.shape[2] ?? 0;
  if (x.shape.length !== 3)
    throw new ShapeError({
      op: String(node),
      expected: `an input of 3 axes, ${inputFirst ? "batch, time" : "time, batch"}, features`,
      got: formatShape(x.shape),
    });
  const time = x.shape[inputFirst ? 1 : 0]!;
  const batch = x.shape[inputFirst ? 0 : 1]!;
  const directions = reverse.length;
  expectShape(node, "W", W, [directions, gates * hidden, x.shape[2]!]);
  expectShape(node, "R", R, [directions, gates * hidden, hidden]);
  const B = inputs.optional(3);
  const h = inputs.optional(5);
  const c = inputs.optional(6);
  const P = inputs.optional(7);
  const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  if (B) expectShape(node, "B", B, [directions, 2 * gates * hidden]);
  if (h) expectShape(node, "initial_h", h, state);
  if (c) expectShape(node, "initial_c", c, state);
  if (P) expectShape(node, "P", P, [directions, 3 * hidden]);
  const lengths = inputs.has(4) ? lengthsOf(inputs, node, batch, time) : undefined;
  // Field by field: spreads cost microseconds, as much as a small step.
  return {
    type,
    node,
    x,
    W,
    R,
    B,
    lengths,
    h,
    c,
    P,
    batchFirst,
    around: own,
    reverse,
    gates,
    time,
    batch,
    hidden,
    activations,
    clip,
  };
}

function expectShape(
  node: GraphNode,
  what: string,
  { shape }: Tensor,
  right: readonly number[],
): void {
  if (!sameShape(shape, right))
    throw new ShapeError({
      op: String(node),
      expected: `${what} ${formatShape(right)}`,
      got: formatShape(shape),
    });
}

interface Settings extends Pick<
  RecurrentCall,
  "batchFirst" | "around" | "reverse" | "activations" | "clip"
> {
  /** Whether all functions are the fused layers' own. */
  readonly usual: boolean;
}

const settings = /* @__PURE__ */ new WeakMap<GraphNode, Settings>();

/** What the attributes say, read once a node. */
export function settingsOf(type: RecurrentType, node: GraphNode): Settings {
  const known = settings.get(node);
  if (known) return known;
  const { functions } = KINDS[type];
  const reverse = DIRECTIONS[node.string("direction", "forward")]!;
  const batchFirst = node.int("layout", 0) === 1;
  const made: Settings = {
    reverse,
    batchFirst,
    around: { inputFirst: batchFirst, outputFirst: batchFirst, beside: false },
    activations: activationsOf(node, functions, reverse.length),
    usual: isUsual(type, node.strings("activations"), functions, reverse.length),
    clip: node.float("clip", Infinity),
  };
  settings.set(node, made);
  return made;
}

function lengthsOf(
  inputs: Inputs,
  node: GraphNode,
  batch: number,
  time: number,
): Int32Array | undefined {
  const numbers = inputs.numbers(4);
  if (!numbers || numbers.every((length) => length === time)) return undefined;
  if (numbers.length !== batch || numbers.some((length) => length < 0 || length > time))
    throw new OptionError({
      op: String(node),
      expected: `sequence_lens, ${batch} numbers from 0 to ${time}`,
      got: formatShape(numbers),
    });
  return Int32Array.from(numbers);
}

function activationsOf(
  node: GraphNode,
  functions: readonly string[],
  directions: number,
): StepActivation[][] {
  const names = node.strings("activations") ?? [];
  const alphas = [...(node.floats("activation_alpha") ?? [])];
  const betas = [...(node.floats("activation_beta") ?? [])];
  const each = functions.length;
  // Numbers are taken in the order of the functions that have any.
  return Array.from({ length: directions }, (_, d) =>
    functions.map((usual, i) => {
      const { make, alpha, beta } = ACTIVATIONS[(names[d * each + i] ?? usual).toLowerCase()]!;
      return make(
        alpha === undefined ? 0 : (alphas.shift() ?? alpha),
        beta === undefined ? 0 : (betas.shift() ?? beta),
      );
    }),
  );
}

function isUsual(
  type: RecurrentType,
  given: readonly string[] | undefined,
  functions: readonly string[],
  directions: number,
): boolean {
  if (!given || given.length === 0) return true;
  const names = given.map((name) => name.toLowerCase());
  const all = Array.from({ length: directions }, () => functions.map((each) => each.toLowerCase()));
  if (names.every((name, i) => name === all.flat()[i])) return true;
  return type === "RNN" && names.every((name) => name === "relu");
}
