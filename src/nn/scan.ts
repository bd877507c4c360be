// A user's own cell over sequences.
import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { stack } from "../ops/join.js";
import { split } from "../ops/slice.js";
import { where } from "../ops/where.js";
import { tensor } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";
import { checkLengths, type Lengths } from "./recurrent-input.js";

/** What a cell may carry from step to step: a tensor `[batch, …]`, or arrays or plain objects of such. */
export type ScanState = Tensor | readonly ScanState[] | { readonly [name: string]: ScanState };

/**
 * One step of a recurrence: x `[batch, features]` and the state (undefined at the first step unless one was
 * given) → output `[batch, …]` and the next state, of the same structure and shapes.
 */
export type ScanCell<S> = (x: Tensor, state: S | undefined) => { output: Tensor; state: S };

/** A module with such a step, as the cells and {@link JordanCell} are. */
export interface StepModule<S> extends Module {
  step(x: Tensor, state?: S): { output: Tensor; state: S };
}

export interface ScanOptions<S> {
  /** Where to start, each tensor `[batch, …]`. Default: the cell gets undefined. */
  state?: S | undefined;
  /** Steps that count in each row. Default all. */
  lengths?: Lengths | undefined;
  /** Whether to read backwards, each row from its own end. Default false. */
  reverse?: boolean | undefined;
}

/**
 * Runs a cell over `x` `[batch, time, features]`, step by step, differentiable.
 *
 * With `lengths`, a row's state is carried on unchanged past its length (a row of length 0 keeps the state given,
 * or zeros), its output is zero there, and values of `x` there have no influence, not even NaN: the cell
 * reads zeros instead, and what it makes of them is dropped.
 *
 * @returns `output` `[batch, time, …]`, and the state after each row's last step
 * @throws ShapeError for an input that is no sequence, or one of no steps
 * @example
 * ```ts
 * const [inner, outer] = [new Linear(3, 16), new Linear(16, 16)];
 * const { output } = scanCell((x, h: Tensor = zeros([8, 16])) => {
 *   const next = tanh(inner.forward(x).add(outer.forward(h)));
 *   return { output: next, state: next };
 * }, randn([8, 5, 3]));
 * output.shape; // [8, 5, 16]
 * ```
 */
export function scanCell<S>(
  cell: ScanCell<S>,
  x: Tensor,
  options: ScanOptions<S> = {},
): { output: Tensor; state: S } {
  checkCall(
    "scanCell",
    arguments,
    "cell:function x:tensor {state:tensor|list|object lengths:list|tensor reverse:boolean}",
  );
  const { state: initial, lengths, reverse = false } = options;
  const [batch, time] = x.shape;
  if (x.shape.length !== 3 || time === 0)
    throw new ShapeError({
      op: "scanCell",
      expected: "input [batch, time, features] of at least one step",
      got: formatShape(x.shape),
    });
  const counts = checkLengths("scanCell", lengths, batch!, time!);
  const frames = split(x, 1, 1);
  const outputs = new Array<Tensor>(time!);
  let state = initial;
  for (let step = 0; step < time!; step++) {
    const t = reverse ? time! - 1 - step : step;
    const frame = frames[t]!.reshape([batch!, x.shape[2]!]);
    const active =
      counts?.every((length) => t < length) === false ? activeRows(counts, t) : undefined;
    const result = cell(active ? choose(active, frame, undefined) : frame, state);
    checkCall("scanCell", [result?.output, result?.state], "output:tensor state");
    outputs[t] = active ? choose(active, result.output, undefined) : result.output;
    state = active ? carry(active, result.state as ScanState, state) : result.state;
  }
  return { output: stack(outputs, 1), state: state! };

  function carry(active: Tensor<"int32">, next: ScanState, before: S | undefined): S {
    return merge(active, next, before as ScanState | undefined) as S;
  }
}

/** 1 for each row that step t counts in. */
function activeRows(counts: Int32Array, t: number): Tensor<"int32"> {
  return tensor(counts.map((length) => (t < length ? 1 : 0)));
}

/** The rows of `next` that are active; of `before` the others, or zeros. */
function choose(active: Tensor<"int32">, next: Tensor, before: Tensor | undefined): Tensor {
  const rows = active.reshape([next.shape[0]!, ...next.shape.slice(1).map(() => 1)]);
  return where(rows, next, before ?? 0);
}

/** {@link choose} for every tensor of a state. */
function merge(active: Tensor<"int32">, next: ScanState, before: ScanState | undefined): ScanState {
  if (next instanceof Tensor) return choose(active, next, before as Tensor | undefined);
  const inner = (part: ScanState, key: string | number): ScanState =>
    merge(active, part, (before as Record<string | number, ScanState> | undefined)?.[key]);
  if (Array.isArray(next)) return (next as readonly ScanState[]).map(inner);
  return Object.fromEntries(Object.entries(next).map(([key, part]) => [key, inner(part, key)]));
}

/**
 * A layer of any cell with a `step`: `new Scan(new JordanCell(8, 16, 4))`. See {@link scanCell}.
 *
 * @example
 * ```ts
 * const cells = new Scan(new JordanCell(3, 8, 2));
 * cells.forward(randn([4, 6, 3])).output.shape; // [4, 6, 2]
 * ```
 */
export class Scan<S> extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Scan";
  readonly cell: StepModule<S>;

  constructor(cell: StepModule<S>) {
    checkCall("Scan", arguments, "cell:object");
    checkLike("Scan", "a cell with step()", "step", cell);
    super();
    this.cell = cell;
  }

  /** x `[batch, time, features]` → output `[batch, time, …]` and the final state, as {@link scanCell}. */
  forward(x: Tensor, options: ScanOptions<S> = {}): { output: Tensor; state: S } {
    checkCall("Scan.forward", arguments, "x:tensor options?");
    return scanCell((frame, state) => this.cell.step(frame, state), x, options);
  }

  /** One step of the cell. */
  step(x: Tensor, state?: S): { output: Tensor; state: S } {
    checkCall("Scan.step", arguments, "x:tensor state?");
    return this.cell.step(x, state);
  }
}
