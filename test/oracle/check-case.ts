// Runs one case of the reference files through the public API: outputs first, then the gradients of its loss.
import { scope, tensor, type DType, type Module, type Tensor } from "../../src/index.js";
import type { Constant, OracleCase } from "../helpers/oracle.js";

/** Leaves of a case by name: activations float32, ids and targets int32. */
export type Leaves = Record<string, Tensor>;
export type Outputs = Record<string, Tensor<DType>>;

export interface Checked {
  /** Where parameters come from, for a case of a layer. Their values are loaded here. */
  layer?: Module;
  /** The same for a layer whose parameters are set already. */
  trained?: Module;
  /** Changes what goes in, where the result must not depend on it. */
  prepare?: (name: string, constant: Constant) => Constant;
}

export function checkCase(
  oracle: OracleCase<unknown>,
  compute: (leaves: Leaves) => Outputs,
  { layer, trained = layer, prepare = (_, constant) => constant }: Checked = {},
): void {
  if (layer) loadParameters(layer, oracle);
  scope(() => {
    const leaves: Leaves = {};
    for (const name of oracle.names("in")) {
      const { data, shape } = prepare(name, oracle.constant("in", name));
      const requiresGrad = oracle.has("grad", name);
      leaves[name] = tensor(data, { shape, requiresGrad }) as unknown as Tensor;
    }
    const outputs = compute(leaves);
    for (const name of oracle.names("out")) oracle.expect("out", name, outputs[name]!);
    if (oracle.names("projection").length === 0) return;
    projectedLoss(oracle, outputs).backward();
    expectGradients(oracle, leaves, trained);
  });
}

/** A layer for one test, freed after it. */
export function withLayer<M extends Module>(layer: M, run: (layer: M) => void): void {
  try {
    run(layer);
  } finally {
    layer.dispose();
  }
}

/** Copies the case's parameters into a layer by PyTorch's state-dict keys. */
export function loadParameters(layer: Module, oracle: OracleCase<unknown>): void {
  scope(() => {
    const state = oracle.names("param").map((name) => {
      const { data, shape } = oracle.constant("param", name);
      return [name, tensor(data, { shape })] as const;
    });
    layer.loadStateDict(new Map<string, Tensor<DType>>(state as [string, Tensor<DType>][]));
  });
}

/** Σ over the projected outputs of sum(output · projection), as the generator computes it. */
function projectedLoss(oracle: OracleCase<unknown>, outputs: Outputs): Tensor {
  const terms = oracle.names("projection").map((name) => {
    const { data, shape } = oracle.constant("projection", name);
    return (outputs[name] as Tensor).mul(tensor(data as Float32Array, { shape })).sum();
  });
  return terms.reduce((total, term) => total.add(term));
}

function expectGradients(
  oracle: OracleCase<unknown>,
  leaves: Leaves,
  layer: Module | undefined,
): void {
  const parameters = new Map(layer?.namedParameters() ?? []);
  for (const name of oracle.names("grad")) {
    const leaf = parameters.get(name) ?? leaves[name];
    if (!leaf?.grad) throw new Error(`${oracle.name}: no gradient for ${name}`);
    oracle.expect("grad", name, leaf.grad);
  }
}
