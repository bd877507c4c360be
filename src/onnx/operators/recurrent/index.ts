// RNN, LSTM and GRU.
import type { GraphNode } from "../../node.js";
import type { Operator } from "../../operator.js";
import {
  isFusable,
  recurrentCall,
  refusesRecurrent,
  type Around,
  type RecurrentType,
} from "./attributes.js";
import { composedRecurrent } from "./composed.js";
import { fusedRecurrent } from "./fused.js";

const SHARED =
  "activation_alpha activation_beta activations clip direction hidden_size layout output_sequence";

function recurrent(type: RecurrentType, inputs: number, own = ""): Operator {
  return {
    inputs: [3, inputs],
    attributes: `${SHARED} ${own}`,
    refuses: refusesRecurrent(type),
    run(given, node, run) {
      const call = recurrentCall(type, given, node);
      const made = isFusable(type, node) ? fusedRecurrent(call, run) : composedRecurrent(call);
      return made.filter((each) => each !== undefined);
    },
  };
}

/** A node that a layer computes, with what stands around it. */
export function recurrentWith(type: RecurrentType, node: GraphNode, around: Around): Operator {
  return {
    inputs: [3, 7],
    run: (given, _, run) =>
      fusedRecurrent(recurrentCall(type, given, node, around), run).filter(
        (each) => each !== undefined,
      ),
  };
}

export const recurrents: Readonly<Record<string, Operator>> = {
  RNN: recurrent("RNN", 6),
  LSTM: recurrent("LSTM", 8, "input_forget"),
  GRU: recurrent("GRU", 6, "linear_before_reset"),
};
