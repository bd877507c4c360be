import type { Shape } from "../core/shape.js";
import type { LayerWeights } from "../ops/recurrent/weights.js";
import type { Parameter } from "../tensor/parameter.js";
import { uniformParameter } from "./init.js";
import type { Module } from "./module.js";

/** A module of recurrent layers. */
interface Layered extends Module {
  readonly hiddenSize: number;
  /** The size of h where it is projected, else 0. */
  readonly projSize?: number | undefined;
  readonly bias: boolean;
}

/** Gives a module the parameters of a layer in one direction, `weight_ih_${end}` and so on, from U(-1/√hidden, 1/√hidden). */
export function addLayerWeights(
  module: Layered,
  end: string,
  gates: number,
  inputSize: number,
): LayerWeights {
  const { hiddenSize, projSize, bias } = module;
  const rows = gates * hiddenSize;
  const bound = 1 / Math.sqrt(hiddenSize);
  const add = (name: string, shape: Shape): Parameter => {
    const parameter = uniformParameter(shape, bound);
    Object.defineProperty(module, `${name}_${end}`, { value: parameter, enumerable: true });
    return parameter;
  };
  return {
    inputWeight: add("weight_ih", [rows, inputSize]),
    hiddenWeight: add("weight_hh", [rows, projSize || hiddenSize]),
    inputBias: bias ? add("bias_ih", [rows]) : undefined,
    hiddenBias: bias ? add("bias_hh", [rows]) : undefined,
    projection: projSize ? add("weight_hr", [projSize, hiddenSize]) : undefined,
  };
}
