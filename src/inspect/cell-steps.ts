// One step of each cell written out with plain operations, gates and states by name.
import { relu, sigmoid, tanh } from "../ops/unary.js";
import { linear } from "../ops/linear.js";
import type { CellDefinition } from "../ops/recurrent/cell.js";
import { gru } from "../ops/recurrent/gru.js";
import { gruResetBefore } from "../ops/recurrent/gru-reset-before.js";
import { lstm } from "../ops/recurrent/lstm.js";
import { lstmProjected } from "../ops/recurrent/lstm-projected.js";
import { rnn, rnnRelu } from "../ops/recurrent/rnn.js";
import { split } from "../ops/slice.js";
import type { Tensor } from "../tensor/tensor.js";

/** Gates and parts of the state by name, each `[batch, size]`. */
export type StepValues = Readonly<Record<string, Tensor>>;

interface StepWeights {
  readonly hiddenWeight: Tensor;
  readonly hiddenBias: Tensor | undefined;
  readonly projection: Tensor | undefined;
}

/** Hands a part of the next state on, to be watched. */
export type Watched = (part: "h" | "c", value: Tensor) => Tensor;

/**
 * One step: the gates, and the next state among them.
 *
 * @param x W_ih x + b_ih, `[batch, gates · hidden]`
 */
type CellStep = (
  x: Tensor,
  state: StepValues,
  weights: StepWeights,
  watched: Watched,
) => StepValues;

/** The step of a cell; undefined for one that is not written out here. */
export function stepOf(cell: CellDefinition | undefined): CellStep | undefined {
  switch (cell) {
    case rnn:
      return elmanStep(tanh);
    case rnnRelu:
      return elmanStep(relu);
    case gru:
      return gruStep;
    case gruResetBefore:
      return gruResetBeforeStep;
    case lstm:
    case lstmProjected:
      return lstmStep;
    default:
      return undefined;
  }
}

function elmanStep(activation: (x: Tensor) => Tensor): CellStep {
  return (x, { h }, { hiddenWeight, hiddenBias }, watched) => ({
    h: watched("h", activation(x.add(linear(h!, hiddenWeight, hiddenBias)))),
  });
}

function gruStep(...[x, { h }, { hiddenWeight, hiddenBias }, watched]: Parameters<CellStep>) {
  const [xr, xz, xn] = parts(x, 3);
  const [hr, hz, hn] = parts(linear(h!, hiddenWeight, hiddenBias), 3);
  const r = sigmoid(xr!.add(hr!));
  const z = sigmoid(xz!.add(hz!));
  const n = tanh(xn!.add(r.mul(hn!)));
  return { r, z, n, h: watched("h", n.add(z.mul(h!.sub(n)))) };
}

function gruResetBeforeStep(
  ...[x, { h }, { hiddenWeight, hiddenBias }, watched]: Parameters<CellStep>
) {
  const size = h!.shape[1]!;
  const [xr, xz, xn] = parts(x, 3);
  const rows = (first: number, end: number, input: Tensor): Tensor =>
    linear(input, hiddenWeight.slice(0, first, end), hiddenBias?.slice(0, first, end));
  const [hr, hz] = parts(rows(0, 2 * size, h!), 2);
  const r = sigmoid(xr!.add(hr!));
  const z = sigmoid(xz!.add(hz!));
  const n = tanh(xn!.add(rows(2 * size, 3 * size, r.mul(h!))));
  return { r, z, n, h: watched("h", n.add(z.mul(h!.sub(n)))) };
}

function lstmStep(...[x, state, weights, watched]: Parameters<CellStep>) {
  const { hiddenWeight, hiddenBias, projection } = weights;
  const [ai, af, ag, ao] = parts(x.add(linear(state["h"]!, hiddenWeight, hiddenBias)), 4);
  const [i, f, g, o] = [sigmoid(ai!), sigmoid(af!), tanh(ag!), sigmoid(ao!)];
  const c = watched("c", f.mul(state["c"]!).add(i.mul(g)));
  const y = o.mul(tanh(c));
  return { i, f, g, o, c, h: watched("h", projection ? linear(y, projection) : y) };
}

/** `[batch, count · size]` → `count` of `[batch, size]`. */
function parts(x: Tensor, count: number): Tensor[] {
  return split(x, x.shape[1]! / count, 1);
}
