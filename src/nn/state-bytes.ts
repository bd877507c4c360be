// A recurrent state as bytes: for a database, a message, a Durable Object. Little-endian:
// "hsst", version, checksum of all that follows, length of the cell's name, its UTF-8 bytes padded to four,
// count of sizes, the sizes, the values as float32.
import { described } from "../core/described.js";
import { FormatError } from "../core/errors.js";

const MAGIC = 0x74737368; // "hsst"
const VERSION = 1;
const OP = "stream.fromBytes";

/** Which stream a state is of. */
export interface StateHeader {
  readonly cell: string;
  /** Parts, layers, rows, hidden; behind them the size of h where it is another. */
  readonly sizes: readonly number[];
  /** How many numbers the state has. */
  readonly values: number;
}

export function writeStateBytes(header: StateHeader, slabs: readonly Float32Array[]): Uint8Array {
  const head = describe(header);
  const count = slabs.reduce((sum, slab) => sum + slab.length, 0);
  const bytes = new Uint8Array(12 + head.length + count * 4);
  const view = new DataView(bytes.buffer);
  bytes.set(head, 12);
  let at = 12 + head.length;
  for (const slab of slabs)
    for (const value of slab) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, checksum(bytes.subarray(12)), true);
  return bytes;
}

/** The values, once everything about the bytes is in order. */
export function readStateBytes(bytes: Uint8Array, header: StateHeader): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== MAGIC)
    throw new FormatError({
      op: OP,
      expected: "bytes that toBytes() gave",
      got: `${bytes.length} other bytes`,
    });
  if (view.getUint32(4, true) !== VERSION)
    throw new FormatError({
      op: OP,
      expected: `state version ${VERSION}`,
      got: described(view.getUint32(4, true)),
    });
  if (view.getUint32(8, true) !== checksum(bytes.subarray(12)))
    throw new FormatError({
      op: OP,
      expected: "undamaged bytes",
      got: "bytes that do not match their checksum",
    });
  const head = describe(header);
  const count = header.values;
  const same = head.every((byte, i) => bytes[12 + i] === byte);
  if (!same || bytes.length !== 12 + head.length + count * 4)
    throw new FormatError({
      op: OP,
      expected: `the state of a ${header.cell} with parts, layers, rows, hidden = ${header.sizes.join(", ")}`,
      got: "that of another stream, or of other rows",
    });
  return Float32Array.from({ length: count }, (_, i) =>
    view.getFloat32(12 + head.length + i * 4, true),
  );
}

function describe({ cell, sizes }: StateHeader): Uint8Array {
  const name = new TextEncoder().encode(cell);
  const padded = Math.ceil(name.length / 4) * 4;
  const bytes = new Uint8Array(8 + padded + sizes.length * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, name.length, true);
  bytes.set(name, 4);
  view.setUint32(4 + padded, sizes.length, true);
  sizes.forEach((size, i) => view.setUint32(8 + padded + i * 4, size, true));
  return bytes;
}

/** FNV-1a, 32 bits. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
