// An operation of the inference build: it computes, and records nothing.
import { running } from "../core/running.js";
import type { OpDefinition, Outputs } from "./op.js";

export function defineOp<Args extends unknown[], Out extends Outputs, Saved>({
  name,
  forward,
}: OpDefinition<Args, Out, Saved>): (...args: Args) => Out {
  return (...args) => {
    running.op = name;
    return forward(...args).output;
  };
}
