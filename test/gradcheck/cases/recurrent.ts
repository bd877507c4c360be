// Whole layers, fused, and a cell scanned step by step, against the plain recurrence.
import { scanCell } from "../../../src/nn/scan.js";
import { tanh } from "../../../src/ops/unary.js";
import { linear } from "../../../src/ops/linear.js";
import { permute } from "../../../src/ops/permute.js";
import { gru } from "../../../src/ops/recurrent/gru.js";
import { gruResetBefore } from "../../../src/ops/recurrent/gru-reset-before.js";
import type { Cell } from "../../../src/ops/recurrent/layer.js";
import { lstm } from "../../../src/ops/recurrent/lstm.js";
import { lstmProjected } from "../../../src/ops/recurrent/lstm-projected.js";
import { rnn, rnnRelu } from "../../../src/ops/recurrent/rnn.js";
import { timeMajor } from "../../../src/ops/recurrent/time-major.js";
import type { Tensor } from "../../../src/index.js";
import { fixed, float, ints, type GradientCase, type Input } from "../check.js";
import {
  advanceGRU,
  advanceGRUResetBefore,
  advanceLSTM,
  advanceRNN,
  layerTwin,
  type Advance,
  type TwinWeights,
} from "../recurrent-twin.js";
import { at, build } from "../twin.js";

interface Sizes {
  batch: number;
  time: number;
  input: number;
  hidden: number;
  directions?: number;
  bias?: boolean;
  lengths?: number[];
  /** Slots of other layers before and behind the layer's own in the initial state. */
  others?: number;
  /** Time-major in and out. */
  timeMajor?: boolean;
  /** Whether what the recurrent products read is masked. */
  masked?: boolean;
}

/** Biases so far apart that no unit comes near the kink of ReLU. */
function awayFromZero({ shape, data }: Input): Input {
  return {
    shape,
    data: Float32Array.from(data, (value, i) => value + (i % 2 ? 4 : -4)),
    checked: true,
  };
}

interface Checked extends Pick<Cell, "layer" | "gates" | "parts"> {
  advance: Advance;
  kinked?: boolean;
  /** Whether h is projected to a smaller size. */
  projects?: boolean;
}

const WEIGHTS = ["inputWeight", "hiddenWeight", "inputBias", "hiddenBias", "projection"] as const;

function layerCase(
  { layer, advance, gates, parts, kinked = false, projects = false }: Checked,
  sizes: Sizes,
): GradientCase {
  const { batch, time, input, hidden, others = 0, timeMajor = false } = sizes;
  const { directions = 1, bias = true, lengths, masked = false } = sizes;
  const inputs: Record<string, Input> = { x: float([batch, time, input], { step: 1 / 16 }) };
  const size = projects ? Math.max(1, hidden - 2) : hidden;
  parts.forEach((part, i) => {
    const shape = [directions + 2 * others, batch, part === "h" ? size : hidden];
    inputs[part] = float(shape, { seed: 2 + i, step: 1 / 16 });
  });
  for (let d = 0; d < directions; d++) {
    const add = (name: string, shape: number[]): void => {
      inputs[`${name}${d}`] = float(shape, { seed: 10 * d + shape.length, step: 1 / 64 });
    };
    add("inputWeight", [gates * hidden, input]);
    add("hiddenWeight", [gates * hidden, size]);
    if (projects) add("projection", [size, hidden]);
    if (bias) add("inputBias", [gates * hidden]);
    if (bias) add("hiddenBias", [gates * hidden]);
    const first = `inputBias${d}`;
    if (kinked) inputs[first] = awayFromZero(inputs[first]!);
  }
  if (masked) inputs["mask"] = fixed(float([directions, batch, size], { seed: 5, step: 1 / 4 }));
  if (lengths) inputs["lengths"] = ints([batch], lengths);

  const weightsOf = <T>(given: Record<string, T>): Record<(typeof WEIGHTS)[number], T>[] =>
    Array.from({ length: directions }, (_, d) => {
      const named = WEIGHTS.map((name) => [name, given[`${name}${d}`]] as const);
      return Object.fromEntries(named) as Record<(typeof WEIGHTS)[number], T>;
    });
  const swap = (x: Tensor): Tensor => (timeMajor ? permute(x, [1, 0, 2]) : x);

  return {
    inputs,
    run: (given) => {
      const [output, ...state] = layer(swap(given["x"]!), weightsOf<Tensor>(given), {
        hiddenSize: hidden,
        lengths: lengths && Int32Array.from(lengths),
        initial: parts.map((part) => given[part]!),
        mask: given["mask"],
        slot: others,
        timeMajorInput: timeMajor,
        timeMajorOutput: timeMajor,
      });
      return [swap(output!), ...state];
    },
    twin: (given) => {
      const initial = parts.map((part) => given[part]!);
      const weights: TwinWeights[] = weightsOf(given);
      const options = { lengths: given["lengths"], mask: given["mask"], slot: others };
      return layerTwin(advance, given["x"]!, initial, weights, options);
    },
    tolerance: { absolute: 2e-5, relative: 1e-5 },
  };
}

/** A cell at sizes that meet every path of the driver. */
const casesOf = (cell: Checked): GradientCase[] =>
  [
    { batch: 1, time: 1, input: 1, hidden: 1 },
    { batch: 2, time: 4, input: 3, hidden: 5 },
    { batch: 3, time: 3, input: 2, hidden: 4, bias: false, lengths: [2, 0, 3] },
    { batch: 1, time: 5, input: 3, hidden: 3, lengths: [3] },
    { batch: 2, time: 3, input: 2, hidden: 3, directions: 2, lengths: [1, 3] },
    { batch: 1, time: 1, input: 3, hidden: 2, directions: 2, bias: false },
    { batch: 1, time: 4, input: 3, hidden: 2, directions: 2, others: 1 },
    { batch: 2, time: 3, input: 3, hidden: 4, timeMajor: true, others: 2 },
    { batch: 3, time: 2, input: 2, hidden: 3, directions: 2, timeMajor: true },
    { batch: 2, time: 3, input: 2, hidden: 3, directions: 2, masked: true, lengths: [3, 2] },
    { batch: 1, time: 3, input: 2, hidden: 4, masked: true },
  ]
    .filter(({ bias }) => bias !== false || !cell.kinked)
    .map((sizes) => layerCase(cell, sizes));

/** Elman's network as a user's own cell. */
function scanCase(lengths: number[] | undefined): GradientCase {
  const [batch, time, input, hidden] = [3, 3, 2, 4];
  return {
    inputs: {
      x: float([batch, time, input]),
      h: float([1, batch, hidden], { seed: 2 }),
      inputWeight: float([hidden, input], { seed: 3 }),
      hiddenWeight: float([hidden, hidden], { seed: 4 }),
      inputBias: float([hidden], { seed: 5 }),
    },
    run({ x, h, inputWeight, hiddenWeight, inputBias }) {
      const step = (frame: Tensor, before: Tensor | undefined) => {
        const sum = linear(frame, inputWeight!, inputBias).add(linear(before!, hiddenWeight!));
        const next = tanh(sum);
        return { output: next, state: next };
      };
      const state = h!.reshape([batch, hidden]);
      const scanned = scanCell(step, x!, { state, ...(lengths && { lengths }) });
      return [scanned.output, scanned.state.reshape([1, batch, hidden])];
    },
    twin({ x, h, ...weights }) {
      const ends = lengths && { shape: [batch], data: Float64Array.from(lengths) };
      const own = weights as unknown as TwinWeights;
      return layerTwin(advanceRNN(Math.tanh), x!, [h!], [own], { lengths: ends });
    },
  };
}

export const recurrent: Record<string, GradientCase[]> = {
  lstm: casesOf({ ...lstm, advance: advanceLSTM }),
  rnn: casesOf({ ...rnn, advance: advanceRNN(Math.tanh) }),
  rnnRelu: casesOf({ ...rnnRelu, advance: advanceRNN((x) => Math.max(0, x)), kinked: true }),
  gru: casesOf({ ...gru, advance: advanceGRU }),
  gruResetBefore: casesOf({ ...gruResetBefore, advance: advanceGRUResetBefore }),
  lstmProjected: casesOf({ ...lstmProjected, advance: advanceLSTM, projects: true }),
  scanCell: [undefined, [3, 0, 2]].map(scanCase),
  timeMajor: [undefined, [2, 0, 3]].map((lengths) => ({
    inputs: { x: float([3, 3, 2]) },
    run: ({ x }) => timeMajor(x!, lengths && Int32Array.from(lengths)),
    twin: ({ x }) =>
      build([3, 3, 2], ([t, row, j]) => (t! < (lengths?.[row!] ?? 3) ? at(x!, [row!, t!, j!]) : 0)),
  })),
};
