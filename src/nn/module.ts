import type { DType } from "../core/dtype.js";
import { isPlain } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { cannotTrain } from "../core/inference.js";
import { Shown } from "../core/shown.js";
import { Buffer, Parameter } from "../tensor/parameter.js";
import { compareStates, type LoadedState, type StateDict, type StateSource } from "./state-dict.js";
import { summarize } from "./summary.js";

/**
 * Base of every layer and model. Its parts are its own enumerable properties: Parameters, buffers,
 * Modules, and arrays, Maps and plain objects of them. A part's name is the path to it (`layers.0.weight`). Plain
 * tensors and everything else are no parts.
 *
 * @example
 * ```ts
 * class Tagger extends Module {
 *   embed = new Embedding(100, 16);
 *   lstm = new LSTM(16, 32);
 *   head = new Linear(32, 5);
 *
 *   forward(ids: Tensor<"int32">): Tensor {
 *     return this.head.forward(this.lstm.forward(this.embed.forward(ids)).output);
 *   }
 * }
 * const tagger = new Tagger();
 * tagger.forward(zeros([2, 7], { dtype: "int32" })).shape; // [2, 7, 5]
 * [...tagger.stateDict().keys()][0]; // "embed.weight"
 * ```
 */
export abstract class Module extends Shown {
  /** Whether dropout and the like are active. Set by {@link train} and {@link eval}. */
  training = true;

  /** Every parameter once, also where two names share one (tied weights). */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** Every parameter once, under its first name. */
  namedParameters(): Map<string, Parameter> {
    const seen = new Set<Parameter>();
    const named = new Map<string, Parameter>();
    for (const [name, part] of partsOf(this))
      if (part instanceof Parameter && !seen.has(part)) {
        seen.add(part);
        named.set(name, part);
      }
    return named;
  }

  /** This module and every module in it, each once, by name; its own name is `""`. */
  namedModules(): Map<string, Module> {
    const seen = new Set<Module>([this]);
    const named = new Map<string, Module>([["", this]]);
    for (const [name, part] of partsOf(this))
      if (part instanceof Module && !seen.has(part)) {
        seen.add(part);
        named.set(name, part);
      }
    return named;
  }

  /** The live parameters and buffers by name; tied ones under each of their names. */
  stateDict(): StateDict {
    const state: StateDict = new Map();
    for (const [name, part] of partsOf(this)) if (!(part instanceof Module)) state.set(name, part);
    return state;
  }

  /**
   * Copies values into the parameters and buffers. All or nothing: a state that does not fit changes
   * nothing.
   *
   * @param options.strict refuse missing and unexpected names too. Default true. A tied name may be missing
   *   where another name of the same parameter is there.
   * @returns the names that were loaded, those that were missing, and those that the module does not have
   * @throws StateDictError with every missing, unexpected and wrong-shaped name
   */
  loadStateDict(source: StateSource, options: { strict?: boolean | undefined } = {}): LoadedState {
    checkCall("loadStateDict", arguments, "state:object {strict:boolean}");
    const given = new Map(source instanceof Map ? source : Object.entries(source)) as StateDict;
    const own = this.stateDict();
    const loaded = compareStates(own, given, options.strict ?? true);
    for (const [name, target] of own) {
      const values = given.get(name);
      if (values) target.set(values);
    }
    return loaded;
  }

  /** Whether `backward()` computes a gradient for any parameter. Set it to freeze or free all of them. */
  get requiresGrad(): boolean {
    return TRAINING && this.parameters().some(({ requiresGrad }) => requiresGrad);
  }

  set requiresGrad(value: boolean) {
    if (!TRAINING) throw cannotTrain("requiresGrad");
    for (const parameter of this.parameters()) parameter.requiresGrad = value;
  }

  /** Training mode for this module and all in it. */
  train(mode = true): this {
    checkCall("train", arguments, "mode?:boolean");
    for (const module of this.namedModules().values()) module.training = mode;
    return this;
  }

  /** Evaluation mode: no dropout. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Clears every gradient.
   *
   * @throws BackendError in `hiddenstate/infer`, which does not train
   */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Frees every parameter and buffer. */
  dispose(): void {
    for (const part of this.stateDict().values()) part.dispose();
  }

  /**
   * A readable table: the modules with their types and numbers of parameters, the tensors with their
   * shapes, the sums (all parameters, those that are trained, buffers, bytes). `outputShapes` of
   * `hiddenstate/inspect` tells what shapes the modules give for an example. In `hiddenstate/infer`: as
   * {@link toString}.
   */
  summary(): string {
    return TRAINING ? summarize(this, [...partsOf(this)], lineOf) : String(this);
  }

  /** As `console.log` shows it: the types of the modules in it, as a tree, with their options. */
  override toString(): string {
    return TRAINING ? treeOf(this) : lineOf(this);
  }

  /**
   * The text in the brackets behind its type. Default: its own numbers, strings and booleans,
   * `name=value`.
   */
  protected extraRepr(): string {
    return Object.entries(this)
      .filter(([name, value]) => name !== "training" && PRIMITIVE.includes(typeof value))
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(", ");
  }
}

const PRIMITIVE = ["number", "string", "boolean"];

type Part = Parameter | Buffer<DType> | Module;

/**
 * Every part of a module, with its name, in the order of definition; modules before what they hold.
 * `above` are the modules it is in: one that refers back to one of them is no part of it.
 */
function* partsOf(
  module: Module,
  prefix = "",
  above: readonly object[] = [],
): Generator<[string, Part]> {
  for (const [name, part] of ownParts(module, above, prefix)) {
    yield [name, part];
    if (part instanceof Module) yield* partsOf(part, `${name}.`, [...above, module]);
  }
}

/** The parts of a module itself, directly or in its arrays, Maps and plain objects. */
function* ownParts(
  container: object,
  above: readonly object[],
  prefix = "",
): Generator<[string, Part]> {
  const within = [...above, container];
  for (const [key, value] of entriesOf(container)) {
    const name = `${prefix}${key}`;
    if (value instanceof Parameter || value instanceof Buffer) yield [name, value];
    else if (typeof value !== "object" || value === null || within.includes(value)) continue;
    else if (value instanceof Module) yield [name, value];
    else if (Array.isArray(value) || value instanceof Map || isPlain(value))
      yield* ownParts(value, within, `${name}.`);
  }
}

/** A module's type with its options in brackets. */
function lineOf(module: Module): string {
  return `${module.constructor.name}(${module["extraRepr"]()})`;
}

/** After PyTorch: a type, in brackets its options, and below a line for each module in it. */
function treeOf(module: Module, above: readonly Module[] = []): string {
  const children = [...ownParts(module, above)].flatMap(([name, part]) =>
    part instanceof Module ? [`(${name}): ${treeOf(part, [...above, module])}`] : [],
  );
  if (children.length === 0) return lineOf(module);
  const options = module["extraRepr"]();
  const lines = options ? [options, ...children] : children;
  return `${module.constructor.name}(\n${lines.join("\n").replace(/^/gm, "  ")}\n)`;
}

function entriesOf(container: object): Iterable<[string, unknown]> {
  if (container instanceof Map) return [...container].map(([key, value]) => [String(key), value]);
  return Object.entries(container);
}
