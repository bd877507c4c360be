import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, IndexError, OptionError } from "../../src/core/errors.js";
import { CharTokenizer } from "../../src/text/char-tokenizer.js";
import { tokenizerFromJSON } from "../../src/text/tokenizer.js";
import { Vocabulary } from "../../src/text/vocabulary.js";
import { WordTokenizer } from "../../src/text/word-tokenizer.js";
import { wordJoiner, wordTokenize } from "../../src/text/words.js";

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

  it("decodes id by id", () => {
    const decode = CharTokenizer.build("ab c").decoder();
    expect([1, 0, 2].map(decode)).toEqual(["a", " ", "b"]);
  });
});

describe("WordTokenizer", () => {
  const text = "The whale, the sea.\nThe whale!\n\nThe end";

  it("ends each line with <eos>, and knows the words that are frequent enough", () => {
    const tokenizer = WordTokenizer.build(text, { minCount: 2 });
    expect(tokenizer.vocabulary.tokens).toEqual(["<unk>", "<eos>", "The", "whale"]);
    expect([...tokenizer.encode(text)]).toEqual([2, 3, 0, 0, 0, 0, 1, 2, 3, 0, 1, 1, 2, 0]);
    expect([...tokenizer.encode("")]).toEqual([]);
    const smallest = WordTokenizer.build(text, { maxSize: 3, lowercase: true });
    expect(smallest.vocabulary.tokens).toEqual(["<unk>", "<eos>", "the"]);
    expect([...smallest.encode("THE\n")]).toEqual([2, 1]);
  });

  it("takes texts that are cut already as they are", () => {
    const treebank = " <unk> did n't pay $ N \n mr. <unk> did \n";
    const tokenizer = WordTokenizer.build(treebank, { split: "whitespace" });
    expect(tokenizer.size).toBe(8);
    expect([...tokenizer.encode("did <unk> mr.\n")]).toEqual([
      tokenizer.vocabulary.id("did"),
      0,
      tokenizer.vocabulary.id("mr."),
      1,
    ]);
    expect(tokenizer.decode(tokenizer.encode(treebank))).toBe(
      "<unk> didn't pay $N\nmr. <unk> did\n",
    );
  });

  it("decodes id by id, going on from a text", () => {
    const tokenizer = WordTokenizer.build(text);
    const ids = tokenizer.encode("whale, The end\nThe");
    expect(Array.from(ids, tokenizer.decoder("The"))).toEqual([
      ..." whale|,| The| end|\n|The".split("|"),
    ]);
    expect(tokenizer.decoder("The ")(ids[0]!)).toBe("whale");
    expect(tokenizer.decode(ids)).toBe("whale, The end\nThe");
    expect(() => tokenizer.decode([0, 99])).toThrow(IndexError);
  });

  it.each([{}, { split: "whitespace", lowercase: true }] as const)(
    "survives JSON with %o",
    (options) => {
      const tokenizer = WordTokenizer.build(text, options);
      const again = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
      expect(again).toEqual(tokenizer);
      expect(again.encode("The END, whale,")).toEqual(tokenizer.encode("The END, whale,"));
    },
  );

  it("needs <eos>, and <unk> as the unknown token", () => {
    const refused = (tokens: string[], unknown?: string) => () =>
      new WordTokenizer(new Vocabulary(tokens, { unknown }));
    expect(refused(["<unk>", "<eos>"])).toThrow(OptionError);
    expect(refused(["<unk>", "a"], "<unk>")).toThrow(OptionError);
    expect(refused(["<unk>", "<eos>", "?"], "?")).toThrow("unknown token ?");
    const vocabulary = { tokens: ["<unk>", "<eos>"], unknown: "<unk>" };
    expect(tokenizerFromJSON({ type: "word", vocabulary }).size).toBe(2);
    for (const data of [
      { type: "word", vocabulary: { tokens: ["<eos>"] } },
      { type: "word", split: "syllables", vocabulary },
    ])
      expect(() => tokenizerFromJSON(data)).toThrow(FormatError);
  });
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

describe("wordJoiner", () => {
  it.each([
    "Don't pay $3.50, she-wolf!",
    'He said: "Call me (if you must) Ishmael." Then he left.',
    "“Thar she blows!”—a white whale; 50% of it [so they say]…",
    "sea--and either/or #7 & more".replace(" & ", "&"),
    'first line.\n\n"Second" line',
  ])("writes %j as it was", (text) => {
    const tokens = text
      .split("\n")
      .flatMap((line, i) => [...(i ? ["\n"] : []), ...wordTokenize(line)]);
    expect(tokens.map(wordJoiner()).join("")).toBe(text);
  });

  it("forgets an open quotation mark at the end of a line", () => {
    const join = wordJoiner();
    expect(['"', "So", "\n", '"', "No", '"'].map((token) => join(token)).join("")).toBe(
      '"So\n"No"',
    );
  });

  it("goes on from a text", () => {
    const after = (before: string, token: string) => wordJoiner(before)(token);
    expect(after("the", "sea")).toBe(" sea");
    expect(after("the ", "sea")).toBe("sea");
    expect(after("the\n", "sea")).toBe("sea");
    expect(after("(", "sea")).toBe("sea");
    expect(after('He said "no', '"')).toBe('"');
    expect(after('"So"\nHe said', '"')).toBe(' "');
  });
});
