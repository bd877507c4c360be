// Zip archives from outside, zip64 too: the directory is read and checked here, before anything is unpacked; fflate inflates.
// What is stored as it is, as PyTorch and np.savez do, comes as a view.
import { inflateSync } from "fflate";
import { byteFaults } from "../core/byte-fault.js";
import { quoted } from "../core/code-points.js";
import { appearance } from "./appearance.js";
import { crc32 } from "./crc32.js";

export interface ZipEntry {
  readonly name: string;
  /** Where its data begin in the archive. */
  readonly begin: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes unpacked. */
  readonly size: number;
  readonly deflated: boolean;
  readonly crc: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const END_BYTES = 22;
const MOST_COMMENT = 0xffff;
/** In place of a number that stands in the extra field of zip64. */
const ELSEWHERE = 0xffffffff;
/** Deflate's best: 258 bytes of 2 bits, which is below 1032 : 1. A header that says more lies. */
const MOST_RATIO = 1032;
const MOST_BYTES = 0x7fffffff;

const TRUNCATED = "The file is truncated or damaged: copy or download it again.";

/** A zip archive of one format, whose reader is `op`. */
export class ZipArchive {
  /** By name, in the order of the directory. */
  readonly entries = new Map<string, ZipEntry>();

  /**
   * @param what the format, for the error about a file that is another one: `"a .npz file"`
   * @param name the file's name, for errors
   * @throws FormatError
   */
  constructor(
    private readonly op: string,
    private readonly bytes: Uint8Array,
    what: string,
    private readonly name: string,
  ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isZip(bytes)) {
      const { what: got = "something else", cure } = appearance(bytes);
      throw this.fault(0, what, got, cure);
    }
    let { at, count } = this.#directory(view, this.#end(view));
    let packed = 0;
    for (; count > 0; count--) {
      const { entry, next } = this.#entry(view, at);
      // Else a short archive could name one part a million times.
      packed += entry.packed;
      if (this.entries.has(entry.name) || packed > bytes.length)
        throw this.fault(at, "parts of different names and places", quoted(entry.name), TRUNCATED);
      this.entries.set(entry.name, entry);
      at = next;
    }
  }

  fault(byte: number, expected: string, got: string, cure?: string) {
    return byteFaults(this.op)(this.name, byte, expected, got, cure);
  }

  /**
   * What a part holds: a view where it is stored as it is.
   *
   * @throws FormatError where it is damaged
   */
  read(entry: ZipEntry): Uint8Array {
    const { begin, packed, size, deflated, crc, name } = entry;
    const raw = this.bytes.subarray(begin, begin + packed);
    const data = deflated ? this.#inflated(raw, entry) : raw;
    // Without a checksum: PyTorch writes so where it is told to be quick.
    if (data.length !== size || (crc !== 0 && crc32(data) !== crc))
      throw this.fault(begin, `the data of ${quoted(name)}`, "other bytes", TRUNCATED);
    return data;
  }

  #inflated(raw: Uint8Array, { begin, size, name }: ZipEntry): Uint8Array {
    try {
      return inflateSync(raw, { out: new Uint8Array(size) });
    } catch (cause) {
      const fault = this.fault(begin, `${quoted(name)} deflated`, "other bytes", TRUNCATED);
      fault.cause = cause;
      throw fault;
    }
  }

  /** Where the end of the directory is: behind it stands a comment at the most. */
  #end(view: DataView): number {
    const last = view.byteLength - END_BYTES;
    for (let at = last; at >= Math.max(0, last - MOST_COMMENT); at--)
      if (
        view.getUint32(at, true) === END &&
        at + END_BYTES + view.getUint16(at + 20, true) >= view.byteLength
      )
        return at;
    throw this.fault(view.byteLength, "the archive's directory", "the end of the file", TRUNCATED);
  }

  #directory(view: DataView, end: number): { at: number; count: number } {
    const locator = end - 20;
    if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
      const at = this.#number64(view, locator + 8);
      this.#need(view, at, 56, END_64, "the directory's end");
      return { at: this.#number64(view, at + 48), count: this.#number64(view, at + 32) };
    }
    return { at: view.getUint32(end + 16, true), count: view.getUint16(end + 10, true) };
  }

  #entry(view: DataView, at: number): { entry: ZipEntry; next: number } {
    this.#need(view, at, 46, CENTRAL, "an entry of the directory");
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((by) =>
      view.getUint16(at + by, true),
    ) as [number, number, number];
    const next = at + 46 + nameBytes + extraBytes + commentBytes;
    if (next > view.byteLength)
      throw this.fault(at, "an entry of the directory", "the end of the file", TRUNCATED);
    const name = this.#text(at + 46, nameBytes);
    const extra = at + 46 + nameBytes;
    // In the order in which zip64 has them, where they are not here.
    const [size, packed, offset] = this.#numbers(
      view,
      [24, 20, 42].map((by) => view.getUint32(at + by, true)),
      extra,
      extra + extraBytes,
    );
    const method = view.getUint16(at + 10, true);
    if (view.getUint16(at + 8, true) & 1)
      throw this.fault(at, "an archive without a password", `${quoted(name)}, encrypted`);
    if (method !== 0 && method !== 8)
      throw this.fault(
        at,
        "parts stored or deflated",
        `method ${method} (${quoted(name)})`,
        "Pack the archive anew by another program.",
      );
    this.#need(view, offset!, 30, LOCAL, quoted(name));
    const begin =
      offset! + 30 + view.getUint16(offset! + 26, true) + view.getUint16(offset! + 28, true);
    const deflated = method === 8;
    const most = deflated ? Math.min(packed! * MOST_RATIO, MOST_BYTES) : packed!;
    if (begin + packed! > view.byteLength || size! > most)
      throw this.fault(
        at,
        `${quoted(name)} within the file`,
        `${packed} bytes at ${begin}, ${size} unpacked`,
        TRUNCATED,
      );
    return {
      entry: {
        name,
        begin,
        packed: packed!,
        size: size!,
        deflated,
        crc: view.getUint32(at + 16, true),
      },
      next,
    };
  }

  #numbers(view: DataView, short: number[], extra: number, end: number): number[] {
    if (!short.includes(ELSEWHERE)) return short;
    for (let at = extra; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
      if (view.getUint16(at, true) !== 1) continue;
      let next = at + 4;
      return short.map((value) => {
        if (value !== ELSEWHERE) return value;
        if (next + 8 > end)
          throw this.fault(next, "a number of zip64", "the end of the field", TRUNCATED);
        next += 8;
        return this.#number64(view, next - 8);
      });
    }
    throw this.fault(extra, "numbers of zip64", "none", TRUNCATED);
  }

  #number64(view: DataView, at: number): number {
    return Number(view.getBigUint64(at, true));
  }

  #need(view: DataView, at: number, bytes: number, signature: number, what: string): void {
    if (!(at + bytes <= view.byteLength) || view.getUint32(at, true) !== signature)
      throw this.fault(
        Math.min(at, view.byteLength),
        what,
        "other bytes, or the end of the file",
        TRUNCATED,
      );
  }

  #text(at: number, length: number): string {
    return new TextDecoder().decode(this.bytes.subarray(at, at + length));
  }
}

/** Whether a file begins as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2]! < 8 && bytes.length >= END_BYTES;
}
