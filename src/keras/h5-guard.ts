// What keeps jsfive within bounds, which trusts the sizes that a file states: its reads of a file are counted, and what it would make is
// measured before it is made. All that it throws becomes a FormatError in h5.ts.
import { unzlibSync } from "fflate";
import { File, Filters, type Dataset, type Group } from "jsfive";
import { sizeOf } from "../core/shape.js";
import { writeH5 } from "./h5-writer.js";

/** Deflate's id among HDF5's filters. */
const DEFLATE = 1;
/** Reads that a small file may take; those of others grow with their bytes. */
const READS = 1 << 16;
/** Bytes read that a small file may take. */
const BYTES = 1 << 24;
/** A chunk may be larger than its array, which grows into it. */
const CHUNK_ROOM = 1 << 16;
/** Numbers that a small file may hold, and a byte of others: zeros deflate well, weights do not. */
const NUMBERS = 1 << 22;
const NUMBERS_A_BYTE = 16;
/** Of a header's message before its data. */
const MESSAGE_BYTES = 4;
const MOST_MESSAGES = 1 << 16;
/** The type of a message that says where more of them are. */
const CONTINUATION = 0x10;

/**
 * A file's bytes, whose pieces are counted: jsfive cuts one out for each node, name and chunk, so that structures which lead back to
 * themselves end here.
 */
class GuardedBuffer extends ArrayBuffer {
  #reads = 0;
  #bytes = 0;

  /** Pieces are plain buffers. */
  static override get [Symbol.species](): ArrayBufferConstructor {
    return ArrayBuffer;
  }

  override slice(begin?: number, end?: number): ArrayBuffer {
    const piece = super.slice(begin, end);
    this.count(piece.byteLength);
    return piece;
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    if (++this.#reads > READS + this.byteLength || this.#bytes > BYTES + 16 * this.byteLength)
      throw new RangeError("its parts refer to each other without an end");
  }
}

/** What jsfive's headers of objects have in common. */
interface Headers {
  readonly fh: GuardedBuffer;
  /** Attributes' shapes, before their values are read. */
  determine_data_shape(buffer: ArrayBuffer, at: number): number[];
  /** A text of an attribute, which any number of others may refer to, too. */
  _vlen_size_and_data(buffer: ArrayBuffer, at: number): [number, ArrayBuffer | undefined];
  _parse_v2_header(buffer: ArrayBuffer, at: number): [Map<string, number>, number, number];
  _parse_v2_objects(buffer: ArrayBuffer, at: number): unknown;
}

let isGuarded = false;

/** Bounds what jsfive reads of headers and attributes, of all files from the first on. */
function guardHeaders(headers: Headers): void {
  const { determine_data_shape, _vlen_size_and_data, _parse_v2_objects } = headers;
  headers.determine_data_shape = function (this: Headers, buffer, at) {
    const shape = determine_data_shape.call(this, buffer, at);
    if (!(sizeOf(shape) <= buffer.byteLength))
      throw new RangeError(`an attribute of ${sizeOf(shape)} values`);
    return shape;
  };
  headers._vlen_size_and_data = function (this: Headers, buffer, at) {
    const found = _vlen_size_and_data.call(this, buffer, at);
    this.fh.count(found[1]?.byteLength ?? 0);
    return found;
  };
  headers._parse_v2_objects = function (this: Headers, buffer, at) {
    countMessages(buffer, this._parse_v2_header(buffer, at));
    return _parse_v2_objects.call(this, buffer, at);
  };
}

/** Follows a header's messages as jsfive does, whose blocks may overlap. */
function countMessages(
  buffer: ArrayBuffer,
  [header, extra, first]: ReturnType<Headers["_parse_v2_header"]>,
): void {
  const view = new DataView(buffer);
  const blocks = [{ begin: first, size: header.get("size_of_chunk_0")! }];
  const seen = new Set([first]);
  let count = 0;
  for (const { begin, size } of blocks)
    for (let at = begin; at < begin + size - MESSAGE_BYTES;) {
      if (++count > MOST_MESSAGES) throw new RangeError("a header without an end");
      const data = at + MESSAGE_BYTES + extra;
      if (view.getUint8(at) === CONTINUATION) {
        const next = Number(view.getBigUint64(data, true)) + 4;
        if (!seen.has(next))
          blocks.push({ begin: next, size: Number(view.getBigUint64(data + 8, true)) - 4 });
        seen.add(next);
      }
      at = data + view.getUint16(at + 1, true);
    }
}

/** A file that jsfive reads within bounds. */
export function openH5(bytes: Uint8Array, name: string): Group {
  const buffer = new GuardedBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  if (!isGuarded) {
    // An empty file has a header, too.
    const empty = new File(writeH5(new Map()).buffer, "");
    guardHeaders(Object.getPrototypeOf(empty._dataobjects) as Headers);
    isGuarded = true;
  }
  return new File(buffer, name);
}

/**
 * An array's numbers. Only as many bytes as they need are made of deflated ones.
 *
 * @param each bytes of a number
 * @param file bytes of the file
 */
export function valuesOf(dataset: Dataset, each: number, file: number): ArrayLike<number> {
  const size = sizeOf(dataset.shape.map(Number));
  const chunk = dataset._dataobjects.chunks?.map(Number);
  if (!(size <= (chunk ? NUMBERS + file * NUMBERS_A_BYTE : file)))
    throw new RangeError(`${size} numbers`);
  if (chunk) {
    const bytes = each * sizeOf(chunk);
    if (!(bytes > 0 && bytes <= CHUNK_ROOM + 4 * size * each))
      throw new RangeError(`chunks of [${chunk.join(", ")}]`);
    Filters.set(DEFLATE, (packed) => {
      const out = new Uint8Array(bytes);
      return unzlibSync(new Uint8Array(packed), { out }).slice().buffer;
    });
  }
  return dataset.value as ArrayLike<number>;
}
