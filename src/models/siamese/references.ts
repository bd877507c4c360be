// Examples with labels that inputs are matched with: a label is known from one of them, without training.
import { checkCall, checkCount } from "../../core/check.js";
import { checkIterable } from "../../core/check-like.js";
import { FormatError, OptionError } from "../../core/errors.js";
import { checkExample, inPlace } from "../../data/examples.js";
import { readSafetensors, saveSafetensors } from "../../io/safetensors.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Best } from "../../vectors/search.js";
import { joined } from "../../core/joined.js";
import { UnitRows } from "../../vectors/unit-rows.js";
import { checkLabel } from "../classifier/example.js";
import { prototypesOf, type LabelledRows } from "./prototypes.js";

/** What an input is like. */
export interface Match {
  readonly label: string;
  /** The cosine of the angle between the vectors of the two, -1 to 1. */
  readonly score: number;
  /** Which reference it is, in the order in which they were added; with prototypes, which label. */
  readonly index: number;
}

export interface ReferencesOptions {
  /** A set that `toBytes` gave. Default: an empty one. */
  bytes?: Uint8Array | undefined;
  /**
   * Whether inputs are matched with one vector a label, the direction of the mean of its examples' vectors (Snell et al.
   * 2017), instead of with each example. Default false.
   */
  prototypes?: boolean | undefined;
}

/** What makes vectors of inputs: a `SiameseNetwork`. */
export interface Encoder<Input> {
  readonly dimension: number;
  /** @internal */
  encodeAll_(op: string, inputs: readonly Input[]): Float32Array<ArrayBuffer>[];
}

const NAME = "References";
const LABELS = "hiddenstate.labels";

/**
 * Made by `SiameseNetwork.references()`. Its vectors are those of the network's weights when they were added. All of them
 * are compared with, so answers are exact: 100,000 of 128 numbers take 3 to 4 ms a query.
 *
 * @example
 * ```ts
 * const examples = [
 *   { input: "red apple", label: "fruit" },
 *   { input: "green pear", label: "fruit" },
 *   { input: "fast car", label: "vehicle" },
 *   { input: "slow bus", label: "vehicle" },
 * ];
 * const references = SiameseNetwork.build(examples, { outputSize: 8 }).references();
 * for (const { label, input } of examples) references.add(label, input);
 * references.match("red apple")[0].label; // "fruit"
 * ```
 */
export class References<Input = string> {
  readonly #encoder: Encoder<Input>;
  readonly #rows: UnitRows;
  readonly #labels: string[] = [];
  readonly #byLabel: boolean;
  /** One vector a label, where these are matched; made when they are first asked for. */
  #prototypes: LabelledRows | undefined;

  /** @internal Made by a network. */
  constructor(encoder: Encoder<Input>, options: ReferencesOptions = {}) {
    const { bytes, prototypes = false } = options;
    this.#encoder = encoder;
    this.#rows = new UnitRows(encoder.dimension);
    this.#byLabel = prototypes;
    if (bytes) this.#read(bytes);
  }

  /** How many references there are. */
  get size(): number {
    return this.#labels.length;
  }

  /** The label of each reference, in the order in which they were added. */
  get labels(): readonly string[] {
    return this.#labels;
  }

  /** Their vectors, of length 1, one behind the other: for another index. A copy. */
  get vectors(): Float32Array<ArrayBuffer> {
    return this.#rows.values.slice();
  }

  /**
   * Adds an example of a label, old or new.
   *
   * @throws OptionError for an input that the network cannot read, or an empty label
   */
  add(label: string, example: Input): void {
    const op = `${NAME}.add`;
    checkCall(op, arguments, "label:string example");
    checkLabel(op, label);
    this.#add([label], this.#encoder.encodeAll_(op, [example]));
  }

  /** Adds many: faster than one by one. */
  addBatch(examples: Iterable<{ readonly label: string; readonly input: Input }>): void {
    const op = `${NAME}.addBatch`;
    checkCall(op, arguments, "examples");
    checkIterable(op, "a list of { label, input }", examples);
    const all = [...examples];
    const labels = all.map((example, place) =>
      inPlace("example", place, () => {
        checkExample(op, "example", example);
        return checkLabel(op, example.label);
      }),
    );
    this.#add(
      labels,
      this.#encoder.encodeAll_(
        op,
        all.map(({ input }) => input),
      ),
    );
  }

  /**
   * The references that an input is most like, the most similar first.
   *
   * @param options.count how many. Default 1; fewer where there are fewer
   * @throws OptionError where there is no reference, or an input that the network cannot read
   */
  match(query: Input, options: { count?: number | undefined } = {}): Match[] {
    const op = `${NAME}.match`;
    checkCall(op, arguments, "query {count:number}");
    const count = this.#countOf(op, options.count);
    const { labels, rows } = this.#searched();
    const [vector] = this.#encoder.encodeAll_(op, [query]);
    return matches(rows.nearest(vector!, count), labels);
  }

  /** The same of many inputs, in their order: faster than one by one, with the same scores. */
  matchBatch(queries: Iterable<Input>, options: { count?: number | undefined } = {}): Match[][] {
    const op = `${NAME}.matchBatch`;
    checkCall(op, arguments, "queries {count:number}");
    checkIterable(op, "a list of inputs", queries);
    const count = this.#countOf(op, options.count);
    const { labels, rows } = this.#searched();
    const vectors = this.#encoder.encodeAll_(op, Array.from(queries));
    return rows
      .nearestOfMany(joined(vectors, Float32Array), count)
      .map((best) => matches(best, labels));
  }

  /** Labels and vectors as one safetensors file, for `SiameseNetwork.references({ bytes })`. */
  toBytes(): Uint8Array<ArrayBuffer> {
    checkCall(`${NAME}.toBytes`, arguments, "");
    const shape = [this.size, this.#rows.dimension];
    return scope(() =>
      saveSafetensors(
        { vectors: tensor(this.#rows.values, { shape }) },
        { metadata: { [LABELS]: JSON.stringify(this.#labels) } },
      ),
    );
  }

  /** Frees what the search holds; it is made anew where more is asked. */
  dispose(): void {
    this.#rows.dispose();
    this.#dropPrototypes();
  }

  #add(labels: readonly string[], vectors: readonly Float32Array[]): void {
    this.#rows.add(joined(vectors, Float32Array));
    for (const label of labels) this.#labels.push(label);
    this.#dropPrototypes();
  }

  #dropPrototypes(): void {
    this.#prototypes?.rows.dispose();
    this.#prototypes = undefined;
  }

  #countOf(op: string, count = 1): number {
    checkCount(op, "count", count);
    if (this.size === 0)
      throw new OptionError({
        op,
        expected: "references to match with",
        got: "none",
        cure: "Add some: references.add(label, example).",
      });
    return count;
  }

  /** What queries are compared with. */
  #searched(): LabelledRows {
    if (!this.#byLabel) return { labels: this.#labels, rows: this.#rows };
    return (this.#prototypes ??= prototypesOf({ labels: this.#labels, rows: this.#rows }));
  }

  #read(bytes: Uint8Array): void {
    const op = "SiameseNetwork.references";
    const { dimension } = this.#rows;
    scope(() => {
      const { tensors, metadata } = readSafetensors(bytes);
      const vectors = tensors.get("vectors");
      const labels = labelsIn(metadata.get(LABELS));
      const [size, numbers] = vectors?.shape ?? [];
      if (!labels || labels.length !== size || numbers !== dimension)
        throw new FormatError({
          op,
          expected: `references of vectors of ${dimension} numbers, as References.toBytes() gives them`,
          got:
            vectors && labels
              ? `vectors [${vectors.shape.join(", ")}] of ${labels.length} labels`
              : "a file without",
        });
      this.#add(labels, [vectors!.data() as Float32Array]);
    });
  }
}

function labelsIn(json: string | undefined): string[] | undefined {
  try {
    const labels: unknown = JSON.parse(json ?? "");
    return Array.isArray(labels) && labels.every((one) => typeof one === "string")
      ? labels
      : undefined;
  } catch {
    return undefined;
  }
}

function matches({ indices, scores }: Best, labels: readonly string[]): Match[] {
  return indices.map((index, i) => ({ label: labels[index]!, score: scores[i]!, index }));
}
