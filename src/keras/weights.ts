// Where a layer's arrays come from. Files of Keras 2 and TensorFlow.js have a layer's arrays in an order, those of Keras 3 by the path
// of the object that owns them: a layer asks for each by its name and shape, and says how to write it back.
import { quoted } from "../core/code-points.js";
import { FormatError } from "../core/errors.js";
import type { ReadableArray } from "../io/safetensors-dtypes.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ReadableArray;
}

/** An array of a model as a file of Keras has it. */
export interface StoredArray {
  /** By TensorFlow.js: `"lstm/kernel"`. */
  readonly name: string;
  /** By Keras 3: `"layers/lstm/cell/vars/0"`. */
  readonly path: string;
  /** Its numbers now, in Keras' layout. */
  readonly value: () => Tensor;
}

/** What a file has: arrays of a layer in their order, or one by its path. */
export interface WeightSource {
  /** In order; undefined where arrays have paths. */
  ordered(layer: string): NamedArray[] | undefined;
  /** Undefined where there is none. */
  at(path: string): NamedArray | undefined;
  /** Of arrays by paths: those beside the ones named, an optimizer's aside; seeds of Dropout. */
  others?(paths: ReadonlySet<string>): NamedArray[];
}

/** Statistics, which Keras lists behind what it trains. */
const APART = /(^|[/_])moving_(mean|variance)(:\d+)?$/;

/** The arrays of one layer, taken one after the other. */
export class WeightReader {
  #next = 0;

  private constructor(
    private readonly op: string,
    private readonly source: WeightSource,
    private readonly all: StoredArray[],
    private readonly layer: string,
    private readonly name: string,
    private readonly path: string,
    private readonly trained: NamedArray[] | undefined,
    private readonly statistics: NamedArray[] | undefined,
  ) {}

  /** Of a layer at the top of a model. */
  static of(
    op: string,
    source: WeightSource,
    all: StoredArray[],
    layer: string,
    path: string,
  ): WeightReader {
    const ordered = source.ordered(layer);
    const trained = ordered?.filter(({ name }) => !APART.test(name));
    const statistics = ordered?.filter(({ name }) => APART.test(name));
    return new WeightReader(op, source, all, layer, layer, path, trained, statistics);
  }

  /** Of an object in the layer. @param name what TensorFlow.js has between the layer's name and the array's; nothing where it is empty */
  child(path: string, name = ""): WeightReader {
    return this.#other(`${this.path}/${path}`, name, this.trained, this.statistics);
  }

  /** Of a layer of a model that is a layer itself: its arrays are told by its name, where they have it. */
  inner(layer: string, path: string): WeightReader {
    const own = (arrays: NamedArray[] | undefined, which: (name: string) => boolean) => {
      const named = arrays?.filter(({ name }) => `/${name}`.includes(`/${layer}/`));
      if (!arrays || named!.length > 0) return named;
      // TensorFlow.js does not name the model around it.
      return arrays.length > 0
        ? arrays
        : this.source.ordered(layer)?.filter(({ name }) => which(name));
    };
    const { op, source, all } = this;
    return new WeightReader(
      ...([op, source, all, layer, layer, `${this.path}/${path}`] as const),
      own(this.trained, (name) => !APART.test(name)),
      own(this.statistics, (name) => APART.test(name)),
    );
  }

  #other(
    path: string,
    name: string,
    trained: NamedArray[] | undefined,
    statistics: NamedArray[] | undefined,
  ): WeightReader {
    const { op, source, all, layer } = this;
    return new WeightReader(
      op,
      source,
      all,
      layer,
      name ? `${this.name}/${name}` : this.name,
      path,
      trained,
      statistics,
    );
  }

  /**
   * The next array as a tensor.
   *
   * @param shape what it must have; undefined: anything along this axis
   * @param value what is written back
   * @throws FormatError where there is none, or one of another shape
   */
  take(name: string, shape: readonly (number | undefined)[], value: () => Tensor): Tensor {
    const path = `${this.path}/vars/${this.#next++}`;
    const list = APART.test(name) ? this.statistics : this.trained;
    const array = list ? list.shift() : this.source.at(path);
    const fits =
      array?.shape.length === shape.length &&
      shape.every((size, axis) => size === undefined || size === array.shape[axis]);
    if (!array || !fits)
      throw new FormatError({
        op: this.op,
        expected: `${name} [${shape.map((size) => size ?? "any").join(", ")}] of layer ${quoted(this.layer)}`,
        got: array
          ? `${quoted(array.name)} [${array.shape.join(", ")}]`
          : `none${list ? "" : ` at ${quoted(path)}`}`,
        cure: "Are these the weights of this model?",
      });
    this.all.push({ name: `${this.name}/${name}`, path, value });
    const { data } = array;
    return tensor(data instanceof Float32Array ? data : Float32Array.from(data), {
      shape: array.shape,
    });
  }

  /** The shape of what {@link take} gives next; undefined where there is nothing. */
  peek(): readonly number[] | undefined {
    const list = this.trained;
    return (list ? list[0] : this.source.at(`${this.path}/vars/${this.#next}`))?.shape;
  }
}
