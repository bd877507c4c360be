// Files of word vectors: those of word2vec.c and gensim, however they are cut and packed, and what is wrong with others.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { WordVectors, type VectorFormat } from "../../src/vectors/index.js";

const fixture = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const written = (vectors: WordVectors, format?: VectorFormat): Uint8Array =>
  Uint8Array.from(Buffer.concat([...vectors.write(format)]));

const reference = await WordVectors.read(fixture("word2vec-c.bin"));

describe("the same vectors", () => {
  it("have the words of word2vec.c", () => {
    expect(reference.size).toBe(11);
    expect(reference.dimension).toBe(5);
    expect([...reference.words()].sort()).toEqual(
      ["</s>", "2024", "X", "cat", "dog", "don't", "mat", "naïve", "sat", "the", "émigré"].sort(),
    );
  });

  it.each(["gensim.bin", "gensim.txt", "gensim-glove.txt"])("come from %s", async (name) => {
    for (const source of [fixture(name), () => fixture(name), gzipSync(fixture(name))]) {
      const read = await WordVectors.read(source);
      expect([...read.words()]).toEqual([...reference.words()]);
      expect(read.values).toEqual(reference.values);
    }
  });

  it("come from word2vec.c's text, to its six digits", async () => {
    const read = await WordVectors.read(fixture("word2vec-c.txt"));
    expect([...read.words()]).toEqual([...reference.words()]);
    read.values.forEach((value, i) =>
      expect(Math.abs(value - reference.values[i]!)).toBeLessThanOrEqual(5.1e-7),
    );
  });

  it.each(["word2vec-c.bin", "gensim.bin", "gensim.txt", "gensim-glove.txt"])(
    "come from %s in chunks cut anywhere",
    async (name) => {
      for (const size of [1, 2, 3, 7, 64]) {
        const read = await WordVectors.read(() => cut(fixture(name), size));
        expect(read.values).toEqual(reference.values);
      }
    },
  );

  it("come from streams, gzipped too", async () => {
    for (const bytes of [fixture("gensim.bin"), new Uint8Array(gzipSync(fixture("gensim.bin")))]) {
      expect((await WordVectors.read(new Response(bytes).body!)).values).toEqual(reference.values);
      const { body } = new Response(bytes);
      const read = await WordVectors.read({ getReader: () => body!.getReader() });
      expect(read.values).toEqual(reference.values);
    }
  });

  it.each(["word2vec-binary", "word2vec-text", "glove"] as const)(
    "are written as %s and read again",
    async (format) => {
      const read = await WordVectors.read(written(reference, format));
      expect([...read.words()]).toEqual([...reference.words()]);
      expect(read.values).toEqual(reference.values);
    },
  );
});

it("writes what gensim writes", () => {
  expect(Buffer.from(written(reference, "word2vec-text")).toString()).toBe(
    Buffer.from(fixture("gensim.txt")).toString(),
  );
  // Its vectors end without a line end.
  const binary = written(reference);
  expect(binary).toEqual(new Uint8Array(fixture("word2vec-c.bin")));
});

it("reads numbers exactly, however they are written", async () => {
  const texts = ["1e-3", "-1.5E+2", "+7", ".5", "3.", "1.17549421e-38", "123456789012345678901"];
  texts.push(
    "0.1000000000000000055511151231257827",
    "-0",
    "1e-400",
    "16777217",
    "3.4028234663852886e38",
  );
  const read = await WordVectors.read(utf8(`w ${texts.join(" ")}\n`));
  expect([...read.values]).toEqual(texts.map((text) => Math.fround(Number(text))));
});

it("skips stray line ends, takes tabs, and CRLF", async () => {
  const text = await WordVectors.read(utf8("2 2\r\n\r\na\t1 2 \r\n\n\nb 3\t 4"));
  expect([...text.words(), ...text.values]).toEqual(["a", "b", 1, 2, 3, 4]);
  const record = (word: string, value: number) => [
    ...utf8(word),
    32,
    ...new Uint8Array(Float32Array.of(value).buffer),
  ];
  const binary = Uint8Array.from([
    ...utf8("2 1\n"),
    10,
    10,
    ...record("a", 0.3),
    10,
    ...record("\nb", 2),
    10,
    10,
  ]);
  const read = await WordVectors.read(binary);
  expect([...read.words(), ...read.values]).toEqual(["a", "b", Math.fround(0.3), 2]);
});

it("takes GloVe's words with blanks; of equal words the first", async () => {
  const read = await WordVectors.read(utf8("a 1 2\n. . . 3 4\nat name@domain.com 5 6\na 7 8\n"));
  expect([...read.words()]).toEqual(["a", ". . .", "at name@domain.com"]);
  expect([...read.vector("a")]).toEqual([1, 2]);
  expect(Buffer.from(written(read, "glove")).toString()).toContain("\n. . . 3 4\n");
  expect(() => written(read, "word2vec-text")).toThrow(OptionError);
});

it("reads the first words, and those that are wanted", async () => {
  const bytes = fixture("gensim.bin");
  const first = await WordVectors.read(bytes, { limit: 3 });
  expect([...first.words()]).toEqual([...reference.words()].slice(0, 3));
  for (const name of ["gensim.bin", "gensim.txt", "gensim-glove.txt"]) {
    const some = await WordVectors.read(fixture(name), { filter: (word) => word.startsWith("d") });
    expect([...some.words()].sort()).toEqual(["dog", "don't"]);
    expect(some.vector("dog")).toEqual(reference.vector("dog"));
  }
});

it("refuses what is not UTF-8, unless it may be lenient", async () => {
  const bytes = Uint8Array.from([...utf8("1 1\nx"), 0xff, ...utf8(" 2\n")]);
  await expect(WordVectors.read(bytes)).rejects.toThrow(
    "a word in UTF-8, got other bytes (the file, line 2)",
  );
  const read = await WordVectors.read(bytes, { lenient: true });
  expect(read.has("x\ufffd")).toBe(true);
});

describe("errors say where a file is wrong:", () => {
  it.each<[string, string | Uint8Array, VectorFormat | undefined, string]>([
    [
      "nothing",
      "",
      undefined,
      "the numbers of words and of dimensions, got an empty file (f, line 1)",
    ],
    ["empty GloVe", "\n\n", "glove", "a word and its numbers, got an empty file (f, line 1)"],
    [
      "too few numbers",
      "a 1 2\nb 3\n",
      undefined,
      "a word and 2 numbers, got 2 pieces between blanks (f, line 2)",
    ],
    [
      "too many",
      "2 1\na 1\nb 3 4\n",
      undefined,
      "a word and 1 numbers, got 3 pieces between blanks (f, line 3)",
    ],
    ["no number", "a 1 2\nb 3 x4\n", undefined, '2 numbers behind the word, got "x4" (f, line 2)'],
    ["NaN", "a 1 nan\n", undefined, '2 numbers behind the word, got "nan" (f, line 1)'],
    [
      "beyond float32",
      "a 1 1e39\n",
      undefined,
      '2 numbers behind the word, got "1e39" (f, line 1)',
    ],
    [
      "too few words",
      "3 1\na 1\n",
      undefined,
      "3 words, as the first line says, got only 1 (f, line 3)",
    ],
    [
      "too many words",
      "1 1\na 1\nb 2\n",
      undefined,
      "1 words, as the first line says, got more (f, line 3)",
    ],
    [
      "no header",
      "a 1 2\n",
      "word2vec-text",
      'the numbers of words and of dimensions, got "a 1 2" (f, line 1)',
    ],
    ["no dimension", "3 0\n", undefined, "from 1 to 1048576 dimensions, got 0 (f, line 1)"],
    [
      "a cut binary",
      fixture("gensim.bin").subarray(0, 100),
      undefined,
      "word 4 of 11 and 5 numbers, got the end of the file (f, byte 80)",
    ],
    [
      "a long binary",
      Uint8Array.from([...fixture("gensim.bin"), 7]),
      undefined,
      "the end of the file behind 11 words, got more (f, byte 279)",
    ],
  ])("%s", async (_, content, format, message) => {
    const bytes = typeof content === "string" ? utf8(content) : content;
    for (const source of [bytes, () => cut(bytes, 3)]) {
      const refused = WordVectors.read(source, { format, name: "f" });
      await expect(refused).rejects.toBeInstanceOf(FormatError);
      await expect(refused).rejects.toThrow(`WordVectors.read: expected ${message}`);
    }
  });

  it("a damaged gzip file", async () => {
    const packed = gzipSync(fixture("gensim.bin"));
    for (const bytes of [packed.subarray(0, -9), Buffer.from(packed).fill(7, 30, 60)])
      await expect(WordVectors.read(new Uint8Array(bytes))).rejects.toBeInstanceOf(FormatError);
  });

  it("what a source throws itself", async () => {
    async function* broken() {
      yield gzipSync(fixture("gensim.bin")).subarray(0, 50);
      throw new RangeError("disk");
    }
    await expect(WordVectors.read(broken())).rejects.toThrow("disk");
  });
});
