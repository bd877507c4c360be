// HDF5 files of groups and float32 arrays, in the oldest layout, which every reader knows.
// https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
import { byCodePoint } from "../core/code-points.js";

export interface H5Array {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Group {
  readonly children: Map<string, Group | H5Array>;
}

const NOWHERE = 0xffffffffffffffffn;
const SUPERBLOCK_BYTES = 96;
/** Keys and children of a node of a group's tree: half of the most there may be. */
const TREE_K = 16;
const TREE_BYTES = 24 + (2 * TREE_K + 1) * 8 + 2 * TREE_K * 8;
const ENTRY_BYTES = 40;

/** @param arrays by their paths: `"layers/lstm/cell/vars/0"` */
export function writeH5(arrays: ReadonlyMap<string, H5Array>): Uint8Array<ArrayBuffer> {
  const root: Group = { children: new Map() };
  for (const [path, array] of arrays) {
    const parts = path.split("/");
    let group = root;
    for (const part of parts.slice(0, -1)) {
      if (!group.children.has(part)) group.children.set(part, { children: new Map() });
      group = group.children.get(part) as Group;
    }
    group.children.set(parts.at(-1)!, array);
  }
  const writer = new Writer(mostChildren(root));
  writer.superblock(writer.group(root));
  return writer.bytes;
}

function mostChildren(group: Group): number {
  const inner = [...group.children.values()].map((child) =>
    "children" in child ? mostChildren(child) : 0,
  );
  return Math.max(group.children.size, ...inner);
}

class Writer {
  bytes = new Uint8Array(1 << 12);
  #view = new DataView(this.bytes.buffer);
  #end = SUPERBLOCK_BYTES;
  /** A node of symbols holds a whole group: half of the most. */
  readonly #leafK: number;

  constructor(most: number) {
    this.#leafK = Math.max(4, Math.ceil(most / 2));
  }

  superblock(root: Placed): void {
    this.bytes.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
    this.bytes.set([0, 0, 0, 0, 0, 8, 8, 0], 8);
    this.#view.setUint16(16, this.#leafK, true);
    this.#view.setUint16(18, TREE_K, true);
    this.#u64(24, 0);
    this.#view.setBigUint64(32, NOWHERE, true);
    this.#u64(40, this.#end);
    this.#view.setBigUint64(48, NOWHERE, true);
    this.#entry(56, 0, root);
    this.bytes = this.bytes.slice(0, this.#end);
  }

  group({ children }: Group): Placed {
    const sorted = [...children].sort(([a], [b]) => byCodePoint(a, b));
    const placed = sorted.map(([, child]) =>
      "children" in child ? this.group(child) : this.#array(child),
    );
    const names = sorted.map(([name]) => new TextEncoder().encode(name));
    // The heap's texts: an empty one first, each ends with a zero and begins at a multiple of 8.
    const offsets: number[] = [];
    let heapBytes = 8;
    for (const name of names) {
      offsets.push(heapBytes);
      heapBytes += Math.ceil((name.length + 1) / 8) * 8;
    }
    const segment = this.#room(heapBytes);
    names.forEach((name, i) => this.bytes.set(name, segment + offsets[i]!));
    const heap = this.#room(32);
    this.#text(heap, "HEAP");
    this.#u64(heap + 8, heapBytes);
    this.#u64(heap + 16, 1); // no free block
    this.#u64(heap + 24, segment);

    const symbols = this.#room(8 + 2 * this.#leafK * ENTRY_BYTES);
    this.#text(symbols, "SNOD");
    this.bytes[symbols + 4] = 1;
    this.#view.setUint16(symbols + 6, sorted.length, true);
    placed.forEach((child, i) => this.#entry(symbols + 8 + i * ENTRY_BYTES, offsets[i]!, child));

    const tree = this.#room(TREE_BYTES);
    this.#text(tree, "TREE");
    this.#view.setUint16(tree + 6, sorted.length > 0 ? 1 : 0, true);
    this.#view.setBigUint64(tree + 8, NOWHERE, true);
    this.#view.setBigUint64(tree + 16, NOWHERE, true);
    this.#u64(tree + 32, symbols);
    this.#u64(tree + 40, offsets.at(-1) ?? 0);

    const header = this.#header([[0x11, 16]]);
    this.#u64(header + 24, tree);
    this.#u64(header + 32, heap);
    return { header, tree, heap };
  }

  #array({ shape, data }: H5Array): Placed {
    const values = this.#room(data.byteLength);
    this.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), values);
    const [space, type, layout] = [8 + 8 * shape.length, 24, 24];
    const header = this.#header([
      [0x01, space],
      [0x03, type],
      [0x08, layout],
    ]);
    let at = header + 24;
    this.bytes.set([1, shape.length], at);
    shape.forEach((size, axis) => this.#u64(at + 8 + 8 * axis, size));
    at += space + 8;
    // IEEE float32, little-endian: 8 bits of exponent from bit 23, bias 127.
    this.bytes.set([0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127], at);
    at += type + 8;
    this.bytes.set([3, 1], at);
    // Without numbers there is no place.
    if (data.length > 0) this.#u64(at + 2, values);
    else this.#view.setBigUint64(at + 2, NOWHERE, true);
    this.#u64(at + 10, data.byteLength);
    return { header };
  }

  /** An object's header of messages, whose data come 8 bytes behind where each begins. */
  #header(messages: readonly (readonly [type: number, bytes: number])[]): number {
    const size = messages.reduce((sum, [, bytes]) => sum + 8 + bytes, 0);
    const at = this.#room(16 + size);
    this.bytes[at] = 1;
    this.#view.setUint16(at + 2, messages.length, true);
    this.#view.setUint32(at + 4, 1, true);
    this.#view.setUint32(at + 8, size, true);
    let next = at + 16;
    for (const [type, bytes] of messages) {
      this.#view.setUint16(next, type, true);
      this.#view.setUint16(next + 2, bytes, true);
      next += 8 + bytes;
    }
    return at;
  }

  #entry(at: number, name: number, { header, tree, heap }: Placed): void {
    this.#u64(at, name);
    this.#u64(at + 8, header);
    if (tree === undefined || heap === undefined) return;
    this.#view.setUint32(at + 16, 1, true);
    this.#u64(at + 24, tree);
    this.#u64(at + 32, heap);
  }

  /** Zeros at the end, from a multiple of 8 on. */
  #room(bytes: number): number {
    const at = this.#end;
    this.#end += Math.ceil(bytes / 8) * 8;
    if (this.#end > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.#end, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  #u64(at: number, value: number): void {
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  #text(at: number, text: string): void {
    this.bytes.set(new TextEncoder().encode(text), at);
  }
}

/** Where an object is; of a group also its tree and its names. */
interface Placed {
  readonly header: number;
  readonly tree?: number | undefined;
  readonly heap?: number | undefined;
}
