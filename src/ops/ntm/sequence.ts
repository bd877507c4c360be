// A Neural Turing Machine (Graves, Wayne & Danihelka 2014, arXiv 1410.5401) over a sequence, as one operation.
import { records } from "../../autograd/mode.js";
import { defineOp } from "../../autograd/op.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { requireFloat } from "../check.js";
import { backwardMachine } from "./backward.js";
import { forwardMachine, type MachineOutputs } from "./forward.js";
import { inputsOf, sizesOfMachine, type Machine, type MachineStart } from "./machine.js";
import { makeTape, type MachineOptions, type Tape } from "./tape.js";

/**
 * x `[B, T, I]` → [h | what was read] `[B, T, H + readers · M]`; the state after each row's last step: memory `[B, N, M]`, reads
 * `[B, readers · M]`, weights `[B, heads, N]`, then h and c, each `[layers, B, H]`, if the controller has them; with
 * `needWeights` the weightings after every step, `[B, T, heads, N]`. Past a row's length its state is carried on and its
 * output is zeros.
 */
export const neuralTuringMachine = /* @__PURE__ */ defineOp({
  name: "neuralTuringMachine",
  forward(x: Tensor, machine: Machine, start: MachineStart, options: MachineOptions) {
    const inputs = inputsOf(x, machine, start);
    requireFloat("neuralTuringMachine", ...inputs);
    const [B, T, I] = x.shape as [number, number, number];
    const [, N, M] = start.memory.shape as [number, number, number];
    const sizes = sizesOfMachine(T, B, I, machine, [N, M]);
    const outputs: MachineOutputs = {
      output: empty([B, T, sizes.joined]),
      memory: empty(start.memory.shape),
      reads: empty(start.reads.shape),
      weights: empty(start.weights.shape),
      hidden: start.hidden.map(({ shape }) => empty(shape)),
      trace: options.needWeights ? empty([B, T, sizes.heads, N]) : undefined,
    };
    const { lengths } = options;
    const recorded = TRAINING && records(inputs);
    const run = (): Tape => {
      const tape = makeTape(x, machine, start, sizes, lengths, recorded);
      forwardMachine(machine, sizes, tape, lengths, outputs);
      return tape;
    };
    const tape = recorded ? run() : undefined;
    // Without a graph to record, what it keeps goes at once.
    if (!recorded) scopeWithin(run);
    const { output, memory, reads, weights, hidden, trace } = outputs;
    const all = [output, memory, reads, weights, ...hidden];
    return {
      inputs,
      // They are copied.
      unread: [x, start.memory, start.reads, start.weights, ...start.hidden],
      output: trace ? [...all, trace] : all,
      saved: { machine, start, sizes, tape, options },
    };
  },
  backward(pass, { machine, start, sizes, tape, options }) {
    if (tape) backwardMachine(pass, machine, start, sizes, tape, options);
  },
});
