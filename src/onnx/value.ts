// What flows through a graph: float tensors in the kernels' memory, and numbers on the host: shapes, indices, conditions,
// constants.
import { ShapeError } from "../core/errors.js";
import { formatShape, sizeOf, type Shape } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import { Buffer } from "../tensor/parameter.js";
import { Tensor } from "../tensor/tensor.js";
import type { DType } from "../core/dtype.js";
import { isFloat, type ElementType } from "./types.js";

/** A tensor of floats, or numbers on the host. */
export type Value = Tensor | Host;

/**
 * Numbers on the host, of any type but strings. Whole numbers are exact up to 2^53, so that shapes and int64 constants need no
 * int32 kernel; where a kernel made them, they are read when somebody asks.
 */
export class Host {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly size: number;
  #data: Float64Array | undefined;
  #tensor: Tensor<DType> | undefined;
  /** Whether its tensor stays beyond the run: of constants. */
  #kept: boolean;

  constructor(
    type: ElementType,
    shape: Shape,
    data: Float64Array | readonly number[] | Tensor<"int32">,
    kept = false,
  ) {
    this.type = type;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.#kept = kept;
    if (data instanceof Tensor) this.#tensor = data;
    else this.#data = data instanceof Float64Array ? data : Float64Array.from(data);
  }

  get data(): Float64Array {
    return (this.#data ??= Float64Array.from(this.#tensor!.data()));
  }

  /** The same numbers under another shape. */
  reshaped(shape: Shape): Host {
    return new Host(this.type, shape, this.data, this.#kept);
  }

  /** Its numbers as floats. A constant's tensor is made once. */
  floats(): Tensor {
    if (this.#kept && this.#tensor?.dtype === "float32") return this.#tensor as Tensor;
    const made = tensor(Float32Array.from(this.data), { shape: this.shape });
    if (!this.#kept) return made;
    return (this.#tensor = new Buffer(made));
  }

  /** Its numbers as int32, the nearest where int32 is too small. */
  ints(): Tensor<"int32"> {
    if (this.#tensor?.dtype === "int32") return this.#tensor as Tensor<"int32">;
    const nearest = Int32Array.from(this.data, (each) =>
      Math.max(-0x80000000, Math.min(0x7fffffff, each)),
    );
    const made = tensor(nearest, { shape: this.shape });
    if (!this.#kept) return made;
    return (this.#tensor = new Buffer(made));
  }

  /** Makes it a constant: what a run makes of it stays until {@link dispose}. */
  keep(): this {
    void this.data;
    this.#tensor = undefined;
    this.#kept = true;
    return this;
  }

  /** Frees what a constant keeps in the kernels' memory. */
  dispose(): void {
    this.#tensor?.dispose();
    this.#tensor = undefined;
  }
}

/** So many numbers at most are made by numbers in a file: a damaged one must not take all memory. 256 MB as floats. */
const LARGEST = 1 << 26;
/** The same of what JavaScript makes one by one: 128 MB as doubles. */
export const LARGEST_ON_HOST = 1 << 24;

/**
 * A shape that numbers in a file ask for, and no input has.
 *
 * @throws ShapeError for one of too many elements, or of sizes that are none
 */
export function asked(op: string, shape: Shape, most = LARGEST): Shape {
  if (sizeOf(shape) <= most && shape.every((n) => Number.isInteger(n) && n >= 0)) return shape;
  throw new ShapeError({
    op,
    expected: `a shape of at most ${most} elements`,
    got: formatShape(shape),
    cure: "Is the file whole? Larger inputs may be given in parts.",
  });
}

/** Numbers on the host, in an array that is not filled yet. */
export function hostOf(
  op: string,
  type: ElementType,
  shape: Shape,
): { shape: Shape; data: Float64Array; done(): Host } {
  const data = new Float64Array(sizeOf(asked(op, shape, LARGEST_ON_HOST)));
  return { shape, data, done: () => new Host(type, shape, data) };
}

/** A value as a tensor of floats. */
export function floatsOf(value: Value): Tensor {
  return value instanceof Host ? value.floats() : value;
}

/** A value on the host. */
export function onHost(value: Value): Host {
  if (value instanceof Host) return value;
  return new Host("float", value.shape, Float64Array.from(value.data()));
}

/** A value's numbers in a list: axes, sizes. */
export function numbersOf(value: Value): number[] {
  return [...onHost(value).data];
}

/** The type of a value's elements: tensors are float. */
export function elementType(value: Value): ElementType {
  return value instanceof Host ? value.type : "float";
}

/** Whether it is of floats, wherever it is. */
export function isFloats(value: Value): boolean {
  return isFloat(elementType(value));
}

/** Floats with more elements than this are computed by kernels: the host has one lane. */
const HOST_FLOATS = 64;

/** Whether an operation on these values is the host's: whole numbers, and floats of shapes' arithmetic. */
export function hostsOnly(values: readonly Value[]): values is readonly Host[] {
  return values.every(isHosts);
}

/** As {@link hostsOnly}, of one value. */
export function isHosts(value: Value): value is Host {
  return value instanceof Host && (!isFloat(value.type) || value.size <= HOST_FLOATS);
}
