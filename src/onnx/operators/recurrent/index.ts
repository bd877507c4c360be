// RNN, LSTM and GRU.
import type { Operator } from "../../operator.js";
import { recurrentCall, refusesRecurrent, type RecurrentType } from "./attributes.js";
import { composedRecurrent } from "./composed.js";
import { fusedRecurrent, isFusable } from "./fused.js";

const SHARED =
  "activation_alpha activation_beta activations clip direction hidden_size layout output_sequence";

function recurrent(type: RecurrentType, inputs: number, own = ""): Operator {
  return {
    inputs: [3, inputs],
    attributes: `${SHARED} ${own}`,
    refuses: refusesRecurrent(type),
    run(given, node, run) {
      const call = recurrentCall(type, given, node);
      return (isFusable(call) ? fusedRecurrent(call, run) : composedRecurrent(call)).filter(
        (each) => each !== undefined,
      );
    },
  };
}

export const recurrents: Readonly<Record<string, Operator>> = {
  RNN: recurrent("RNN", 6),
  LSTM: recurrent("LSTM", 8, "input_forget"),
  GRU: recurrent("GRU", 6, "linear_before_reset"),
};
