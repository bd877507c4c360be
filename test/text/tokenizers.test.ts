import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, IndexError } from "../../src/core/errors.js";
import { CharTokenizer } from "../../src/text/char-tokenizer.js";
import { tokenizerFromJSON } from "../../src/text/tokenizer.js";
import { wordTokenize } from "../../src/text/words.js";

describe("CharTokenizer", () => {
  it("counts code points, not halves of them", () => {
    const tokenizer = CharTokenizer.build("a😀b😀");
    expect(tokenizer.vocabulary.tokens).toEqual(["😀", "a", "b"]);
    expect([...tokenizer.encode("b😀")]).toEqual([2, 0]);
    expect(tokenizer.size).toBe(3);
    expect(() => tokenizer.encode("ax")).toThrow(IndexError);
    expect(() => tokenizer.decode([3])).toThrow(IndexError);
  });

  it("gives every text back, also after JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const tokenizer = CharTokenizer.build(text);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
        const again = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
        expect(again.encode(text)).toEqual(tokenizer.encode(text));
      }),
    );
  });

  it.each([null, {}, { type: "bpe", vocabulary: { tokens: [] } }, { type: "char" }])(
    "does not come from %o",
    (data) => expect(() => tokenizerFromJSON(data)).toThrow(FormatError),
  );
});

describe("wordTokenize", () => {
  it("keeps words, numbers and marks", () => {
    expect(wordTokenize("Don't pay $3.50, she-wolf!\n")).toEqual([
      "Don't",
      "pay",
      "$",
      "3.50",
      ",",
      "she-wolf",
      "!",
    ]);
    expect(wordTokenize("'Twas Ünïcödé — «да» 😀", { lowercase: true })).toEqual([
      "'",
      "twas",
      "ünïcödé",
      "—",
      "«",
      "да",
      "»",
      "😀",
    ]);
    expect(wordTokenize(" \t\n")).toEqual([]);
  });

  it("loses nothing but white space", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(wordTokenize(text).join("")).toBe(text.replace(/\s/gu, ""));
      }),
    );
  });
});
