// The mean of a model's weights along the way (Polyak & Juditsky 1992; PyTorch's AveragedModel): where steps
// are long, it lies nearer to the bottom than any of the weights it is made of.
import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { noGrad } from "../autograd/mode.js";
import { OptionError } from "../core/errors.js";
import type { Module } from "../nn/module.js";
import { zerosOnHeap } from "../tensor/create.js";
import type { Parameter } from "../tensor/parameter.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";

export interface AveragedWeightsOptions {
  /**
   * What remains of the average with each update once that is more than in the plain mean: so it is the
   * mean of all weights at first and then looks back over about 1 / (1 - decay) updates. Default: the plain
   * mean, always.
   */
  decay?: number | undefined;
  /**
   * Share of the updates so far that the average looks back over: a window that grows with the run, whatever its length
   * (polynomial decay, Shamir & Zhang 2013). Default: `decay` says.
   */
  window?: number | undefined;
}

/** Where an {@link AveragedWeights} stands, beside its tensors. */
export interface AveragedWeightsState {
  /** Updates so far. */
  readonly updates: number;
}

/**
 * Averages the parameters of a model while an optimizer trains them; the average is evaluated and saved,
 * never trained. Nothing changes for the training itself.
 *
 * For `fit`'s checkpoint: `tensors: { ...average.tensors }, parts: { average }`.
 *
 * @example
 * ```ts
 * const model = new Linear(2, 1);
 * const average = new AveragedWeights(model, { decay: 0.99 });
 * average.update(); // after optimizer.step(): every tenth step is enough
 * const score = average.use(() => model.forward(ones([1, 2])).item());
 * ```
 */
export class AveragedWeights {
  /** The averages by `average.<name of the parameter>`: zeros before the first update. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly #pairs: readonly (readonly [Parameter, Tensor])[];
  readonly #share: (updates: number) => number;
  /** Plain data, for a checkpoint. */
  state: AveragedWeightsState = { updates: 0 };

  constructor(model: Module, options: AveragedWeightsOptions = {}) {
    checkCall("AveragedWeights", arguments, "model:object {decay:number window:number}");
    checkLike("AveragedWeights", "a Module", "namedParameters", model);
    const { decay, window } = options;
    const refuse = (expected: string, got: string): never => {
      throw new OptionError({ op: "AveragedWeights", expected, got });
    };
    if (decay !== undefined && !(decay >= 0 && decay <= 1))
      refuse("decay from 0 to 1", String(decay));
    if (window !== undefined && !(window > 0 && window <= 1))
      refuse("window above 0 and of at most 1", String(window));
    if (decay !== undefined && window !== undefined) refuse("decay or window", "both");
    const least = 1 - (decay ?? 1);
    this.#share = (updates) =>
      window === undefined ? Math.max(1 / updates, least) : Math.min(1, 1 / (window * updates));
    const pairs = Array.from(
      model.namedParameters(),
      ([name, parameter]) => [name, parameter, zerosOnHeap(parameter.shape)] as const,
    );
    this.tensors = Object.fromEntries(pairs.map(([name, , own]) => [`average.${name}`, own]));
    this.#pairs = pairs.map(([, parameter, own]) => [parameter, own]);
  }

  /** Takes in the parameters as they are now: average ← average + share · (parameter − average). */
  update(): void {
    const updates = this.state.updates + 1;
    const share = this.#share(updates);
    this.#each((parameter, average) => average.set(average.add(parameter.sub(average).mul(share))));
    this.state = { updates };
  }

  /**
   * Runs `fn` while the model has the averages as its weights; then it has its own again, to the bit. Where `fn`
   * returns a promise, that is when it has settled: let nothing train the model before.
   *
   * @throws OptionError before the first update
   */
  use<T>(fn: () => T): T {
    checkCall("AveragedWeights.use", arguments, "fn:function");
    if (this.state.updates === 0)
      throw new OptionError({
        op: "AveragedWeights.use",
        expected: "at least one update() before",
        got: "none",
      });
    this.#exchange();
    let later = false;
    try {
      const result = fn();
      if (!(result instanceof Promise)) return result;
      later = true;
      return result.finally(() => this.#exchange()) as T;
    } finally {
      if (!later) this.#exchange();
    }
  }

  /** Frees the averages. */
  dispose(): void {
    for (const [, average] of this.#pairs) average.dispose();
  }

  #exchange(): void {
    this.#each((parameter, average) => {
      const own = parameter.clone();
      parameter.set(average);
      average.set(own);
    });
  }

  #each(run: (parameter: Parameter, average: Tensor) => void): void {
    // A scope each: no more than one parameter's size is taken beside.
    for (const [parameter, average] of this.#pairs)
      scope(() => noGrad(() => run(parameter, average)));
  }
}
