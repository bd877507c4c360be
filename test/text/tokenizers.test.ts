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

  it("cuts texts as it did when it was written", () => {
    const text = "@ann a\u00a0b";
    for (const split of ["words", "whitespace"] as const) {
      const now = WordTokenizer.build(text, { split });
      const { rules, ...before } = JSON.parse(JSON.stringify(now)) as Record<string, unknown>;
      expect(rules).toBe(2);
      const old = tokenizerFromJSON(before);
      expect(tokenizerFromJSON(JSON.parse(JSON.stringify(old)))).toEqual(old);
      const tokens = (tokenizer: { encode(text: string): Int32Array }) =>
        tokenizer.encode(text).length;
      expect([tokens(old), tokens(now)]).toEqual(split === "words" ? [4, 3] : [3, 2]);
    }
    expect(() => tokenizerFromJSON({ ...WordTokenizer.build(text).toJSON(), rules: 9 })).toThrow(
      FormatError,
    );
  });

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

  it.each([
    [
      "see https://t.co/Ab1?x=1&y=2, or WWW.X.de/ü!",
      "see|https://t.co/Ab1?x=1&y=2|,|or|WWW.X.de/ü|!",
    ],
    [
      "(http://en.wikipedia.org/wiki/Foo_(bar)). ftp://a.b",
      "(|http://en.wikipedia.org/wiki/Foo_(bar)|)|.|ftp://a.b",
    ],
    ["mail a.b+c@d-e.co.uk. or a@b", "mail|a.b+c@d-e.co.uk|.|or|a|@|b"],
    ["@ann_1: #rnn #日本 #1 C#foo x@y", "@ann_1|:|#rnn|#日本|#|1|C|#|foo|x|@|y"],
    [
      "$.50 .5 v.5 3.14, 1,000.5 5. https:// @ #",
      "$|.50|.5|v|.|5|3.14|,|1,000.5|5|.|https|:|/|/|@|#",
    ],
  ])("keeps addresses, names, topics and numbers whole: %s", (text, tokens) => {
    expect(wordTokenize(text)).toEqual(tokens.split("|"));
  });

  it.each([
    ["a family, a skin tone, flags", "👩‍👩‍👧‍👦👍🏽🇩🇪🇫🇷", ["👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🇫🇷"]],
    ["a heart, a keycap, a region, a sign", "❤️‍🔥1️⃣🏴󠁧󠁢󠁥󠁮󠁧󠁿©2", ["❤️‍🔥", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©", "2"]],
    [
      "joiners and soft hyphens",
      "می‌خواهم Donau\u00addampf\u00ad",
      ["می‌خواهم", "Donau\u00addampf"],
    ],
    ["white space of every kind", "a\u00a0b\u2009c\u3000d\u200be\ufefff", [..."abcdef"]],
    ["what is invisible", "\u200f \u200d\u00ad\u200b", []],
  ])("gives what people see as one token, and nothing invisible: %s", (_, text, tokens) => {
    expect(wordTokenize(text)).toEqual(tokens);
  });

  it("loses nothing but white space and invisible characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const visible = (some: string) => some.replace(/[\s\p{Cf}\p{Cc}]/gu, "");
        expect(visible(wordTokenize(text).join(""))).toBe(visible(text));
        for (const token of wordTokenize(text)) expect(visible(token)).not.toBe("");
      }),
    );
  });

  it("cuts no grapheme cluster in two", () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 3 }),
      fc.constantFrom(..."@ # . - ' ( ) 1 http://a. a@b.c \u0301 \u200d 👍🏽 🇩🇪 🇫".split(" ")),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join("");
        const starts = new Set<number>();
        let from = 0;
        for (const token of wordTokenize(text)) {
          starts.add(text.indexOf(token, from));
          from = text.indexOf(token, from) + token.length;
        }
        for (const { segment, index } of segmenter.segment(text))
          // What is invisible may begin one, and is left out.
          if (!/^[\s\p{Cf}\p{Cc}]/u.test(segment))
            for (let i = index + 1; i < index + segment.length; i++)
              expect(starts).not.toContain(i);
      }),
      { numRuns: 500 },
    );
  });

  it("cuts by the rules of before where it is told to", () => {
    const text = "see https://t.co/A @ann #rnn 👍🏽 a\u00adb";
    expect(wordTokenize(text, { rules: 1 }).slice(1, 9)).toEqual([
      ...["https", ":", "/", "/", "t", ".", "co", "/"],
    ]);
    expect(() => wordTokenize(text, { rules: 3 as 2 })).toThrow("expected rules 1 or 2, got 3");
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
