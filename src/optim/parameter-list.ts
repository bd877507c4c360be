import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { Parameter } from "../tensor/parameter.js";

/** What is to be trained as an array; refuses what is none, such as a model. */
export function listOf<T>(op: string, parameters: Iterable<T>): T[] {
  const given: unknown = parameters;
  if (typeof given !== "object" || given === null || !(Symbol.iterator in given))
    throw notParameters(op, given);
  return [...parameters];
}

/** The parameters; refuses anything else among them. */
export function parametersOf(op: string, parameters: Iterable<Parameter>): Parameter[] {
  const list = listOf(op, parameters);
  const other = list.findIndex((each) => !(each instanceof Parameter));
  if (other >= 0) throw notParameters(op, list[other]);
  return list;
}

export function notParameters(op: string, got: unknown): OptionError {
  return new OptionError({
    op,
    expected: "parameters in an array",
    got: described(got),
    cure: "Pass model.parameters().",
  });
}
