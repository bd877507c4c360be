// RNN, LSTM and GRU step by step, of operations: other functions, bounds, peepholes, coupled gates.
import { add, mul, sub } from "../../../ops/arithmetic.js";
import { clamp } from "../../../ops/clamp.js";
import { linear } from "../../../ops/linear.js";
import { stack } from "../../../ops/join.js";
import { where } from "../../../ops/where.js";
import { tensor, zeros } from "../../../tensor/create.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { permuted } from "../shapes.js";
import type { StepActivation } from "./activations.js";
import type { RecurrentCall } from "./attributes.js";
import type { RecurrentOutputs } from "./fused.js";

/** One direction: its weights, and the functions of its gates, whose arguments are bounded. */
interface Direction {
  readonly W: Tensor;
  readonly R: Tensor;
  /** Of the input's side, `[gates · hidden]`. */
  readonly wb: Tensor | undefined;
  readonly rb: Tensor | undefined;
  /** Peepholes of the gates i, o, f. */
  readonly p: readonly Tensor[] | undefined;
  readonly hidden: number;
  readonly functions: readonly StepActivation[];
}

interface Step {
  readonly h: Tensor;
  readonly c?: Tensor | undefined;
}

type StepFunction = (x: Tensor, state: Step, direction: Direction, call: RecurrentCall) => Step;

export function composedRecurrent(call: RecurrentCall): RecurrentOutputs {
  const { reverse, batchFirst } = call;
  const x = batchFirst ? (permuted(call.x, [1, 0, 2]) as Tensor) : call.x;
  const directions = reverse.map((backwards, d) =>
    walked(x, directionOf(call, d), call, backwards, d),
  );
  // [directions][time] of [batch, hidden].
  const Y = stack(directions.map(({ outputs }) => stack(outputs)));
  const h = stack(directions.map(({ last }) => last.h));
  const last = directions.map(({ last }) => last.c);
  const c = call.type === "LSTM" ? stack(last as Tensor[]) : undefined;
  const turned = (state: Tensor): Tensor =>
    batchFirst ? (permuted(state, [1, 0, 2]) as Tensor) : state;
  const order = batchFirst ? [2, 1, 0, 3] : [1, 0, 2, 3];
  return [permuted(Y, order) as Tensor, turned(h), ...(c ? [turned(c)] : [])] as RecurrentOutputs;
}

function directionOf(
  { W, R, B, P, gates, hidden, activations, clip }: RecurrentCall,
  d: number,
): Direction {
  const biases = B?.select(0, d);
  const rows = gates * hidden;
  const bounded = (f: StepActivation): StepActivation =>
    clip === Infinity ? f : (x) => f(clamp(x, -clip, clip));
  return {
    W: W.select(0, d),
    R: R.select(0, d),
    wb: biases?.slice(0, 0, rows),
    rb: biases?.slice(0, rows, 2 * rows),
    p: P && [0, 1, 2].map((i) => P.select(0, d).slice(0, i * hidden, (i + 1) * hidden)),
    hidden,
    // ONNX Runtime does not bound what the last function of an LSTM reads, the cell itself: its numbers are what exporters test.
    functions: activations[d]!.map((f, i) => (i < 2 ? bounded(f) : f)),
  };
}

const STEPS: Readonly<Record<RecurrentCall["type"], StepFunction>> = {
  RNN: (x, { h }, { R, rb, functions }) => ({ h: functions[0]!(add(x, linear(h, R, rb))) }),
  LSTM: lstmStep,
  GRU: gruStep,
};

/** Goes through time, forwards or backwards; a row whose steps are over keeps its state and gives zeros. */
function walked(
  x: Tensor,
  direction: Direction,
  call: RecurrentCall,
  backwards: boolean,
  d: number,
): { outputs: Tensor[]; last: Step } {
  const { time, batch, hidden, batchFirst, lengths, type } = call;
  const initial = (state: Tensor | undefined): Tensor =>
    state ? state.select(batchFirst ? 1 : 0, d) : zeros([batch, hidden]);
  let state: Step = { h: initial(call.h), ...(type === "LSTM" && { c: initial(call.c) }) };
  const outputs = new Array<Tensor>(time);
  const { W, wb } = direction;
  const read = linear(x, W, wb);
  for (let i = 0; i < time; i++) {
    const t = backwards ? time - 1 - i : i;
    const next = STEPS[type](read.select(0, t), state, direction, call);
    if (!lengths) {
      state = next;
      outputs[t] = next.h;
      continue;
    }
    const counts = tensor(Int32Array.from(lengths, (length) => Number(t < length)));
    const mask = counts.reshape([batch, 1]);
    const before = state;
    const chosen = (now: Tensor, old: Tensor): Tensor => where(mask, now, old);
    state = {
      h: chosen(next.h, before.h),
      ...(next.c && { c: chosen(next.c, before.c!) }),
    };
    outputs[t] = where(mask, next.h, 0);
  }
  return { outputs, last: state };
}

/** i, o, f = f(…); c' = f ⊙ c + i ⊙ g(…); h' = o ⊙ h(c'), with peepholes from c to i and f, from c' to o. */
function lstmStep(
  x: Tensor,
  { h, c }: Step,
  { R, rb, p, hidden, functions: [f, g, out] }: Direction,
  { node }: RecurrentCall,
): Step {
  const all = add(x, linear(h, R, rb));
  const gate = (i: number): Tensor => all.slice(1, i * hidden, (i + 1) * hidden);
  const peeping = (i: number, cell: Tensor): Tensor =>
    p ? add(gate(i), mul(p[i]!, cell)) : gate(i);
  const enters = f!(peeping(0, c!));
  const stays = node.int("input_forget", 0) === 1 ? sub(1, enters) : f!(peeping(2, c!));
  const next = add(mul(stays, c!), mul(enters, g!(gate(3))));
  return { h: mul(f!(peeping(1, next)), out!(next)), c: next };
}

/** z, r = f(…); n = g(…); h' = (1 - z) ⊙ n + z ⊙ h. */
function gruStep(
  x: Tensor,
  { h }: Step,
  { R, rb, hidden, functions: [f, g] }: Direction,
  { node }: RecurrentCall,
): Step {
  const part = (from: Tensor | undefined, first: number, count: number, axis: number): Tensor =>
    from!.slice(axis, first * hidden, (first + count) * hidden);
  const rows = (first: number, count: number): [Tensor, Tensor | undefined] => [
    part(R, first, count, 0),
    rb && part(rb, first, count, 0),
  ];
  const gates = add(part(x, 0, 2, 1), linear(h, ...rows(0, 2)));
  const [z, r] = [f!(part(gates, 0, 1, 1)), f!(part(gates, 1, 1, 1))];
  const after = node.int("linear_before_reset", 0) !== 0;
  const recurrent = after ? mul(r, linear(h, ...rows(2, 1))) : linear(mul(r, h), ...rows(2, 1));
  const n = g!(add(part(x, 2, 1, 1), recurrent));
  return { h: add(mul(sub(1, z), n), mul(z, h)) };
}
