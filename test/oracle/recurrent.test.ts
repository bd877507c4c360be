// Recurrent layers and cells against PyTorch: every option, outputs, final states, all gradients.
import { describe, expect, it } from "vitest";
import {
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  RNN,
  RNNCell,
  scope,
  tensor,
  type Module,
  type Tensor,
} from "../../src/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { casesOf, oracleCases, type Constant, type OracleCase } from "../helpers/oracle.js";
import { checkCase, loadParameters, withLayer, type Leaves, type Outputs } from "./check-case.js";

interface LayerOptions {
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  bias: boolean;
  bidirectional: boolean;
}
type LayerCase = OracleCase<LayerOptions>;

type State = Record<string, Tensor>;
interface Result {
  output: Tensor;
  state: State;
}

/** What the layers have in common, whatever their states hold. */
interface Layer extends Module {
  forward(x: Tensor, options: { state?: State; lengths?: Tensor<"int32"> | Int32Array }): Result;
  step(x: Tensor, state?: State): Result;
  stream(options: { batch: number }): Stream;
}
interface Stream {
  push(x: Float32Array): Float32Array;
  state(): State;
  setState(state: State): void;
  dispose(): void;
}
type LayerClass = new (inputSize: number, hiddenSize: number, options: object) => Layer;

/** File, operation, layer, parts of its state. */
const LAYERS = [
  ["rnn", "rnn", RNN, ["h"]],
  ["gru", "gru", GRU, ["h"]],
  ["lstm-projected", "lstm", LSTM, ["h", "c"]],
  ["lstm", "lstm", LSTM, ["h", "c"]],
] as unknown as [string, string, LayerClass, string[]][];

describe.each(LAYERS)("%s", (family, op, Kind, parts) => {
  const cases = casesOf<LayerOptions>(oracleCases(family), op);
  const named = cases.map((each) => [each.name, each] as const);
  const padded = named.filter(([, oracle]) => oracle.has("in", "lengths"));
  const streamable = named.filter(
    ([, oracle]) => !oracle.options.bidirectional && !oracle.has("in", "lengths"),
  );

  const withCase = ({ options }: LayerCase, run: (layer: Layer) => void): void => {
    const { inputSize, hiddenSize, ...rest } = options;
    withLayer(new Kind(inputSize, hiddenSize, rest), run);
  };
  const forward = (layer: Layer, { x, lengths, ...state }: Leaves): Outputs => {
    const result = layer.forward(x!, {
      ...(parts[0]! in state ? { state } : {}),
      ...(lengths ? { lengths: lengths as unknown as Tensor<"int32"> } : {}),
    });
    return { output: result.output, ...result.state };
  };
  const initialState = (oracle: LayerCase): State | undefined =>
    oracle.has("in", "h")
      ? Object.fromEntries(parts.map((part) => [part, input(oracle, part)]))
      : undefined;
  const expectState = (oracle: LayerCase, state: State): void => {
    expect(Object.keys(state)).toEqual(parts);
    for (const part of parts) oracle.expect("out", part, state[part]!);
  };

  it.each(named)("%s", (_, oracle) => {
    withCase(oracle, (layer) => checkCase(oracle, (leaves) => forward(layer, leaves), { layer }));
  });

  it.each(padded)("%s: NaN past the lengths changes nothing", (_, oracle) => {
    const lengths = oracle.constant("in", "lengths").data;
    withCase(oracle, (layer) =>
      checkCase(oracle, (leaves) => forward(layer, leaves), {
        layer,
        prepare: (name, constant) => (name === "x" ? poisonPadding(constant, lengths) : constant),
      }),
    );
  });

  it.each(padded)("%s: padding has output and gradient exactly zero", (_, oracle) => {
    const lengths = oracle.constant("in", "lengths").data as Int32Array;
    withCase(oracle, (layer) => {
      loadParameters(layer, oracle);
      scope(() => {
        const x = input(oracle, "x", true);
        const { output, state } = layer.forward(x, { lengths });
        const sums = [output, ...Object.values(state)].map((each) => each.sum());
        sums.reduce((total, each) => total.add(each)).backward();
        for (const each of [output, x.grad!])
          expect(paddedElements(each, lengths).every((value) => value === 0)).toBe(true);
      });
    });
  });

  it.each(streamable)("%s: step by step", (_, oracle) => {
    withCase(oracle, (layer) => {
      loadParameters(layer, oracle);
      scope(() => {
        const x = input(oracle, "x");
        const [batch, time, features] = x.shape as [number, number, number];
        let state = initialState(oracle);
        for (let t = 0; t < time; t++) {
          const result = layer.step(x.slice(1, t, t + 1).reshape([batch, features]), state);
          state = result.state;
          expectStep(oracle, t, result.output.data());
        }
        expectState(oracle, state!);
      });
    });
  });

  it.each(streamable)("%s: streamed", (_, oracle) => {
    withCase(oracle, (layer) => {
      loadParameters(layer, oracle);
      const x = oracle.constant("in", "x");
      const stream = layer.stream({ batch: x.shape[0]! });
      scope(() => {
        const state = initialState(oracle);
        if (state) stream.setState(state);
      });
      for (let t = 0; t < x.shape[1]!; t++) expectStep(oracle, t, stream.push(frameAt(x, t)));
      scope(() => expectState(oracle, stream.state()));
      stream.dispose();
    });
  });
});

interface Cell extends Module {
  forward(x: Tensor, state?: State): State;
}
type CellClass = new (inputSize: number, hiddenSize: number, options: object) => Cell;

const CELLS = [
  ["rnnCell", RNNCell],
  ["gruCell", GRUCell],
  ["lstmCell", LSTMCell],
] as unknown as [string, CellClass][];

describe.each(CELLS)("%s", (op, Kind) => {
  const cases = casesOf<Omit<LayerOptions, "numLayers">>(oracleCases("cells"), op);
  it.each(cases.map((each) => [each.name, each] as const))("two steps, %s", (_, oracle) => {
    const { inputSize, hiddenSize, ...options } = oracle.options;
    withLayer(new Kind(inputSize, hiddenSize, options), (layer) => {
      const compute = ({ x0, x1, ...state }: Leaves): Outputs => {
        const first = layer.forward(x0!, "h" in state ? state : undefined);
        return { h0: first["h"]!, ...layer.forward(x1!, first) };
      };
      checkCase(oracle, compute, { layer });
    });
  });
});

function input(oracle: LayerCase, name: string, requiresGrad = false): Tensor {
  const { data, shape } = oracle.constant("in", name);
  return tensor(data as Float32Array, { shape, requiresGrad });
}

/** Compares one time step's rows with those of the whole sequence's output. */
function expectStep(oracle: LayerCase, t: number, actual: Float32Array): void {
  const expected = frameAt(oracle.constant("out", "output"), t);
  expectClose(actual, expected, oracle.tolerance("out", "output"), `${oracle.name} step ${t}`);
}

/** Time step t of `[batch, time, features]`. */
function frameAt({ data, shape }: Constant, t: number): Float32Array {
  const [batch, time, features] = shape as [number, number, number];
  const frame = new Float32Array(batch * features);
  for (let row = 0; row < batch; row++) {
    const from = (row * time + t) * features;
    frame.set(data.subarray(from, from + features), row * features);
  }
  return frame;
}

/** The values of `[batch, time, features]` that lie past each row's length. */
function paddedElements(x: Tensor, lengths: ArrayLike<number>): number[] {
  return [...x.data()].filter((_, at) => isPadding(x.shape, lengths, at));
}

function poisonPadding(x: Constant, lengths: ArrayLike<number>): Constant {
  const data = Float32Array.from(x.data, (value, at) =>
    isPadding(x.shape, lengths, at) ? NaN : value,
  );
  return { ...x, data };
}

function isPadding(shape: readonly number[], lengths: ArrayLike<number>, at: number): boolean {
  const [, time, features] = shape as [number, number, number];
  const frame = Math.floor(at / features);
  return frame % time >= lengths[Math.floor(frame / time)]!;
}
