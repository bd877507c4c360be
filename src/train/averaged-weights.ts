// The mean of a model's weights along the way (Polyak & Juditsky 1992; PyTorch's AveragedModel): where steps
// are long, it lies nearer to the bottom than any of the weights it is made of.
import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { noGrad } from "../autograd/mode.js";
import { OptionError } from "../core/errors.js";
import type { Module } from "../nn/module.js";
import { zerosOnHeap } from "../tensor/create.js";
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
 * Averages the parameters and float32 buffers of a model while an optimizer trains them; the average is evaluated and saved,
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
  /** The averages by `average.<name>`: zeros before the first update. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly #pairs: readonly (readonly [Tensor, Tensor])[];
  readonly #share: (updates: number) => number;
  /** Plain data, for a checkpoint. */
  state: AveragedWeightsState = { updates: 0 };

  constructor(model: Module, options: AveragedWeightsOptions = {}) {
    checkCall("AveragedWeights", arguments, "model:object {decay:number window:number}");
    checkLike("AveragedWeights", "a Module", "stateDict", model);
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
    const seen = new Set<Tensor<DType>>();
    const pairs = [...model.stateDict()].flatMap(([name, own]) => {
      const first = !seen.has(own);
      seen.add(own);
      if (!first || own.dtype !== "float32") return [];
      return [[name, own as Tensor, zerosOnHeap(own.shape)] as const];
    });
    this.tensors = Object.fromEntries(pairs.map(([name, , own]) => [`average.${name}`, own]));
    this.#pairs = pairs.map(([, own, average]) => [own, average]);
  }

  /** Takes in the weights as they are now: average ← average + share · (weights − average). */
  update(): void {
    const updates = this.state.updates + 1;
    const share = this.#share(updates);
    this.#each((own, average) => average.set(average.add(own.sub(average).mul(share))));
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
    this.#each((own, average) => {
      const kept = own.clone();
      own.set(average);
      average.set(kept);
    });
  }

  #each(run: (own: Tensor, average: Tensor) => void): void {
    // A scope each: no more than one tensor's size is taken beside.
    for (const [own, average] of this.#pairs) scope(() => noGrad(() => run(own, average)));
  }
}
