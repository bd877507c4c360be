import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { parseSafetensors, type SafetensorsLimits } from "../../src/io/safetensors-header.js";
import { entry, file } from "./safetensors-file.js";

function refusal(bytes: Uint8Array, limits?: SafetensorsLimits): string {
  try {
    parseSafetensors(bytes, limits);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  throw new Error("the file was accepted");
}

describe("a right header", () => {
  it("gives the entries in the order of their data, whatever the order of the keys", () => {
    const bytes = file(
      `{"b":${entry("F32", "[2,1]", 4, 12)},"__metadata__":{"k":"v"},"a":${entry("I32", "[]", 0, 4)}}`,
      12,
    );
    const begin = bytes.length - 12;
    expect(parseSafetensors(bytes)).toEqual({
      entries: [
        { name: "a", dtype: "I32", shape: [], size: 1, begin, end: begin + 4 },
        { name: "b", dtype: "F32", shape: [2, 1], size: 2, begin: begin + 4, end: begin + 12 },
      ],
      metadata: new Map([["k", "v"]]),
    });
  });

  it("may be empty, padded with white space, and hold tensors without elements", () => {
    expect(parseSafetensors(file("{}")).entries).toEqual([]);
    expect(parseSafetensors(file("{} \r\n\t")).entries).toEqual([]);
    const bytes = file(
      `{"a":${entry("F32", "[0,3]", 0, 0)},"b":${entry("U8", "[4]", 0, 4)},"c":${entry("F64", "[0]", 4, 4)}}`,
      4,
    );
    expect(parseSafetensors(bytes).entries.map(({ name, size }) => [name, size])).toEqual([
      ["a", 0],
      ["b", 4],
      ["c", 0],
    ]);
  });

  it("decodes escapes, keeps a byte order mark inside a name, and is not fooled by __proto__", () => {
    const bytes = file(
      `{"\\u0061\\n\\ud83d\\ude00":${entry("U8", "[1]", 0, 1)},"\ufeffx":${entry("U8", "[1]", 1, 2)},` +
        `"__proto__":${entry("U8", "[1]", 2, 3)},"__metadata__":{"__proto__":"p"}}`,
      3,
    );
    const { entries, metadata } = parseSafetensors(bytes);
    expect(entries.map(({ name }) => name)).toEqual(["a\n😀", "\ufeffx", "__proto__"]);
    expect(metadata).toEqual(new Map([["__proto__", "p"]]));
  });

  it("is found in a file that does not begin its buffer", () => {
    const bytes = file(`{"a":${entry("U8", "[2]", 0, 2)}}`, 2);
    const buffer = new Uint8Array(bytes.length + 3);
    buffer.set(bytes, 3);
    expect(parseSafetensors(buffer.subarray(3))).toEqual(parseSafetensors(bytes));
  });
});

describe("the length of the header", () => {
  const withLength = (length: bigint) => {
    const bytes = file("{}");
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };

  it("must be there", () => {
    expect(refusal(new Uint8Array(7))).toMatch(/at least 8 bytes, got a file of 7 bytes/);
  });
  it("must not exceed the file, the limit or 2^53", () => {
    expect(refusal(withLength(3n))).toMatch(/header of 3 bytes, got 2 bytes.*truncated/);
    expect(refusal(withLength(2n ** 64n - 1n))).toMatch(/got a header of 18446744073709551615 b/);
    expect(refusal(withLength(2n), { maxHeaderBytes: 1 })).toMatch(/at most 1 bytes.*maxHeaderB/);
    expect(parseSafetensors(withLength(2n), { maxHeaderBytes: 2 }).entries).toEqual([]);
  });
  it("must not be zero, and the header begins with a brace", () => {
    expect(refusal(new Uint8Array(8))).toMatch(/got an empty header/);
    expect(refusal(file(" {}"))).toMatch(/begins with "\{", got byte 0x20/);
    expect(refusal(file("\ufeff{}"))).toMatch(/got byte 0xef/);
    expect(refusal(file("[]"))).toMatch(/got byte 0x5b/);
  });
});

describe("the JSON of the header", () => {
  const u8 = entry("U8", "[1]", 0, 1);
  it.each([
    ["an open object", `{`, /expected a string, a key in the header, got the end at byte 9/],
    ["an open string", `{"a`, /closing quote for a key in the header begun at byte 9/],
    ["a string that ends in a backslash", `{"a\\`, /closing quote/],
    ["a trailing comma", `{"a":${u8},}`, /a key in the header, got "}" at byte 61/],
    ["a missing comma", `{"a":${u8} "b":${u8}}`, /or "," in the header, got "\\""/],
    ["a missing colon", `{"a" ${u8}}`, /":" after the key "a"/],
    ["text after the object", `{} x`, /nothing but white space.*got "x" at byte 11/],
    ["a zero after the object", `{}\0`, /got byte 0x00 at byte 10/],
    ["two objects", `{}{}`, /nothing but white space/],
    ["a comment", `{/**/}`, /got "\/"/],
    ["a control character in a name", `{"a\n":${u8}}`, /no control character.*byte 0x0a/],
    ["a wrong escape", `{"\\x61":${u8}}`, /JSON escapes in a key/],
    ["a short escape", `{"\\u61":${u8}}`, /JSON escapes in a key/],
    ["half a surrogate pair", `{"\\ud800":${u8}}`, /half a surrogate pair/],
    ["white space that JSON does not know", `{\u00a0}`, /got byte 0xc2/],
    ["a tensor that is an array", `{"a":[]}`, /"\{" tensor "a", got "\["/],
    ["a tensor that is null", `{"a":null}`, /"\{" tensor "a", got "n"/],
    ["deep nesting", `{"a":${"[".repeat(100_000)}`, /"\{" tensor "a", got "\["/],
    ["metadata that is null", `{"__metadata__":null}`, /"\{" __metadata__, got "n"/],
    ["metadata of numbers", `{"__metadata__":{"a":1}}`, /the value of __metadata__ "a", got "1"/],
    ["metadata with objects", `{"__metadata__":{"a":{}}}`, /the value of __metadata__ "a"/],
  ])("refuses %s", (_, header, message) => {
    expect(refusal(file(header, 1))).toMatch(message);
  });

  it("refuses what is not UTF-8", () => {
    const around = (...middle: number[]) =>
      file(new Uint8Array([0x7b, 0x22, ...middle, 0x22, 0x3a, 0x7b, 0x7d, 0x7d]));
    for (const middle of [
      [0xff],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xe2, 0x82],
      [0xf4, 0x90, 0x80, 0x80],
    ]) {
      expect(refusal(around(...middle))).toMatch(/a key in the header in UTF-8.*byte 9/);
    }
  });

  it.each([
    ["tensors", `{"a":${u8},"a":${u8}}`, /every key of the header once, got "a" again at byte 61/],
    ["tensors, hidden by an escape", `{"a":${u8},"\\u0061":${u8}}`, /got "a" again/],
    ["metadata blocks", `{"__metadata__":{},"__metadata__":{}}`, /got "__metadata__" again/],
    ["metadata keys", `{"__metadata__":{"k":"1","\\u006b":"2"}}`, /of __metadata__ once, got "k"/],
    ["keys called __proto__", `{"__proto__":${u8},"__proto__":${u8}}`, /got "__proto__" again/],
    [
      "keys of a tensor",
      `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"sh\\u0061pe":[2]}}`,
      /every key of tensor "a" once, got "shape" again/,
    ],
  ])("refuses equal %s", (_, header, message) => {
    expect(refusal(file(header, 1))).toMatch(message);
  });
});

describe("an entry", () => {
  const one = (text: string, dataBytes = 4) => refusal(file(`{"w":${text}}`, dataBytes));

  it("has exactly its three keys", () => {
    expect(one(`{"dtype":"F32","shape":[1]}`)).toMatch(/in tensor "w", got no data_offsets/);
    expect(one(`{"dtype":"F32","data_offsets":[0,4]}`)).toMatch(/got no shape/);
    expect(one(`{"shape":[1],"data_offsets":[0,4]}`)).toMatch(/got no dtype/);
    expect(one(`{"dtype":"F32","shape":[1],"offsets":[0,4]}`)).toMatch(
      /only dtype, .*got "offsets"/,
    );
  });
  it("has a dtype that can be read", () => {
    for (const dtype of ["F8_E4M3", "C64", "f32", "", "constructor", "__proto__"]) {
      expect(one(entry(dtype, "[1]", 0, 4))).toContain(`one of F64, F32, F16`);
      expect(one(entry(dtype, "[1]", 0, 4))).toContain(`got ${JSON.stringify(dtype)}`);
    }
    expect(one(`{"dtype":1,"shape":[1],"data_offsets":[0,4]}`)).toMatch(/dtype of tensor "w", got/);
  });
  it.each([
    "-1",
    "1.0",
    "1.5",
    "1e2",
    "01",
    "-0",
    "+1",
    "9007199254740992",
    "1e999",
    "9".repeat(99),
  ])("refuses %s as a length or an offset", (number) => {
    expect(one(entry("F32", `[${number}]`, 0, 4))).toMatch(/from 0 to 2\^53 - 1 in shape of/);
    expect(one(entry("F32", "[1]", number, 4))).toMatch(/from 0 to 2\^53 - 1 in data_offsets of/);
  });
  it.each([`["1"]`, "[[1]]", "[null]", "[1,]", "[,1]", "{}", `"[1]"`, "[1 1]", "[NaN]"])(
    "refuses the shape %s",
    (shape) => expect(one(entry("F32", shape, 0, 4))).toMatch(/shape of tensor "w"/),
  );
  it("names the offending number, but not the whole of a hostile one", () => {
    expect(one(entry("F32", "[-1.5e3]", 0, 4))).toContain("got -1.5e3 at byte");
    expect(one(entry("F32", `[${"1".repeat(100_000)}]`, 0, 4)).length).toBeLessThan(300);
  });
  it("holds fewer bytes than a number can count", () => {
    expect(one(entry("F32", "[4503599627370496,4]", 0, 4))).toMatch(/fewer than 2\^53 bytes/);
    expect(one(entry("F32", "[9007199254740991]", 0, 4))).toMatch(/fewer than 2\^53 bytes/);
    expect(one(entry("F32", "[9007199254740991,9007199254740991,0]", 0, 0))).toMatch(/fewer than/);
    expect(one(entry("F32", "[67108864,67108864,67108864,67108864]", 0, 4))).toMatch(/fewer than/);
  });
  it("has at most 64 axes", () => {
    const ones = (axes: number) => `[${Array(axes).fill(1).join(",")}]`;
    expect(one(entry("F32", ones(65), 0, 4))).toMatch(/at most 64 numbers in shape/);
    expect(parseSafetensors(file(`{"w":${entry("F32", ones(64), 0, 4)}}`, 4)).entries).toHaveLength(
      1,
    );
  });
  it("has offsets that agree with its shape and dtype", () => {
    expect(one(entry("F32", "[1]", 0, 8), 8)).toMatch(
      /expected 4 bytes.*got data_offsets \[0, 8\]/,
    );
    expect(one(entry("BF16", "[3]", 0, 4))).toMatch(
      /expected 6 bytes for tensor "w" \(BF16 \[3\]\)/,
    );
    expect(one(entry("F32", "[]", 0, 0), 0)).toMatch(/expected 4 bytes/);
    expect(one(entry("U8", "[1]", 4, 3))).toMatch(/begin <= end, got \[4, 3\]/);
    expect(one(`{"dtype":"U8","shape":[1],"data_offsets":[0]}`)).toMatch(
      /\[begin, end\].*got \[0\]/,
    );
    expect(one(`{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}`)).toMatch(/at most 2 numbers/);
  });
});

describe("the data", () => {
  const two = (a: [number, number], b: [number, number], dataBytes: number) =>
    refusal(
      file(
        `{"a":${entry("U8", `[${a[1] - a[0]}]`, ...a)},"b":${entry("U8", `[${b[1] - b[0]}]`, ...b)}}`,
        dataBytes,
      ),
    );

  it("has no hole, no overlap and nothing before or after it", () => {
    expect(two([0, 2], [3, 5], 5)).toMatch(
      /"b" to begin at byte 2 .*got byte 3, which leaves a hole/,
    );
    expect(two([0, 3], [2, 5], 5)).toMatch(/"b" to begin at byte 3 .*got byte 2, inside another/);
    expect(two([0, 4], [0, 4], 4)).toMatch(/inside another tensor/);
    expect(two([1, 2], [2, 5], 5)).toMatch(/"a" to begin at byte 0 .*got byte 1/);
    expect(two([0, 4], [2, 2], 4)).toMatch(/inside another tensor/);
    expect(two([0, 2], [2, 5], 6)).toMatch(/expected 5 bytes of data.*got 6.*appended/);
    expect(two([0, 2], [2, 5], 4)).toMatch(/expected 5 bytes of data.*got 4.*truncated/);
    expect(refusal(file("{}", 1))).toMatch(/expected 0 bytes of data.*got 1/);
  });
});

describe("limits", () => {
  const many = (count: number) =>
    file(`{${Array.from({ length: count }, (_, i) => `"${i}":${entry("F32", "[0]", 0, 0)}`)}}`);

  it("count tensors and metadata", () => {
    expect(parseSafetensors(many(3), { maxTensors: 3 }).entries).toHaveLength(3);
    expect(refusal(many(4), { maxTensors: 3 })).toMatch(/at most 3 tensors, got one more, "3"/);
    expect(refusal(many(16_385))).toMatch(/at most 16384 tensors/);
    const metadata = file(`{"__metadata__":{"a":"","b":"","c":""}}`);
    expect(refusal(metadata, { maxTensors: 2 })).toMatch(/at most 2 keys in __metadata__/);
  });
  it("must themselves be sensible", () => {
    for (const bad of [-1, 1.5, NaN, 100_000_001]) {
      expect(() => parseSafetensors(file("{}"), { maxHeaderBytes: bad })).toThrow(OptionError);
    }
    expect(() => parseSafetensors(file("{}"), { maxTensors: -1 })).toThrow(OptionError);
    expect(() => parseSafetensors(new ArrayBuffer(8) as never)).toThrow(
      /got an object \(ArrayBuffer\)/,
    );
  });
  it("keep a message short, however long a name is", () => {
    expect(refusal(file(`{"${"n".repeat(1_000_000)}":1}`)).length).toBeLessThan(400);
  });
});
