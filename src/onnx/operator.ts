// What one operator is: what it takes, and how it is computed.
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { GraphNode } from "./node.js";
import type { Run } from "./run.js";
import { floatsOf, Host, numbersOf, type Value } from "./value.js";

export interface Operator {
  /** The fewest and the most inputs. */
  readonly inputs: readonly [number, number];
  /** Names of the attributes that are known, with spaces between. */
  readonly attributes?: string | undefined;
  /** What of a node cannot be computed, which is found before anything runs. */
  readonly refuses?: ((node: GraphNode) => string | undefined) | undefined;
  /** Whether it is never computed ahead: it draws, or reads values by their names. */
  readonly late?: boolean | undefined;
  readonly run: (inputs: Inputs, node: GraphNode, run: Run) => Value | readonly Value[];
}

/** The values that a node reads. */
export class Inputs {
  readonly values: readonly (Value | undefined)[];
  readonly #node: GraphNode;

  constructor(values: readonly (Value | undefined)[], node: GraphNode) {
    this.values = values;
    this.#node = node;
  }

  get length(): number {
    return this.values.length;
  }

  has(i: number): boolean {
    return this.values[i] !== undefined;
  }

  /** An input that must be there. */
  at(i: number): Value {
    const value = this.values[i];
    if (value === undefined)
      throw new OptionError({
        op: String(this.#node),
        expected: `input ${i}`,
        got: "none",
      });
    return value;
  }

  /** An input as a tensor of floats. */
  floats(i: number): Tensor {
    return floatsOf(this.at(i));
  }

  /** As {@link floats}, of one that may be missing. */
  optional(i: number): Tensor | undefined {
    const value = this.values[i];
    return value && floatsOf(value);
  }

  /** An input's numbers; of one that is missing, undefined. */
  numbers(i: number): number[] | undefined {
    const value = this.values[i];
    return value && numbersOf(value);
  }

  /** A single number. */
  number(i: number, missing?: number): number {
    const value = this.values[i];
    if (value === undefined && missing !== undefined) return missing;
    const [first] = numbersOf(this.at(i));
    if (first === undefined || this.at(i).size !== 1)
      throw new ShapeError({
        op: String(this.#node),
        expected: `one number as input ${i}`,
        got: formatShape(this.at(i).shape),
      });
    return first;
  }

  /** An input on the host, whatever it is of. */
  host(i: number): Host {
    const value = this.at(i);
    return value instanceof Host
      ? value
      : new Host("float", value.shape, Float64Array.from(value.data()));
  }

  /** Axes that were an attribute until some version, and are an input since. */
  axes(i: number): readonly number[] | undefined {
    return this.numbers(i) ?? this.#node.ints("axes");
  }

  /** The attribute `axis`, from 0 on. */
  axis(rank: number, missing: number): number {
    return normalizeAxis(String(this.#node), this.#node.int("axis", missing), rank);
  }
}
