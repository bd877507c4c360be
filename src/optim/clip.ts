// Clipping gradients, over all parameters at once.
import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { NumericError, OptionError } from "../core/errors.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { withGradientTable } from "./gradient-table.js";
import { parametersOf } from "./parameter-list.js";

export interface ClipGradNormOptions {
  /** 2 for the Euclidean norm, 1 for the sum of all |g|, Infinity for the largest. Default 2. */
  normType?: number | undefined;
  /**
   * Whether a norm that is NaN or infinite is an error. Default true, unlike PyTorch. Otherwise gradients are
   * scaled as by PyTorch: a norm of NaN makes all of them NaN.
   */
  errorIfNonfinite?: boolean | undefined;
}

/**
 * Scales all gradients so that their joint norm is at most `maxNorm`: by maxNorm / (norm + 1e-6) where
 * that is below 1, as PyTorch does.
 *
 * @returns the norm before clipping
 * @throws NumericError when the norm is not finite: gradients are left as they are. OptionError for
 *   another normType or a maxNorm that is not above 0
 * @example
 * ```ts
 * const model = new Linear(4, 1);
 * model.forward(ones([2, 4])).sum().backward();
 * const norm = clipGradNorm(model.parameters(), 1); // what it was
 * norm > 1; // true
 * ```
 */
export function clipGradNorm(
  parameters: Iterable<Parameter>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): number {
  checkCall(
    "clipGradNorm",
    arguments,
    "parameters maxNorm:number {normType:number errorIfNonfinite:boolean}",
  );
  const { normType = 2, errorIfNonfinite = true } = options;
  requirePositive("clipGradNorm", "maxNorm", maxNorm);
  if (normType !== 1 && normType !== 2 && normType !== Infinity)
    throw new OptionError({
      op: "clipGradNorm",
      expected: "normType 1, 2 or Infinity",
      got: described(normType),
    });
  return withTable(parametersOf("clipGradNorm", parameters), (table, count) =>
    clipTable(table, count, maxNorm, normType, errorIfNonfinite),
  );
}

/** @internal {@link clipGradNorm} of the gradients in a kernels' table. */
export function clipTable(
  table: Ptr,
  count: number,
  maxNorm: number,
  normType = 2,
  errorIfNonfinite = true,
): number {
  const norm =
    normType === 2
      ? Math.sqrt(trainingKernels().gradSquaredNorm(table, count))
      : trainingKernels().gradAbsNorm(table, count, +(normType === Infinity));
  if (errorIfNonfinite && !Number.isFinite(norm))
    throw new NumericError({
      op: "clipGradNorm",
      expected: "finite gradients",
      got: `a norm of ${norm}`,
      cure: "Look for overflow in the forward pass, or lower the learning rate.",
    });
  const factor = maxNorm / (norm + 1e-6);
  if (!(factor >= 1)) trainingKernels().scaleGradients(table, count, factor);
  return norm;
}

/**
 * Clamps every gradient element to [-clipValue, clipValue]. NaN stays NaN: `optimizer.step()` refuses it.
 *
 * @example
 * ```ts
 * const model = new Linear(2, 1);
 * model.forward(full([1, 2], 9)).sum().backward();
 * clipGradValue(model.parameters(), 0.5);
 * model.weight.grad!.toArray(); // [[0.5, 0.5]]
 * ```
 */
export function clipGradValue(parameters: Iterable<Parameter>, clipValue: number): void {
  checkCall("clipGradValue", arguments, "parameters clipValue:number");
  requirePositive("clipGradValue", "clipValue", clipValue);
  withTable(parametersOf("clipGradValue", parameters), (table, count) => {
    trainingKernels().clampGradients(table, count, clipValue);
    return 0;
  });
}

function withTable(
  parameters: Iterable<Parameter>,
  run: (table: Ptr, count: number) => number,
): number {
  const ready = [...new Set(parameters)].filter((parameter) => parameter.grad !== undefined);
  return withGradientTable(ready, undefined, (table) => run(table, ready.length));
}

function requirePositive(op: string, name: string, value: number): void {
  if (!(value > 0))
    throw new OptionError({ op, expected: `${name} above 0`, got: described(value) });
}
