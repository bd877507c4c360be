// One run through a graph, and what is kept from run to run.
import { records } from "../autograd/mode.js";
import { HiddenstateError } from "../core/errors.js";
import { Buffer } from "../tensor/parameter.js";
import { scopeReturning } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";
import type { Graph } from "./graph.js";
import type { GraphNode } from "./node.js";
import { Inputs } from "./operator.js";
import type { StepCall } from "./operators/recurrent/fused.js";
import { Host, type Value } from "./value.js";

/** Tensors that were worked out of others, which stay as long as those do not change. */
interface Derived {
  readonly sources: readonly Tensor[];
  readonly versions: readonly number[];
  readonly made: readonly Buffer[];
}

/** What holds memory until it is released. */
interface Releasable {
  release(): void;
}

type Kept = Omit<Derived, "made"> & { readonly made: Releasable };

/** What a model keeps between runs: weights in other orders and shapes. */
export class DerivedTensors {
  readonly #kept = new Map<unknown, Kept>();
  readonly #found = new Map<unknown, Derived>();

  /**
   * What `compute` makes of `sources`, from before where none of them has changed; while a graph is recorded, made anew, so
   * that gradients reach the sources.
   */
  of(
    key: unknown,
    sources: readonly Tensor[],
    compute: () => readonly Tensor[],
  ): readonly Tensor[] {
    if (TRAINING && records(sources)) return compute();
    const known = this.#found.get(key);
    if (known && isSame(known, sources)) return known.made;
    for (const each of known?.made ?? []) each.dispose();
    // The results go with the scope, copies of them stay.
    const made: Buffer[] = [];
    scopeReturning(
      () => {
        for (const each of compute()) made.push(new Buffer(each));
      },
      () => [],
    );
    const versions = sources.map(({ storage }) => storage.version);
    this.#found.set(key, { sources, versions, made });
    return made;
  }

  /** As {@link of}, of what is no tensor: packed weights. Only where no graph is recorded. */
  kept<T extends Releasable>(key: unknown, sources: readonly Tensor[], make: () => T): T {
    const known = this.#kept.get(key);
    if (known && isSame(known, sources)) return known.made as T;
    known?.made.release();
    const made = make();
    const versions = sources.map(({ storage }) => storage.version);
    this.#kept.set(key, { sources, versions, made });
    return made;
  }

  dispose(): void {
    for (const { made } of this.#found.values()) for (const each of made) each.dispose();
    for (const { made } of this.#kept.values()) made.release();
    this.#found.clear();
    this.#kept.clear();
  }
}

function isSame({ sources, versions }: Omit<Derived, "made">, now: readonly Tensor[]): boolean {
  if (sources.length !== now.length) return false;
  for (let i = 0; i < now.length; i++)
    if (sources[i] !== now[i] || versions[i] !== now[i]!.storage.version) return false;
  return true;
}

export class Run {
  /** By slots. */
  readonly values: (Value | undefined)[];
  readonly derived: DerivedTensors;
  /** Gets the steps that recurrent nodes take, where somebody asks. */
  readonly steps: StepCall[] | undefined;

  constructor(values: (Value | undefined)[], derived: DerivedTensors, steps?: StepCall[]) {
    this.values = values;
    this.derived = derived;
    this.steps = steps;
  }

  /** Runs a graph whose inputs are in their slots, and gives its outputs. */
  graph({ steps, outputs }: Graph): Value[] {
    for (const node of steps) this.node(node);
    return outputs.map((slot) => this.values[slot]!);
  }

  /** Runs a graph as a part of another: the values that it takes are put into its slots. */
  nested(graph: Graph, given: readonly Value[]): Value[] {
    graph.inputs.forEach((slot, i) => (this.values[slot] = given[i]));
    return this.graph(graph);
  }

  node(node: GraphNode): void {
    const { values } = this;
    const read = node.inputs.map((slot) => (slot < 0 ? undefined : values[slot]));
    let made: Value | readonly Value[];
    try {
      made = node.operator.run(new Inputs(read, node), node, this);
    } catch (error) {
      throw named(error, node);
    }
    const { outputs } = node;
    if (made instanceof Tensor || made instanceof Host) values[outputs[0]!] = made;
    else
      for (let i = 0; i < outputs.length; i++) if (outputs[i]! >= 0) values[outputs[i]!] = made[i];
  }
}

/** An error of an operation, with the node that it is of. */
function named(error: unknown, node: GraphNode): unknown {
  if (!(error instanceof HiddenstateError) || error.op.startsWith(node.opType)) return error;
  const Kind = error.constructor as new (
    parts: HiddenstateError,
    options: ErrorOptions,
  ) => HiddenstateError;
  const { expected, got, cure } = error;
  const op = `${String(node)}, ${error.op}`;
  return new Kind({ op, expected, got, cure } as HiddenstateError, { cause: error });
}
