import { checkCall, type Given } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { withRowTable } from "./gradient-table.js";
import {
  Optimizer,
  type Entry,
  type Group,
  type OptimizerOptions,
  type ParametersOrGroups,
} from "./optimizer.js";
import { Powers } from "./powers.js";

export interface SparseAdamOptions extends OptimizerOptions {
  /** Decay of the first and the second moment. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
}

/**
 * Adam for the tables of embeddings, PyTorch's `SparseAdam`: a step updates the rows, and their moments, whose ids came since
 * `zeroGrad()`, and no others. With large tables a step costs what the batch has, not what the table has.
 *
 * ```ts
 * const rows = new SparseAdam([embedding.weight]);
 * const rest = new Adam(others);
 * ```
 *
 * @example
 * ```ts
 * const table = new Embedding(1000, 8);
 * const optimizer = new SparseAdam(table.parameters(), { lr: 0.01 });
 * optimizer.groups[0]!.lr; // 0.01
 * ```
 */
export class SparseAdam extends Optimizer<SparseAdamOptions> {
  readonly #powers = new Powers();

  /** @param options `lr` (default 0.001), `betas`, `eps`; there is no weight decay, which would act on every row */
  constructor(
    parameters: ParametersOrGroups<SparseAdamOptions>,
    options: Given<SparseAdamOptions> = {},
  ) {
    checkCall("SparseAdam", arguments, "parameters options?");
    super("SparseAdam", parameters, DEFAULTS, options);
  }

  protected override validate(group: Group<SparseAdamOptions>): void {
    super.validate(group);
    const { betas, eps, weightDecay } = group;
    this.requireOption("weightDecay", weightDecay, weightDecay === 0, "of 0: it acts on all rows");
    this.requireBetas(betas);
    this.requireOption("eps", eps, eps >= 0, "at least 0");
  }

  protected slotsOf(): string[] {
    return MOMENTS;
  }

  protected override updateAll(
    entries: readonly Entry[],
    group: Group<SparseAdamOptions>,
    step: number,
  ): void {
    const touched = entries.map(({ parameter }) => rowsOf(parameter));
    entries.forEach(({ parameter, moments }, i) => {
      const rows = touched[i]!;
      withRowTable(parameter, moments, rows, (table) =>
        this.update(table, rows.length, group, step),
      );
    });
  }

  protected update(table: Ptr, count: number, group: Group<SparseAdamOptions>, step: number): void {
    const { lr, betas, eps } = group;
    const [correction1, correction2] = betas.map((beta) => 1 - this.#powers.of(beta, step));
    // Adam adds eps to √v / √correction2, this one to √v.
    const epsilon = eps / Math.sqrt(correction2!);
    const [beta1, beta2] = betas;
    // prettier-ignore
    trainingKernels().adamStep(
      table, count, lr, beta1, beta2, epsilon, 0, 0, correction1!, correction2!, 0,
    );
  }
}

/** The rows that a gradient was added to, each once. */
function rowsOf(parameter: Parameter): number[] {
  const rows = parameter.leafGradient?.rows;
  if (!rows)
    throw new OptionError({
      op: "SparseAdam.step",
      expected: "gradients of an embedding's rows only",
      got: `one of a whole parameter ${formatShape(parameter.shape)}`,
      cure: "Give such parameters (also a table that an output layer shares) to Adam.",
    });
  return [...new Set(rows.flatMap((ids) => [...ids]))];
}

const MOMENTS = ["exp_avg", "exp_avg_sq"];
const DEFAULTS: SparseAdamOptions = { lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 };
