// A tensor in a file of PyTorch: a view on a storage, which several may share.
import type { DType } from "../core/dtype.js";
import { sizeOf } from "../core/shape.js";
import { swapped } from "../io/byte-order.js";
import { decodeEntry } from "../io/safetensors-bytes.js";
import { safetensorsDtypes } from "../io/safetensors-dtypes.js";
import { inRows, isRowMajor, reachOf } from "../io/strided.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

/** Where numbers lie: a part of the archive. */
export class TorchStorage {
  constructor(
    /** The part's number, as a text. */
    readonly key: string,
    /** safetensors' name of the elements' type; undefined where the tensors say it themselves. */
    readonly dtype: string | undefined,
    /** Elements; bytes where there is no type. */
    readonly size: number,
    /** Its bytes, unpacked when they are asked for. */
    readonly bytes: () => Uint8Array,
    readonly bigEndian: boolean,
  ) {}
}

/** A tensor that a file holds, not read yet. */
export class TorchTensor {
  /** @internal */
  constructor(
    private readonly storage: TorchStorage,
    /** The element type by safetensors' name: `"BF16"`. */
    readonly dtype: string,
    readonly shape: readonly number[],
    private readonly strides: readonly number[],
    private readonly offset: number,
  ) {}

  /** Number of its elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** @internal Equal for tensors that are one: tied weights. */
  get place(): string {
    const { storage, dtype, shape, strides, offset } = this;
    return [storage.key, dtype, offset, shape.join(), strides.join()].join(":");
  }

  /**
   * Its numbers: floating types as float32, bool and integers as int32.
   *
   * @throws FormatError for a damaged file, or an integer beyond int32
   */
  read(): Tensor<DType> {
    return this.readAs("readTorch", "a tensor");
  }

  /** @internal With the operation and the tensor's name, for errors. */
  readAs(op: string, name: string): Tensor<DType> {
    const { storage, dtype, shape, strides, offset } = this;
    const each = safetensorsDtypes.get(dtype)!.bytes;
    // Strides may leave out elements: what lies between is read, too.
    const size = isRowMajor(shape, strides) ? this.size : reachOf(shape, strides);
    const begin = offset * each;
    const bytes = storage.bytes();
    const [file, at] = storage.bigEndian
      ? [swapped(bytes.subarray(begin, begin + size * each), each), 0]
      : [bytes, begin];
    const values = decodeEntry(file, { name, dtype, size, begin: at }, op);
    return tensor(inRows(values, shape, strides), { shape });
  }
}
