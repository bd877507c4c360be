// RNN, LSTM and GRU by the library's own layers: one call for all of time and both directions.
import { flip } from "../../../ops/index-select.js";
import { concat } from "../../../ops/join.js";
import { gru } from "../../../ops/recurrent/gru.js";
import { gruResetBefore } from "../../../ops/recurrent/gru-reset-before.js";
import { lstm } from "../../../ops/recurrent/lstm.js";
import { rnn, rnnRelu } from "../../../ops/recurrent/rnn.js";
import type { Cell } from "../../../ops/recurrent/layer.js";
import type { LayerWeights } from "../../../ops/recurrent/weights.js";
import { records } from "../../../autograd/mode.js";
import { StreamWeights } from "../../../nn/stream-weights.js";
import { zeros } from "../../../tensor/create.js";
import { scopeReturning } from "../../../tensor/scope.js";
import type { Storage } from "../../../tensor/storage.js";
import { empty, type Tensor } from "../../../tensor/tensor.js";
import { copyBytes, fillZero } from "../../../wasm/memory.js";
import type { GraphNode } from "../../node.js";
import type { Run } from "../../run.js";
import { permuted, reshaped } from "../shapes.js";
import type { RecurrentCall } from "./attributes.js";

/** Y `[time, directions, batch, hidden]` (of layout 1 `[batch, time, directions, hidden]`), Y_h and perhaps Y_c. */
export type RecurrentOutputs = [Y: Tensor, h: Tensor, c?: Tensor];

/** Which of ONNX's blocks of gates are the library's first, second, …: LSTM i, o, f, c; GRU z, r, h. */
const ORDER = { RNN: [0], LSTM: [0, 2, 3, 1], GRU: [1, 0, 2] } as const;

function cellOf({ type, node }: RecurrentCall): Cell {
  if (type === "LSTM") return lstm;
  if (type === "GRU") return node.int("linear_before_reset", 0) === 0 ? gruResetBefore : gru;
  const [name] = node.strings("activations") ?? [];
  return name?.toLowerCase() === "relu" ? rnnRelu : rnn;
}

export function fusedRecurrent(call: RecurrentCall, run: Run): RecurrentOutputs {
  if (isStep(call)) return oneStep(call, run);
  const { reverse, batchFirst, lengths, hidden } = call;
  const { inputFirst, outputFirst } = call.around;
  const cell = cellOf(call);
  const weights = layerWeights(call, run);
  // The layers' first direction reads forwards. What only reads backwards is turned round, or, where rows end at different
  // steps, read as the second of two.
  const backwards = reverse.length === 1 && reverse[0]!;
  const doubled = backwards && lengths !== undefined;
  const turned = backwards && !doubled;
  let x = turned ? flip(call.x, inputFirst ? 1 : 0) : call.x;
  // The layer zeroes what stands behind a row's end as it brings a batch in the order of time.
  const timeMajorInput = !inputFirst && lengths === undefined;
  if (!inputFirst && !timeMajorInput) x = permuted(x, [1, 0, 2]) as Tensor;
  const [output, ...state] = cell.layer(x, doubled ? [weights[0]!, weights[0]!] : weights, {
    hiddenSize: hidden,
    lengths,
    initial: initialOf(call, cell, doubled),
    timeMajorInput,
    timeMajorOutput: !outputFirst,
  });
  const whole = doubled ? output!.slice(2, hidden, 2 * hidden) : output!;
  const Y = merged(turned ? flip(whole, outputFirst ? 1 : 0) : whole, call);
  const parts = state.map((part) => {
    const own = doubled ? part.slice(0, 1, 2) : part;
    return batchFirst ? (permuted(own, [1, 0, 2]) as Tensor) : own;
  });
  return [Y, ...parts] as unknown as RecurrentOutputs;
}

/** Whether it is one step of one direction, of which no gradient is asked. */
function isStep({ time, reverse, lengths, x, W, R, B, h, c }: RecurrentCall): boolean {
  if (time !== 1 || reverse.length > 1 || lengths !== undefined) return false;
  return !(TRAINING && records([x, W, R, B, h, c].filter((each) => each !== undefined)));
}

/** A step that was taken, for those that take it again: with other numbers, from a state that changes in its place. */
export interface StepCall {
  readonly weights: readonly Tensor[];
  /** What it read, and the parts of the state before and after. */
  readonly x: Storage;
  readonly from: readonly (Storage | undefined)[];
  readonly state: readonly Storage[];
  /** Numbers of scratch that a step needs. */
  readonly scratch: number;
  run(state: readonly number[], scratch: number, x: number): void;
}

/** A step as streams take it: by packed weights that are kept, the state replaced in a copy. */
function oneStep(call: RecurrentCall, run: Run): RecurrentOutputs {
  const { W, R, B, h, c, x, node, batch, hidden, batchFirst } = call;
  const cell = cellOf(call);
  const many = batch > 1;
  const key = stepKeys(node)[Number(many)];
  const sources = B ? [W, R, B] : [W, R];
  const packed = (): StreamWeights =>
    run.derived.kept(key, sources, () =>
      scopeReturning(
        () => new StreamWeights(layerWeights(call, run), batch, cell.pack),
        () => [],
      ),
    );
  const parts = [h, c].slice(0, cell.parts.length).map((part) => {
    const own = empty([batch, hidden]);
    if (part) copyBytes(own.storage.ptr, part.address(cell.op), own.storage.bytes);
    else fillZero(own.storage.ptr, own.storage.bytes);
    return own;
  });
  const size = cell.stepScratch * batch * hidden;
  const scratch = empty([size]);
  const state = parts.map(({ storage }) => storage.ptr);
  const sizes = { batch, hiddenSize: hidden, outputSize: hidden };
  cell.step(state, scratch.storage.ptr, x.address(cell.op), packed().layers[0]!, sizes);
  run.steps?.push({
    weights: sources,
    x: x.storage,
    from: [h?.storage, c?.storage],
    state: parts.map(({ storage }) => storage),
    scratch: size,
    run: (own, room, input) =>
      cell.step(own as never, room as never, input as never, packed().layers[0]!, sizes),
  });
  const shape = batchFirst ? [batch, 1, hidden] : [1, batch, hidden];
  const places = call.around.outputFirst ? [batch, 1] : [1, batch];
  const Y = merged(parts[0]!.reshape([...places, hidden]), call);
  return [Y, ...parts.map((part) => part.reshape(shape))] as unknown as RecurrentOutputs;
}

/** Weights are packed in one way for a row and in another for several. */
const keys = /* @__PURE__ */ new WeakMap<GraphNode, readonly [object, object]>();

function stepKeys(node: GraphNode): readonly [object, object] {
  const known = keys.get(node) ?? [{}, {}];
  keys.set(node, known);
  return known;
}

/** The directions, side by side in a layer's output, on an axis of their own unless they stay. */
function merged(output: Tensor, { reverse, around, hidden }: RecurrentCall): Tensor {
  if (around.beside) return output;
  const [outer, inner] = output.shape as [number, number];
  const apart = reshaped(output, [outer, inner, reverse.length, hidden]);
  return (around.outputFirst ? apart : permuted(apart, [0, 2, 1, 3])) as Tensor;
}

function initialOf(
  { h, c, batchFirst, reverse, batch, hidden }: RecurrentCall,
  { parts }: Cell,
  doubled: boolean,
): Tensor[] | undefined {
  if (!h && !c) return undefined;
  return [h, c].slice(0, parts.length).map((part) => {
    if (!part) return zeros([doubled ? 2 : reverse.length, batch, hidden]);
    const own = batchFirst ? (permuted(part, [1, 0, 2]) as Tensor) : part;
    return doubled ? concat([own, own]) : own;
  });
}

/** The weights in the layers' order of gates, worked out once. */
function layerWeights(call: RecurrentCall, run: Run): LayerWeights[] {
  const { W, R, B, node, reverse, gates, hidden, type } = call;
  const sources = B ? [W, R, B] : [W, R];
  const made = run.derived.of(node, sources, () =>
    reverse.flatMap((_, d) => {
      const own = (x: Tensor): Tensor => x.select(0, d);
      const biases = B
        ? [0, 1].map((i) => own(B).slice(0, i * gates * hidden, (i + 1) * gates * hidden))
        : [];
      return [own(W), own(R), ...biases].map((each) => inOrder(each, ORDER[type], hidden));
    }),
  );
  const each = made.length / reverse.length;
  return reverse.map((_, d) => {
    const [inputWeight, hiddenWeight, inputBias, hiddenBias] = made.slice(d * each);
    return {
      inputWeight: inputWeight!,
      hiddenWeight: hiddenWeight!,
      inputBias: B && inputBias,
      hiddenBias: B && hiddenBias,
    };
  });
}

/** Blocks of rows in another order. */
function inOrder(x: Tensor, order: readonly number[], rows: number): Tensor {
  if (order.length === 1) return x;
  return concat(order.map((block) => x.slice(0, block * rows, (block + 1) * rows)));
}
