// Round trips of anything that can be saved; and whatever the bytes are, a FormatError or tensors,
// with no more memory for values than four times the file (U8 read as int32).

import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FormatError } from "../../src/core/errors.js";
import { decodeEntry, encodeSafetensors } from "../../src/io/safetensors-bytes.js";
import { parseSafetensors } from "../../src/io/safetensors-header.js";

const name = fc.string({ unit: "binary", maxLength: 12 }).filter((text) => text !== "__metadata__");

const plainTensor = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    dtype: fc.constantFrom("float32" as const, "int32" as const),
    seed: fc.integer(),
  })
  .map(({ shape, dtype, seed }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const words = Int32Array.from({ length: size }, (_, i) => Math.imul(seed + i, 0x9e3779b1));
    const data = (out: Float32Array | Int32Array) =>
      new Int32Array(out.buffer, out.byteOffset, out.length).set(words);
    return { dtype, shape, size, data, words: [...words] };
  });

const state = fc.dictionary(name, plainTensor, { noNullPrototype: false, maxKeys: 6 });
const notes = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), {
  maxKeys: 3,
});
const saved = fc
  .tuple(state, notes)
  .map(([tensors, metadata]) =>
    encodeSafetensors(new Map(Object.entries(tensors)), new Map(Object.entries(metadata))),
  );

/** Reads everything; true when the bytes were a file, false when they were refused as one. */
function isRead(bytes: Uint8Array): boolean {
  try {
    for (const entry of parseSafetensors(bytes).entries) decodeEntry(bytes, entry);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

afterEach(() => vi.unstubAllGlobals());

/** Counts the bytes of every Float32Array and Int32Array made by length. */
function countAllocations() {
  const counter = { bytes: 0 };
  for (const type of ["Float32Array", "Int32Array"] as const) {
    vi.stubGlobal(
      type,
      new Proxy(globalThis[type], {
        construct(target, args: [number]) {
          if (typeof args[0] === "number") counter.bytes += args[0] * 4;
          return Reflect.construct(target, args) as object;
        },
      }),
    );
  }
  return counter;
}

function readWithinBounds(bytes: Uint8Array): boolean {
  const counter = countAllocations();
  const read = isRead(bytes);
  vi.unstubAllGlobals();
  expect(counter.bytes).toBeLessThanOrEqual(4 * bytes.length);
  return read;
}

describe("safetensors", () => {
  it("gives back what was written", () => {
    fc.assert(
      fc.property(state, notes, (tensors, metadata) => {
        const bytes = encodeSafetensors(
          new Map(Object.entries(tensors)),
          new Map(Object.entries(metadata)),
        );
        const read = parseSafetensors(bytes);
        expect(new Map(read.metadata)).toEqual(new Map(Object.entries(metadata)));
        expect(read.entries.length).toBe(Object.keys(tensors).length);
        for (const entry of read.entries) {
          const { dtype, shape, words } = tensors[entry.name]!;
          const values = decodeEntry(bytes, entry);
          expect(entry.shape).toEqual(shape);
          expect(values instanceof Float32Array).toBe(dtype === "float32");
          expect([...new Int32Array(values.buffer, values.byteOffset, values.length)]).toEqual(
            words,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("meets random bytes with a FormatError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !readWithinBounds(bytes)),
      { numRuns: 500 },
    );
  });

  it("meets a right length and random text with a FormatError or a reading", () => {
    const alphabet = fc.constantFrom(
      ...["{", "}", "[", "]", ",", ":", '"', "\\", "0", "1", "9".repeat(15), "-", " ", "\u00e9"],
      ...[
        '"dtype"',
        '"F32"',
        '"U8"',
        '"shape"',
        '"data_offsets"',
        '"__metadata__"',
        '"a"',
        "\\u0061",
      ],
    );
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 40 }), fc.nat(20), (parts, dataBytes) => {
        const header = new TextEncoder().encode(`{${parts.join("")}`);
        const bytes = new Uint8Array(8 + header.length + dataBytes);
        new DataView(bytes.buffer).setUint32(0, header.length, true);
        bytes.set(header, 8);
        readWithinBounds(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it("meets mutated files with a FormatError or a reading", () => {
    const mutation = fc.oneof(
      fc.record({ at: fc.nat(), remove: fc.nat(9), insert: fc.uint8Array({ maxLength: 9 }) }),
      fc.record({
        at: fc.nat(),
        remove: fc.nat(2),
        insert: fc.constantFrom("0", "9", "]", '"', ",", "{", "-", "e").map((c) => Buffer.from(c)),
      }),
    );
    let read = 0;
    fc.assert(
      fc.property(saved, fc.array(mutation, { minLength: 1, maxLength: 3 }), (file, mutations) => {
        let bytes = file as Uint8Array;
        for (const { at, remove, insert } of mutations) {
          const begin = at % (bytes.length + 1);
          const after = bytes.subarray(begin + remove);
          bytes = Uint8Array.from([...bytes.subarray(0, begin), ...insert, ...after]);
        }
        if (readWithinBounds(bytes)) read++;
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(0); // some mutations only change values, so both ways are covered
  });

  it("refuses every truncation and every appended byte", () => {
    fc.assert(
      fc.property(saved, (file) => {
        for (let length = 0; length < file.length; length++) {
          expect(isRead(file.subarray(0, length))).toBe(false);
        }
        expect(isRead(Uint8Array.from([...file, 0]))).toBe(false);
        expect(isRead(file)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
