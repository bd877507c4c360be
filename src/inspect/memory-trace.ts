// What a Neural Turing Machine did with its memory, step by step: as data, and as the figures of Graves, Wayne & Danihelka
// (2014) show it.
import { noGrad } from "../autograd/mode.js";
import { checkRecord } from "../core/check-like.js";
import { checkCall, checkCount, checkKeys, type Given } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { NTMCell, type NTMState } from "../nn/ntm/cell.js";
import { NTM } from "../nn/ntm/ntm.js";
import type { NTMHead } from "../nn/ntm/options.js";
import { linear } from "../ops/linear.js";
import { permute } from "../ops/permute.js";
import { slice } from "../ops/slice.js";
import { sigmoid } from "../ops/unary.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import type { HeatMapOptions } from "./heat-map.js";
import { panelFigure } from "./panels.js";
import { FIGURE, type FigureOptions } from "./svg.js";

/** What one head did. */
export interface HeadTrace {
  readonly kind: NTMHead;
  /** Where it looked, `[memoryRows, steps]`. */
  readonly weights: Float32Array;
  /** What it read, or added, `[memoryWidth, steps]`. */
  readonly vectors: Float32Array;
}

export interface MemoryTrace {
  readonly steps: number;
  readonly memoryRows: number;
  readonly memoryWidth: number;
  readonly heads: readonly HeadTrace[];
  /** What came in, `[inputSize, steps]`. */
  readonly input: Float32Array;
  /** σ of the logits, `[outputSize, steps]`; of an {@link NTMCell} there is none. */
  readonly output: Float32Array | undefined;
}

export interface MemoryTraceOptions {
  /** Where to start. Default the learned start. */
  state?: NTMState | undefined;
}

/**
 * Runs a machine over one sequence and notes where each head looked, and what it read or added.
 *
 * @param x `[1, time, inputSize]`
 * @throws ShapeError for another input
 * @example
 * ```ts
 * const trace = memoryTrace(new NTM(3, 2, { memoryRows: 8, memoryWidth: 4 }), randn([1, 5, 3]));
 * trace.heads[0]!.kind; // "read"
 * trace.heads[0]!.weights.length; // 40
 * ```
 */
export function memoryTrace(
  machine: NTM | NTMCell,
  x: Tensor,
  options: MemoryTraceOptions = {},
): MemoryTrace {
  const op = "memoryTrace";
  checkCall(op, arguments, "machine:object x:tensor {state:object}");
  if (!(machine instanceof NTM || machine instanceof NTMCell))
    throw new OptionError({ op, expected: "an NTM or an NTMCell", got: described(machine) });
  const cell = machine instanceof NTM ? machine.cell : machine;
  const { inputSize, controllerSize, memoryRows, memoryWidth } = cell;
  const [batch, steps, size] = x.shape;
  if (x.shape.length !== 3 || batch !== 1 || size !== inputSize || !steps)
    throw new ShapeError({
      op,
      expected: `one sequence [1, time, ${inputSize}]`,
      got: formatShape(x.shape),
    });
  return scope(() =>
    noGrad(() => {
      const { output, weights } = cell.unroll(x, { ...options, needWeights: true });
      // A value a row, a step a column.
      const columns = (values: Tensor): Float32Array =>
        permute(values.reshape([steps, values.size / steps]), [1, 0]).data();
      const hidden = slice(output, 2, 0, controllerSize);
      let read = controllerSize;
      const heads = cell.headKinds.map((kind, i) => {
        let vectors: Tensor;
        if (kind === "read") vectors = slice(output, 2, read, (read += memoryWidth));
        else {
          const { weight, bias } = cell.heads[i]!;
          vectors = slice(linear(hidden, weight, bias), 2, -memoryWidth);
        }
        const looked = columns(slice(weights, 2, i, i + 1));
        return { kind, weights: looked, vectors: columns(vectors) };
      });
      const answer = machine instanceof NTM ? sigmoid(machine.fc.forward(output)) : undefined;
      return {
        ...{ steps, memoryRows, memoryWidth, heads, input: columns(x) },
        output: answer && columns(answer),
      };
    }),
  );
}

export interface MemoryChartOptions extends FigureOptions {
  /** The locations to show, from one up to another that is left out. Default all. */
  rows?: readonly [first: number, end: number] | undefined;
}

/**
 * A panel each for what came in, what came out, and what each head read or added and where it looked, one below the other
 * over the same steps. An SVG document as text.
 *
 * @example
 * ```ts
 * const ntm = new NTM(3, 2, { memoryRows: 8, memoryWidth: 4 });
 * const svg = memoryChart(memoryTrace(ntm, randn([1, 5, 3])), { title: "A copy" });
 * svg.startsWith("<svg"); // true
 * ```
 */
export function memoryChart(trace: MemoryTrace, given: Given<MemoryChartOptions> = {}): string {
  const op = "memoryChart";
  checkCall(op, arguments, `trace:object {${FIGURE} rows:list}`);
  checkTrace(op, trace);
  const { title = "A Neural Turing Machine's memory", rows: shown, ...rest } = given;
  const { steps, memoryRows, memoryWidth, heads, input, output } = trace;
  const [first, end] = shown ?? [0, memoryRows];
  if (!(
    Number.isInteger(first) &&
    Number.isInteger(end) &&
    first >= 0 &&
    first < end &&
    end <= memoryRows
  ))
    throw new OptionError({
      op,
      expected: `rows [first, end] within 0 to ${memoryRows}`,
      got: described(shown),
    });
  const panel = (
    title: string,
    values: Float32Array,
    rows: number,
    firstRow = 0,
  ): HeatMapOptions => ({
    ...{ title, values, rows, columns: steps, hover: false },
    rowLabels: Array.from({ length: rows }, (_, row) => String(firstRow + row)),
  });
  const locations = `locations ${first} to ${end - 1}`;
  return panelFigure({ title, ...rest }, [
    panel("Inputs", input, input.length / steps),
    ...(output ? [panel("Outputs", output, output.length / steps)] : []),
    ...Array.from(heads).flatMap(({ kind, weights, vectors }, i) => {
      const [what, where] = kind === "read" ? ["reads", "reads"] : ["adds", "writes"];
      const seen = weights.subarray(first * steps, end * steps);
      return [
        panel(`What head ${i} ${what}`, vectors, memoryWidth),
        panel(`Where head ${i} ${where}: ${locations}`, seen, end - first, first),
      ];
    }),
  ]);
}

/** Refuses what memoryTrace did not give. */
function checkTrace(op: string, trace: MemoryTrace): void {
  checkKeys(
    op,
    trace,
    "steps!:number memoryRows!:number memoryWidth!:number heads!:list input!:list output:list",
  );
  const { steps, memoryRows, memoryWidth, heads, input, output } = trace;
  for (const [name, count] of Object.entries({ steps, memoryRows, memoryWidth }))
    checkCount(op, name, count);
  const check = (name: string, values: Float32Array, rows: number): void => {
    checkCall(op, [values], `${name}:Float32Array`);
    if (values.length !== rows * steps)
      throw new ShapeError({
        op,
        expected: `${name} of ${rows} values at each of ${steps} steps`,
        got: described(values.length),
      });
  };
  check("input", input, Math.ceil(input.length / steps));
  if (output) check("output", output, Math.ceil(output.length / steps));
  for (const head of Array.from(heads)) {
    checkRecord(op, "heads as memoryTrace gives them", head);
    checkKeys(op, head, "kind!:string weights!:list vectors!:list");
    check("weights", head.weights, memoryRows);
    check("vectors", head.vectors, memoryWidth);
  }
}
