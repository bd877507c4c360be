import type { Evaluation, ReadyModel } from "../models/kit/ready-model.js";
import type { Given, Task } from "./task.js";

/** A finished model's scores, as its task takes them. */
export function evaluated(
  { evaluation }: Task,
  model: ReadyModel<unknown>,
  source: unknown,
  given: Given,
): Promise<Evaluation> {
  return evaluation ? evaluation.run(model, source, given) : model.evaluate(source);
}
