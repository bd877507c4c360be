import { noGrad } from "../../autograd/mode.js";
import type { Module } from "../../nn/module.js";

/** Runs without dropout and without a graph; then the mode is as it was. */
export function inEvaluation<T>(model: Module, run: () => T): T {
  const { training } = model;
  model.eval();
  try {
    return noGrad(run);
  } finally {
    model.train(training);
  }
}
