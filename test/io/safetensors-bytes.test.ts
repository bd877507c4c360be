import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { decodeEntry, encodeSafetensors } from "../../src/io/safetensors-bytes.js";
import type { ReadableArray } from "../../src/io/safetensors-dtypes.js";
import { parseSafetensors } from "../../src/io/safetensors-header.js";
import { entry, fileOf } from "./safetensors-file.js";

function readAll(bytes: Uint8Array) {
  const { entries, metadata } = parseSafetensors(bytes);
  const tensors = new Map(
    entries.map((entry) => [entry.name, { shape: entry.shape, values: decodeEntry(bytes, entry) }]),
  );
  return { tensors, metadata };
}

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
}

/** The bits of the floats: tells −0 from 0 and one NaN from another. */
function bits(values: ReadableArray): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

function source(values: ReadableArray, shape = [values.length]) {
  const dtype = values instanceof Float32Array ? ("float32" as const) : ("int32" as const);
  const data = (out: ReadableArray) =>
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  return { dtype, shape, size: values.length, data };
}

describe("files of an independent writer", () => {
  it("gives every dtype at an odd offset, exactly", () => {
    const { tensors } = readAll(fixture("every-dtype.safetensors"));
    const value = (name: string) => tensors.get(name)!.values;
    const f32 = new Float32Array([0, -0, 1, -2.5, 0.1, Infinity, -Infinity, NaN]);
    expect(bits(value("f32"))).toEqual(bits(f32));
    expect(tensors.get("f32")!.shape).toEqual([2, 4]);
    // 1e-45 rounds up to the smallest subnormal, the last but one to infinity (ties to even), 2^24 + 1 down.
    expect([...value("f64")]).toEqual([0, -0, 1, -2.5, 2 ** -149, Infinity, Infinity, 16777216]);
    expect(bits(value("f16")).map((word) => word.toString(16))).toEqual(
      // 2^-24, -1023 · 2^-24, 2^-14, 1, 65504, -Infinity, a NaN with its payload, 0.333…
      [
        "0",
        "80000000",
        "33800000",
        "b87fc000",
        "38800000",
        "3f800000",
        "477fe000",
        "ff800000",
      ].concat(["7fc02000", "3eaaa000"]),
    );
    expect(bits(value("bf16"))).toEqual(
      [0x0000, 0x8000, 0x0001, 0x3f80, 0xc020, 0x7f7f, 0xff80, 0x7fc1].map((half) => half * 65536),
    );
    const integers = ["bool", "i64", "u64", "i32", "u32", "i16", "u16", "i8", "u8"];
    expect(Object.fromEntries(integers.map((name) => [name, [...value(name)]]))).toEqual({
      bool: [1],
      i64: [-(2 ** 31), -1, 2 ** 31 - 1],
      u64: [0, 2 ** 31 - 1],
      i32: [-(2 ** 31), 0, 2 ** 31 - 1],
      u32: [0, 2 ** 31 - 1],
      i16: [-(2 ** 15), 7, 2 ** 15 - 1],
      u16: [0, 2 ** 16 - 1],
      i8: [-128, 5, 127],
      u8: [0, 128, 255],
    });
    for (const name of integers) expect(value(name)).toBeInstanceOf(Int32Array);
  });

  it("gives scalars, empty tensors and any name", () => {
    const { tensors, metadata } = readAll(fixture("names.safetensors"));
    expect([...tensors].map(([name, { shape, values }]) => [name, shape, [...values]])).toEqual([
      ["scalar", [], [1.5]],
      ["empty", [3, 0, 2], []],
      ["", [1], [1]],
      ['вес.😀\n"quoted\\', [1], [2.5]],
      ["__proto__", [1], [3.5]],
      ["constructor", [1], [4]],
    ]);
    expect([...metadata]).toEqual([
      ["format", "pt"],
      ["__proto__", "kept"],
      ["decoder.weight", "scalar"],
    ]);
  });
});

describe("every F16 value", () => {
  it("is widened as IEEE 754 says", () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = readAll(fileOf("F16", [65536], halves)).tensors.get("x")!.values;
    for (let half = 0; half < 65536; half++) {
      const sign = half & 0x8000 ? -1 : 1;
      const exponent = (half >> 10) & 31;
      const fraction = half & 1023;
      let expected =
        sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
      if (exponent === 31) expected = fraction ? NaN : sign * Infinity;
      if (!Object.is(values[half], expected))
        expect([half, values[half]]).toEqual([half, expected]);
    }
  });
});

describe("integers beyond int32", () => {
  it.each([
    ["I64", new BigInt64Array([0n, 2n ** 31n]), "2147483648 at index 1"],
    ["I64", new BigInt64Array([-(2n ** 31n) - 1n]), "-2147483649 at index 0"],
    ["I64", new BigInt64Array([2n ** 32n]), "4294967296 at index 0"],
    ["U64", new BigUint64Array([2n ** 64n - 1n]), "18446744073709551615 at index 0"],
    ["U64", new BigUint64Array([2n ** 31n]), "2147483648 at index 0"],
    ["U32", new Uint32Array([1, 2, 2 ** 31]), "2147483648 at index 2"],
    ["BOOL", new Uint8Array([0, 1, 2]), "2 at index 2"],
  ])("are refused: %s %o", (dtype, raw, got) => {
    const bytes = fileOf(dtype, [raw.length], raw);
    expect(() => readAll(bytes)).toThrow(FormatError);
    expect(() => readAll(bytes)).toThrow(`got ${got}.`);
  });
});

describe("a tensor that WebAssembly memory cannot hold", () => {
  it("is refused before an array is made for it", () => {
    const size = 2 ** 29;
    const huge = { name: "x", dtype: "U8", shape: [size], size, begin: 0, end: size };
    expect(() => decodeEntry(new Uint8Array(8), huge)).toThrow(/at most 536870911 elements.*"x"/);
  });
});

describe("reading F32", () => {
  it("takes aligned values where they are and copies others", () => {
    for (const padding of ["", " ", "  ", "   "]) {
      const bytes = fileOf("F32", [3], new Float32Array([1.5, NaN, -3]), padding);
      const { values } = readAll(bytes).tensors.get("x")!;
      expect([...values]).toEqual([1.5, NaN, -3]);
      expect(values.buffer === bytes.buffer).toBe((bytes.length - 12) % 4 === 0);
    }
  });
});

describe("encodeSafetensors", () => {
  it("writes the header as the reference writer does: floats first, then by name, padded to 8", () => {
    const bytes = encodeSafetensors(
      new Map([
        ["b", source(new Float32Array([1, 2]), [2, 1])],
        ["ids", source(new Int32Array([-1]))],
        ["a", source(new Float32Array([0.5]), [])],
      ]),
      new Map([["format", "pt"]]),
    );
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    const text =
      `{"__metadata__":{"format":"pt"},"a":${entry("F32", "[]", 0, 4)},` +
      `"b":${entry("F32", "[2,1]", 4, 12)},"ids":${entry("I32", "[1]", 12, 16)}}`;
    expect(header).toBe(text.padEnd(Math.ceil(text.length / 8) * 8, " "));
    expect([...new Float32Array(bytes.buffer, 8 + length, 3)]).toEqual([0.5, 1, 2]);
    expect([...new Int32Array(bytes.buffer, 8 + length + 12)]).toEqual([-1]);
  });

  it("gives the same bytes in whatever order tensors and metadata come", () => {
    const tensors: [string, ReturnType<typeof source>][] = ["\u{1f600}", "\uffee", "z", "é"].map(
      (name, i) => [name, source(new Float32Array([i + 0.25]))],
    );
    const metadata: [string, string][] = [
      ["b", "1"],
      ["a", "2"],
    ];
    const forward = encodeSafetensors(new Map(tensors), new Map(metadata));
    const backward = encodeSafetensors(
      new Map([...tensors].reverse()),
      new Map([...metadata].reverse()),
    );
    expect(backward).toEqual(forward);
    // By code point, as UTF-8 sorts: a surrogate pair comes after U+FFEE.
    expect([...readAll(forward).tensors.keys()]).toEqual(["z", "é", "\uffee", "\u{1f600}"]);
  });

  it("refuses names and metadata that no reader could read", () => {
    const one = (name: string) => new Map([[name, source(new Float32Array(1))]]);
    expect(() => encodeSafetensors(one("__metadata__"), new Map())).toThrow(OptionError);
    expect(() => encodeSafetensors(one("\ud800"), new Map())).toThrow(/a tensor's name.*"\\ud800"/);
    expect(() => encodeSafetensors(one("a"), new Map([["k", "\udc00"]]))).toThrow(/metadata "k"/);
    expect(() => encodeSafetensors(one("a"), new Map([["k", 1 as never]]))).toThrow(
      /number 1.*strin/,
    );
  });
});
