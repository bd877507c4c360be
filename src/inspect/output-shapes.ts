import { noGrad } from "../autograd/mode.js";
import { checkLike } from "../core/check-like.js";
import type { Shape } from "../core/shape.js";
import type { Module } from "../nn/module.js";
import { scope } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";

type Forward = (...inputs: unknown[]) => unknown;

/**
 * The shape of what each module gives (of several tensors, the first: a recurrent layer's output), by the module's name,
 * seen in one run of the whole without dropout and graph. A module that was not run has none.
 *
 * @param inputs arguments of the model's `forward()`
 * @example
 * ```ts
 * const model = new Sequential(new LSTM(2, 4), new Linear(4, 3));
 * outputShapes(model, randn([1, 6, 2])).get("1"); // [1, 6, 3]
 * ```
 */
export function outputShapes(model: Module, ...inputs: readonly unknown[]): Map<string, Shape> {
  for (const method of ["forward", "namedModules"])
    checkLike("outputShapes", "a module with forward()", method, model);
  const shapes = new Map<string, Shape>();
  const modules = [...model.namedModules()] as [
    string,
    Module & { forward?: Forward | undefined },
  ][];
  const restore = modules.map(([name, module]) => {
    const { training, forward } = module;
    const own = Object.hasOwn(module, "forward");
    module.training = false;
    if (forward)
      module.forward = (...given) => {
        const result = forward.apply(module, given);
        const shape = firstShape(result);
        if (shape) shapes.set(name, shape);
        return result;
      };
    return () => {
      module.training = training;
      if (own) module.forward = forward!;
      else delete module.forward;
    };
  });
  try {
    scope(() => void noGrad(() => (model as Module & { forward: Forward }).forward(...inputs)));
  } finally {
    restore.forEach((back) => back());
  }
  return new Map(
    modules.flatMap(([name]) => (shapes.has(name) ? [[name, shapes.get(name)!]] : [])),
  );
}

function firstShape(result: unknown): Shape | undefined {
  const tensors = result instanceof Tensor ? [result] : Object.values(result ?? {});
  const first: unknown = tensors.find((each) => each instanceof Tensor);
  return first instanceof Tensor ? first.shape : undefined;
}
