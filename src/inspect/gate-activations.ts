// What the gates of a recurrent layer do while it reads a sequence.
import { noGrad } from "../autograd/mode.js";
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { GRU } from "../nn/gru.js";
import type { LSTM } from "../nn/lstm.js";
import { checkLengths } from "../nn/recurrent-input.js";
import type { RNN } from "../nn/rnn.js";
import { stack } from "../ops/join.js";
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

/** Gates and states of one direction of one layer over a batch of sequences. */
export interface GateActivations<Gate extends string = string> {
  readonly layer: number;
  readonly direction: "forward" | "reverse";
  readonly batch: number;
  readonly time: number;
  /** Steps that count in each row; behind them all values are 0. */
  readonly lengths: Int32Array;
  /** Each `[batch, time, units]`, row-major. */
  readonly values: Readonly<Record<Gate, Float32Array>>;
}

/**
 * Gates and states at every time step: i, f, g, o, c, h of an LSTM; r, z, n, h of a GRU; h of an RNN. The
 * layer runs step by step beside its kernels, in evaluation mode.
 *
 * @param x `[batch, time, features]`
 * @returns one entry for each layer and direction, in the order of the state
 * @throws OptionError for a layer whose options are not followed
 * @example
 * ```ts
 * const [run] = gateActivations(new LSTM(2, 4), randn([1, 6, 2]));
 * run!.values.f.length; // 24
 * ```
 */
export function gateActivations(
  layer: LSTM,
  x: Tensor,
  options?: UnrollOptions,
): GateActivations<"i" | "f" | "g" | "o" | "c" | "h">[];
export function gateActivations(
  layer: GRU,
  x: Tensor,
  options?: UnrollOptions,
): GateActivations<"r" | "z" | "n" | "h">[];
export function gateActivations(
  layer: RNN,
  x: Tensor,
  options?: UnrollOptions,
): GateActivations<"h">[];
export function gateActivations(
  layer: RecurrentLayer,
  x: Tensor,
  options?: UnrollOptions,
): GateActivations[];
export function gateActivations(
  layer: RecurrentLayer,
  x: Tensor,
  options: UnrollOptions = {},
): GateActivations[] {
  checkUnrolled("gateActivations", arguments, layer, options);
  return inEvaluation(layer, () =>
    scope(() =>
      noGrad(() => {
        assertFollowed(layer, x, options);
        const { directions } = unroll(layer, x, options);
        const [batch, time] = x.shape as [number, number];
        const ends =
          checkLengths("inspect", options.lengths, batch, time) ?? new Int32Array(batch).fill(time);
        return directions.map(({ layer, direction, steps }) => {
          const names = Object.keys(steps[0] ?? {});
          const values = Object.fromEntries(
            names.map((name) => [
              name,
              sequenceOf(
                steps.map((step) => step[name]!),
                ends,
              ),
            ]),
          );
          return { layer, direction, batch, time, lengths: ends, values };
        });
      }),
    ),
  );
}

/** Refuses what {@link gateActivations} did not give. */
export function checkRun(op: string, run: GateActivations): void {
  const { values, lengths, batch, time } = run;
  checkCall(
    op,
    [values, lengths, batch, time],
    "run.values:object run.lengths:Int32Array run.batch:number run.time:number",
  );
  checkLengths(op, lengths, batch, time);
}

/** `[batch, time, units]` of the steps, 0 behind the rows' ends. */
function sequenceOf(steps: readonly Tensor[], ends: Int32Array): Float32Array {
  const data = stack(steps, 1).data();
  const row = data.length / ends.length;
  ends.forEach((end, i) => data.fill(0, i * row + (end * row) / steps.length, (i + 1) * row));
  return data;
}

/** In which part of the time steps each unit of a gate is nearly closed and nearly open. */
export interface Saturation {
  /** Left-saturated: the fraction of steps with a value under `low`, by unit. */
  readonly below: Float32Array;
  /** Right-saturated: the fraction of steps with a value over `high`, by unit. */
  readonly above: Float32Array;
}

/**
 * How often each unit of a gate is saturated, as in Karpathy et al. 2015: a forget gate that is mostly
 * above 0.9 remembers; one that is never saturated hardly gates. Steps past a row's length do not count.
 *
 * @param gate a gate with values from 0 to 1: i, f, o of an LSTM, r, z of a GRU
 */
export function saturation<Gate extends string>(
  run: GateActivations<Gate>,
  gate: Gate,
  options: { low?: number | undefined; high?: number | undefined } = {},
): Saturation {
  checkCall("saturation", arguments, "run:object gate:string {low:number high:number}");
  checkRun("saturation", run);
  const { values, lengths, batch, time } = run;
  const { low = 0.1, high = 0.9 } = options;
  const data = values[gate] as Float32Array | undefined;
  if (!data || !["i", "f", "o", "r", "z"].includes(gate))
    throw new OptionError({
      op: "saturation",
      expected: `a gate with values from 0 to 1 among ${Object.keys(values).join(", ")}`,
      got: described(gate),
    });
  const units = data.length / (batch * time);
  const below = new Float32Array(units);
  const above = new Float32Array(units);
  let counted = 0;
  lengths.forEach((end, row) => {
    counted += end;
    for (let t = 0; t < end; t++)
      for (let unit = 0; unit < units; unit++) {
        const value = data[(row * time + t) * units + unit]!;
        if (value < low) below[unit]!++;
        if (value > high) above[unit]!++;
      }
  });
  for (const fractions of [below, above])
    fractions.forEach((count, unit) => (fractions[unit] = count / Math.max(counted, 1)));
  return { below, above };
}
