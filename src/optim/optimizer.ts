import { described, isPlain } from "../core/described.js";
import type { DType } from "../core/dtype.js";
import { checkCall, checkKeys, definedOnly, keysOf, type Given } from "../core/check.js";
import { NumericError, OptionError, ScopeError, StateDictError } from "../core/errors.js";
import { running } from "../core/running.js";
import { formatShape, sameShape } from "../core/shape.js";
import { tensor, zerosOnHeap } from "../tensor/create.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { withGradientTable } from "./gradient-table.js";
import { listOf, notParameters, parametersOf } from "./parameter-list.js";

/** Parameters that share options: `{ params, lr: 0.01 }`. */
export type ParameterGroup<Options> = { params: Iterable<Parameter> } & Given<Options>;

/** What an optimizer takes: parameters, or groups of them with options of their own. */
export type ParametersOrGroups<Options> = Iterable<Parameter> | readonly ParameterGroup<Options>[];

/** Options every optimizer has. */
export interface OptimizerOptions {
  /** Step size. */
  lr: number;
  /** L2 penalty. */
  weightDecay: number;
}

/** One group as the optimizer holds it: change `lr` here, or let a schedule do it. */
export type Group<Options> = Options & { readonly params: readonly Parameter[] };

/** A kernel that steps parameters, and what it takes behind the table of them and their count. */
export interface KernelCall {
  readonly kernel: "adamStep";
  // prettier-ignore
  readonly numbers: readonly [
    lr: number, beta1: number, beta2: number, eps: number, weightDecay: number, decoupled: number,
    biasCorrection1: number, biasCorrection2: number, amsgrad: number,
  ];
}

/** Everything an optimizer needs to go on: its moments by parameter index, and its groups' options. */
export interface OptimizerState<Options> {
  /** `<index>.<moment>`, PyTorch's names: `0.exp_avg`, `0.exp_avg_sq`, `0.step`. */
  readonly tensors: Map<string, Tensor<DType>>;
  readonly groups: readonly Options[];
}

/**
 * Base of the optimizers: groups, moments, and one kernel call a group. Parameters without a gradient
 * are skipped, as in PyTorch.
 *
 * @example
 * ```ts
 * const [encoder, head] = [new LSTM(4, 8), new Linear(8, 2)];
 * const optimizer = new Adam([
 *   { params: encoder.parameters(), lr: 1e-4 },
 *   { params: head.parameters(), lr: 1e-3 },
 * ]);
 * optimizer.groups.length; // 2
 * ```
 */
export abstract class Optimizer<Options extends OptimizerOptions> {
  readonly groups: readonly Group<Options>[];
  readonly #name: string;
  readonly #entries = new Map<Parameter, Entry>();
  #disposed = false;
  /** @internal Brings the moments back from threads that step with them; undefined while they are here. */
  bringBack_: (() => void) | undefined = undefined;

  /** Defaults first; `options` are what the caller gave for all groups. */
  constructor(
    name: string,
    parameters: ParametersOrGroups<Options>,
    standard: Options,
    options: Given<Options>,
  ) {
    this.#name = name;
    const known = keysOf(standard);
    checkCall(name, [parameters, options], `parameters {${known}}`);
    const defaults = { ...standard, ...definedOnly(options) };
    const given = toGroups(name, parameters);
    const seen = new Set<Parameter>();
    this.groups = given.map(({ params, ...options }) => {
      checkKeys(name, options, known);
      const own = [...new Set(parametersOf(name, params))];
      for (const parameter of own) {
        if (seen.has(parameter))
          throw new OptionError({
            op: name,
            expected: "every parameter in one group",
            got: `a parameter ${formatShape(parameter.shape)} in two`,
          });
        seen.add(parameter);
      }
      return { ...defaults, ...definedOnly(options), params: own };
    });
    if (seen.size === 0)
      throw new OptionError({
        op: name,
        expected: "at least one parameter",
        got: "none",
        cure: "Pass model.parameters().",
      });
    this.groups.forEach((group) => this.validate(group));
  }

  /**
   * Updates every parameter that has a gradient. Gradients stay: clear them with {@link zeroGrad}.
   *
   * @throws NumericError where a gradient holds NaN or Infinity, unlike PyTorch: no parameter has changed
   */
  step(): void {
    checkCall(`${this.#name}.step`, arguments, "");
    this.bringBack_?.();
    running.op = `${this.#name}.step`;
    this.#refuseNonFinite();
    this.stepBy_((entries, group, step) => this.updateAll(entries, group, step));
  }

  /**
   * @internal Counts a step, which is left to `update`: it gets parameters that all take their step number `step` (from 1).
   */
  stepBy_(update: (entries: readonly Entry[], group: Group<Options>, step: number) => void): void {
    if (this.#disposed)
      throw new ScopeError({
        op: `${this.#name}.step`,
        expected: "an optimizer",
        got: "a disposed one",
      });
    for (const group of this.groups) {
      this.validate(group);
      const slots = this.slotsOf(group);
      const ready = group.params
        .filter((parameter) => parameter.grad !== undefined)
        .map((parameter) => this.#entry(parameter, group, slots));
      // One call for all parameters that took the same number of steps: nearly always all of them.
      for (const [step, same] of groupBy(ready, (entry) => entry.step)) {
        update(same, group, step + 1);
        for (const entry of same) {
          entry.step = step + 1;
          entry.parameter.storage.version++;
        }
      }
    }
  }

  /** Marks the gradients of all its parameters as empty. */
  zeroGrad(): void {
    for (const { params } of this.groups) for (const parameter of params) parameter.zeroGrad();
  }

  /** The moments (live) and options, to be saved. */
  stateDict(): OptimizerState<Options> {
    this.bringBack_?.();
    const tensors = new Map<string, Tensor<DType>>();
    this.#members().forEach(({ parameter, slots }, index) => {
      const entry = this.#entries.get(parameter);
      if (!entry) return;
      tensors.set(`${index}.step`, stepTensor(entry.step));
      slots.forEach((slot, i) => tensors.set(`${index}.${slot}`, entry.moments[i]!));
    });
    return {
      tensors,
      groups: this.groups.map(({ params: _, ...options }) => options as unknown as Options),
    };
  }

  /**
   * Continues from a state that {@link stateDict} gave for the same parameters in the same order. All
   * or nothing.
   *
   * @throws StateDictError when groups or shapes do not fit
   */
  loadStateDict(state: OptimizerState<Options>): void {
    checkCall(`${this.#name}.loadStateDict`, arguments, "state:object");
    const { tensors, groups } = state;
    this.bringBack_?.();
    if (!(tensors instanceof Map) || !Array.isArray(groups))
      throw this.#misfit("a state of stateDict()", described(state));
    if (groups.length !== this.groups.length)
      throw this.#misfit(`${this.groups.length} groups`, String(groups.length));
    const next = this.groups.map((group, i) => ({ ...group, ...definedOnly(groups[i]) }));
    next.forEach((group) => this.validate(group));
    const members = this.#members(next);
    for (const [name, value] of tensors) {
      checkCall(`${this.#name}.loadStateDict`, [value], "tensor:tensor");
      const [index, slot] = String(name).split(".", 2) as [string, string];
      const member = members[Number(index)];
      if (!member || (slot !== "step" && !member.slots.includes(slot)))
        throw this.#misfit("the moments of its own parameters", name);
      const shape = slot === "step" ? [] : member.parameter.shape;
      if (!sameShape(shape, value.shape))
        throw this.#misfit(`${name} of shape ${formatShape(shape)}`, formatShape(value.shape));
      if (slot !== "step" && value.dtype !== "float32")
        throw this.#misfit(`${name} of dtype float32`, value.dtype);
      value.address("loadStateDict");
    }
    members.forEach(({ slots }, index) => {
      const absent =
        tensors.has(`${index}.step`) && slots.find((slot) => !tensors.has(`${index}.${slot}`));
      if (absent) throw this.#misfit(`${index}.${absent}`, "a state without it");
    });
    this.groups.forEach((group, i) => Object.assign(group, next[i]));
    members.forEach(({ parameter, slots, group }, index) => {
      const step = tensors.get(`${index}.step`);
      if (!step) return this.#forget(parameter);
      const entry = this.#entry(parameter, group, slots);
      entry.step = step.item();
      slots.forEach((slot, i) => entry.moments[i]!.set(tensors.get(`${index}.${slot}`) as Tensor));
    });
  }

  /** Frees the moments. */
  dispose(): void {
    this.#disposed = true;
    this.bringBack_ = undefined;
    for (const { params } of this.groups) for (const parameter of params) this.#forget(parameter);
  }

  /** Refuses options that make no sense. */
  protected validate({ lr, weightDecay }: Group<Options>): void {
    this.requireOption("lr", lr, lr >= 0, "at least 0");
    this.requireOption("weightDecay", weightDecay, weightDecay >= 0, "at least 0");
  }

  protected requireOption(name: string, value: number, ok: boolean, expected: string): void {
    if (!ok || !Number.isFinite(value))
      throw new OptionError({
        op: this.#name,
        expected: `${name} ${expected}`,
        got: described(value),
      });
  }

  protected requireBetas(betas: readonly [number, number]): void {
    if (!Array.isArray(betas) || betas.length !== 2)
      throw new OptionError({
        op: this.#name,
        expected: "betas as two numbers",
        got: described(betas),
      });
    betas.forEach((beta, i) =>
      this.requireOption(`betas[${i}]`, beta, beta >= 0 && beta < 1, "from 0 to below 1"),
    );
  }

  /** The name of each moment that a group's parameters have, in the order of the kernels' table. */
  protected abstract slotsOf(group: Group<Options>): readonly string[];

  /** What the moments of a new parameter are filled with. */
  protected startOf(_group: Group<Options>): number {
    return 0;
  }

  /**
   * @internal The kernel of the main module that steps a group, where it has so much to do for each number that other threads are
   * worth asking.
   */
  kernelCall_?(group: Group<Options>, step: number): KernelCall;

  /** Updates parameters that all take their step number `step` (from 1). */
  protected updateAll(entries: readonly Entry[], group: Group<Options>, step: number): void {
    withGradientTable(
      entries.map(({ parameter }) => parameter),
      entries.map(({ moments }) => moments),
      (table) => this.update(table, entries.length, group, step),
    );
  }

  /** Runs the update kernel over `count` records that all take their step number `step` (from 1). */
  protected abstract update(table: Ptr, count: number, group: Group<Options>, step: number): void;

  #refuseNonFinite(): void {
    this.groups.forEach(({ params }, group) =>
      params.forEach(({ grad, shape }, index) => {
        const at = grad && trainingKernels().firstNonFinite(grad.address(running.op), grad.size);
        if (at === undefined || at < 0) return;
        throw new NumericError({
          op: `${this.#name}.step`,
          expected: "finite gradients",
          got: `${grad!.data()[at]} in that of parameter ${index} ${formatShape(shape)} of group ${group}`,
          cure: "No parameter was changed. A smaller learning rate or clipGradNorm() often helps; gradientNorms() of hiddenstate/inspect names them all.",
        });
      }),
    );
  }

  /** Every parameter with its group, in the order that numbers them in a state. */
  #members(groups = this.groups): Member<Options>[] {
    return groups.flatMap((group) => {
      const slots = this.slotsOf(group);
      return group.params.map((parameter) => ({ parameter, group, slots }));
    });
  }

  #entry(parameter: Parameter, group: Group<Options>, slots: readonly string[]): Entry {
    const known = this.#entries.get(parameter);
    // An option that was changed (momentum) can ask for other moments: these start anew.
    if (known && sameNames(known.slots, slots)) return known;
    this.#forget(parameter);
    const moments = slots.map(() => zerosOnHeap(parameter.shape));
    const entry = { parameter, step: 0, slots, moments };
    const start = this.startOf(group);
    if (start !== 0)
      for (const { storage, size } of moments) kernels().fill(storage.ptr, size, start);
    this.#entries.set(parameter, entry);
    return entry;
  }

  #forget(parameter: Parameter): void {
    this.#entries.get(parameter)?.moments.forEach((moment) => moment.dispose());
    this.#entries.delete(parameter);
  }

  #misfit(expected: string, got: string): StateDictError {
    return new StateDictError({
      op: `${this.#name}.loadStateDict`,
      expected,
      got,
      cure: "The state must come from an optimizer of the same kind over the same parameters. Nothing was changed.",
    });
  }
}

interface Member<Options> {
  readonly parameter: Parameter;
  readonly group: Group<Options>;
  readonly slots: readonly string[];
}

/** A parameter with its moments. */
export interface Entry {
  readonly parameter: Parameter;
  step: number;
  readonly slots: readonly string[];
  readonly moments: readonly Tensor[];
}

function toGroups<Options>(
  name: string,
  parameters: ParametersOrGroups<Options>,
): readonly ParameterGroup<Options>[] {
  const list = listOf(name, parameters as Iterable<Parameter | ParameterGroup<Options>>);
  const groups = list.filter((each) => isPlain(each));
  if (groups.length === 0) return [{ params: list } as unknown as ParameterGroup<Options>];
  const other = list.find((each) => !isPlain(each));
  if (groups.length < list.length) throw notParameters(name, other);
  return groups;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, i) => name === b[i]));
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const of = key(item);
    const group = groups.get(of);
    if (group) group.push(item);
    else groups.set(of, [item]);
  }
  return groups;
}

function stepTensor(step: number): Tensor<"int32"> {
  return tensor(Int32Array.of(step), { shape: [] });
}
