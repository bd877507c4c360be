// RNN, LSTM and GRU as ONNX's operators, with what stands round them.
import { OptionError } from "../../core/errors.js";
import { sizeOf, type Shape } from "../../core/shape.js";
import { GRU } from "../../nn/gru.js";
import { LSTM } from "../../nn/lstm.js";
import { RNN } from "../../nn/rnn.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttributeValue, GraphBuilder, Ref } from "./builder.js";

export type RecurrentLayer = RNN | LSTM | GRU;

/** Which of our blocks of gates is ONNX's first, second, …: i, o, f, c; z, r, h. */
const ORDER = { RNN: [0], LSTM: [0, 3, 1, 2], GRU: [1, 0, 2] } as const;

export interface WrittenRecurrent {
  /** `[batch, time, size]` */
  readonly output: Ref;
  /** The last state's parts, `[layers · directions, batch, hidden]`. */
  readonly state: Ref[];
}

/** @param initial the parts of the state to begin with */
export function writeRecurrent(
  b: GraphBuilder,
  layer: RecurrentLayer,
  path: string,
  x: Ref,
  { lengths, initial }: { lengths?: Ref | undefined; initial?: readonly Ref[] | undefined } = {},
): WrittenRecurrent {
  const { numLayers, directions, hiddenSize, skip, mergeMode, projSize } = layer;
  if (projSize)
    throw new OptionError({
      op: "toOnnx",
      expected: `layers that ONNX has`,
      got: `${path || "an LSTM"} with projSize, which its LSTM lacks`,
    });
  const [batch, time, features] = x.axes as [string, string, number];
  const gates = gatesOf(layer);
  const source = b.node("Transpose", [x], [time, batch, features], { perm: [1, 0, 2] });
  const parts = layer instanceof LSTM ? 2 : 1;
  const finals: Ref[][] = Array.from({ length: parts }, () => []);
  let current = source;
  for (let l = 0; l < numLayers; l++) {
    const width = current.axes[2] as number;
    const both = skip === "concat" && l > 0;
    const read = both
      ? b.node("Concat", [current, source], [time, batch, width + features], { axis: 2 })
      : current;
    const state = [batch, hiddenSize];
    const begin = initial?.map((part) =>
      numLayers === 1 ? part : writeRows(b, part, l * directions, directions, state),
    );
    const [Y, ...last] = writeGates(b, gates, path, l, read, lengths, begin);
    last.forEach((part, i) => finals[i]!.push(part));
    const merged = mergedOf(b, layer, Y!, l === numLayers - 1);
    current = skip === "residual" && l > 0 ? b.node("Add", [merged, current], merged.axes) : merged;
  }
  const apart = mergeMode === "none";
  const output = b.node("Transpose", [current], [batch, time, ...current.axes.slice(2)], {
    perm: apart ? [1, 0, 2, 3] : [1, 0, 2],
  });
  const axes = [numLayers * directions, batch, hiddenSize];
  const state = finals.map((own) =>
    own.length === 1 ? own[0]! : b.node("Concat", own, axes, { axis: 0 }),
  );
  return { output, state };
}

/** Rows of the first axis. */
export function writeRows(
  b: GraphBuilder,
  x: Ref,
  start: number,
  count: number,
  rest: readonly (string | number)[],
): Ref {
  const bounds = [[start], [start + count], [0]].map((each) => b.ints(each));
  return b.node("Slice", [x, ...bounds], [count, ...rest]);
}

/** What writes one layer needs to know of it. */
export interface Gates {
  readonly kind: keyof typeof ORDER;
  readonly hiddenSize: number;
  readonly directions: number;
  readonly bias: boolean;
  readonly attributes: Readonly<Record<string, AttributeValue | readonly string[]>>;
  /** A weight by its name in the state dict, `weight_ih_l0`. */
  weight(name: string): Tensor;
}

function gatesOf(layer: RecurrentLayer): Gates {
  const { hiddenSize, directions, bias } = layer;
  return {
    kind: layer instanceof LSTM ? "LSTM" : layer instanceof GRU ? "GRU" : "RNN",
    ...{ hiddenSize, directions, bias, attributes: ownAttributes(layer) },
    weight: (name) => layer[name as `weight_${string}`]!,
  };
}

/** One layer: x `[time, batch, features]` → Y, and the last state's parts. */
export function writeGates(
  b: GraphBuilder,
  { kind, hiddenSize: H, directions: D, bias, attributes, weight }: Gates,
  path: string,
  l: number,
  x: Ref,
  lengths: Ref | undefined,
  initial: readonly Ref[] | undefined,
): Ref[] {
  const suffixes = D === 2 ? ["", "_reverse"] : [""];
  const [time, batch, features] = x.axes as [string, string, number];
  const gates = ORDER[kind].length;
  // Blocks of rows in ONNX's order, the directions one after the other.
  const packed = (what: string, names: readonly string[], shape: Shape): Ref => {
    const values = new Float32Array(sizeOf(shape));
    let at = 0;
    for (const suffix of suffixes)
      for (const name of names) {
        const own = weight(`${name}_l${l}${suffix}`).data();
        const block = own.length / gates;
        for (const gate of ORDER[kind]) {
          values.set(own.subarray(gate * block, (gate + 1) * block), at);
          at += block;
        }
      }
    return b.floats(`${path}${path && "."}${what}_l${l}`, values, shape);
  };
  const W = packed("W", ["weight_ih"], [D, gates * H, features]);
  const R = packed("R", ["weight_hh"], [D, gates * H, H]);
  const B = bias ? packed("B", ["bias_ih", "bias_hh"], [D, 2 * gates * H]) : undefined;
  const state = [D, batch, H];
  return b.nodes(
    kind,
    [x, W, R, B, ...(lengths || initial ? [lengths, ...(initial ?? [])] : [])],
    [[time, D, batch, H], state, ...(kind === "LSTM" ? [state] : [])],
    { hidden_size: H, direction: D === 2 ? "bidirectional" : "forward", ...attributes },
  );
}

function ownAttributes(layer: RecurrentLayer): Record<string, AttributeValue | readonly string[]> {
  if (layer instanceof GRU) return { linear_before_reset: layer.resetAfter ? 1 : 0 };
  if (layer instanceof LSTM) return {};
  const name = layer.nonlinearity === "relu" ? "Relu" : "Tanh";
  return { activations: Array.from({ length: layer.directions }, () => name) };
}

const REDUCTIONS = { sum: "ReduceSum", average: "ReduceMean", mul: "ReduceProd" } as const;

/** `[time, directions, batch, hidden]` → `[time, batch, size]`, as the layer merges its directions. */
function mergedOf(
  b: GraphBuilder,
  { directions: D, mergeMode, hiddenSize: H }: RecurrentLayer,
  Y: Ref,
  isLast: boolean,
): Ref {
  const [time, , batch] = Y.axes as [string, number, string];
  if (D === 1) return b.node("Squeeze", [Y, b.ints([1])], [time, batch, H]);
  if (mergeMode === "sum")
    return b.node("ReduceSum", [Y, b.ints([1])], [time, batch, H], { keepdims: 0 });
  // Until version 18 the others have their axes as an attribute.
  if (mergeMode === "average" || mergeMode === "mul")
    return b.node(REDUCTIONS[mergeMode], [Y], [time, batch, H], { axes: [1], keepdims: 0 });
  const apart = b.node("Transpose", [Y], [time, batch, D, H], { perm: [0, 2, 1, 3] });
  if (mergeMode === "none" && isLast) return apart;
  return b.node("Reshape", [apart, b.ints([0, 0, -1])], [time, batch, D * H]);
}

export function isRecurrent(module: unknown): module is RecurrentLayer {
  return module instanceof RNN || module instanceof LSTM || module instanceof GRU;
}
