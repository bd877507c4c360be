// A cell of Keras: by kernels where the activations are theirs, else step by step.
import { activationName, activationOf } from "../activations.js";
import { numberOf, type Config } from "../config.js";
import { sizeIn, unknownOption, type LayerParts } from "../layer.js";
import type { WeightReader } from "../weights.js";
import type { CellKind, CellRunner, CellShape } from "./cell.js";
import { KernelCell } from "./kernel-cell.js";
import { StepCell } from "./step-cell.js";

/** The cell of a layer or a cell's configuration, with its arrays. */
export function makeCell(
  kind: CellKind,
  parts: LayerParts,
  config: Config,
  weights: WeightReader,
): CellRunner {
  const units = sizeIn({ ...parts, config }, "units");
  const usesBias = config.use_bias !== false;
  const resetAfter =
    kind === "GRU" &&
    (config.reset_after === undefined || config.reset_after === null
      ? parts.dialect === "keras3"
      : config.reset_after === true);
  const activation = activationName(config.activation ?? "tanh");
  // Keras 3 and tf.keras have sigmoid where nothing is said; TensorFlow.js and Keras 2.2 say it always.
  const gate = activationName(config.recurrent_activation ?? "sigmoid");
  const kernels =
    kind === "SimpleRNN"
      ? activation === "tanh" || activation === "relu"
      : activation === "tanh" && gate === "sigmoid";
  const shape: CellShape = {
    kind,
    units,
    usesBias,
    resetAfter,
    inputSize: weights.peek()?.[0] ?? 0,
    rates: {
      input: numberOf(config.dropout, 0),
      hidden: numberOf(config.recurrent_dropout, 0),
    },
  };
  if (shape.inputSize < 1) throw unknownOption(parts, "weights", null);
  if (kernels) return new KernelCell(shape, activation === "relu", weights);
  const [act, rec] = [activation, gate].map((name) =>
    activationOf(parts.op, parts.name, name, parts.dialect),
  );
  return new StepCell(shape, act!, rec!, weights);
}
