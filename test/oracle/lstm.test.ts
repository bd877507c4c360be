// LSTM and LSTMCell against PyTorch: every option, outputs, final states, all gradients.
import { describe, expect, it } from "vitest";
import { LSTM, LSTMCell, scope, tensor, type Tensor } from "../../src/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { casesOf, oracleCases, type Constant, type OracleCase } from "../helpers/oracle.js";
import { checkCase, loadParameters, withLayer, type Leaves, type Outputs } from "./check-case.js";

interface LSTMCaseOptions {
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  bias: boolean;
  bidirectional: boolean;
}
type LSTMCase = OracleCase<LSTMCaseOptions>;

const cases = casesOf<LSTMCaseOptions>(oracleCases("lstm"), "lstm");
const named = cases.map((each) => [each.name, each] as const);
const padded = named.filter(([, oracle]) => oracle.has("in", "lengths"));
const streamable = named.filter(
  ([, oracle]) => !oracle.options.bidirectional && !oracle.has("in", "lengths"),
);

function layerOf({ options }: LSTMCase): LSTM {
  const { inputSize, hiddenSize, ...rest } = options;
  return new LSTM(inputSize, hiddenSize, rest);
}

function forward(layer: LSTM, { x, h, c, lengths }: Leaves): Outputs {
  const { output, state } = layer.forward(x!, {
    ...(h && c ? { state: { h, c } } : {}),
    ...(lengths ? { lengths: lengths as unknown as Tensor<"int32"> } : {}),
  });
  return { output, h: state.h, c: state.c };
}

describe("LSTM", () => {
  it.each(named)("%s", (_, oracle) => {
    withLayer(layerOf(oracle), (layer) =>
      checkCase(oracle, (leaves) => forward(layer, leaves), { layer }),
    );
  });

  it.each(padded)("%s: NaN past the lengths changes nothing", (_, oracle) => {
    const lengths = oracle.constant("in", "lengths").data;
    withLayer(layerOf(oracle), (layer) =>
      checkCase(oracle, (leaves) => forward(layer, leaves), {
        layer,
        prepare: (name, constant) => (name === "x" ? poisonPadding(constant, lengths) : constant),
      }),
    );
  });

  it.each(padded)("%s: padding has output and gradient exactly zero", (_, oracle) => {
    const lengths = oracle.constant("in", "lengths").data as Int32Array;
    withLayer(layerOf(oracle), (layer) => {
      loadParameters(layer, oracle);
      scope(() => {
        const { data, shape } = oracle.constant("in", "x");
        const x = tensor(data as Float32Array, { shape, requiresGrad: true });
        const { output, state } = layer.forward(x, { lengths });
        output.sum().add(state.h.sum()).add(state.c.sum()).backward();
        for (const each of [output, x.grad!])
          expect(paddedElements(each, lengths).every((value) => value === 0)).toBe(true);
      });
    });
  });

  it.each(streamable)("%s: step by step", (_, oracle) => {
    withLayer(layerOf(oracle), (layer) => {
      loadParameters(layer, oracle);
      scope(() => {
        const { data, shape } = oracle.constant("in", "x");
        const [batch, time, features] = shape as [number, number, number];
        const x = tensor(data as Float32Array, { shape });
        let state = initialState(oracle);
        for (let t = 0; t < time; t++) {
          const result = layer.step(x.slice(1, t, t + 1).reshape([batch, features]), state);
          state = result.state;
          expectStep(oracle, t, result.output.data());
        }
        oracle.expect("out", "h", state!.h);
        oracle.expect("out", "c", state!.c);
      });
    });
  });

  it.each(streamable)("%s: streamed", (_, oracle) => {
    withLayer(layerOf(oracle), (layer) => {
      loadParameters(layer, oracle);
      const x = oracle.constant("in", "x");
      const stream = layer.stream({ batch: x.shape[0]! });
      scope(() => {
        const state = initialState(oracle);
        if (state) stream.setState(state);
      });
      for (let t = 0; t < x.shape[1]!; t++) expectStep(oracle, t, stream.push(frameAt(x, t)));
      scope(() => {
        oracle.expect("out", "h", stream.state().h);
        oracle.expect("out", "c", stream.state().c);
      });
      stream.dispose();
    });
  });
});

describe("LSTMCell", () => {
  const cells = casesOf<LSTMCaseOptions>(oracleCases("lstm-cell"), "lstmCell");
  it.each(cells.map((each) => [each.name, each] as const))("two steps, %s", (_, oracle) => {
    const { inputSize, hiddenSize, bias } = oracle.options;
    withLayer(new LSTMCell(inputSize, hiddenSize, { bias }), (layer) => {
      const compute = ({ x0, x1, h, c }: Leaves): Outputs => {
        const first = layer.forward(x0!, { h: h!, c: c! });
        const second = layer.forward(x1!, first);
        return { h0: first.h, h: second.h, c: second.c };
      };
      checkCase(oracle, compute, { layer });
    });
  });
});

function initialState(oracle: LSTMCase): { h: Tensor; c: Tensor } | undefined {
  if (!oracle.has("in", "h")) return undefined;
  const part = (name: string): Tensor => {
    const { data, shape } = oracle.constant("in", name);
    return tensor(data as Float32Array, { shape });
  };
  return { h: part("h"), c: part("c") };
}

/** Compares one time step's rows with those of the whole sequence's output. */
function expectStep(oracle: LSTMCase, t: number, actual: Float32Array): void {
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
