import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, IndexError, OptionError } from "../../../src/core/errors.js";
import { manualSeed } from "../../../src/core/random.js";
import {
  SubwordCounter,
  SubwordTokenizer,
  tokenizerFromJSON,
  Vocabulary,
} from "../../../src/text/index.js";

const SPLITS = ["words", "whitespace"] as const;

const corpus = [
  "low lower lowest, new newer newest",
  "the low house isn't new",
  "das neue Haus ist niedriger 😀",
];

/** What merges and marks of ours could be mistaken for, with white space of all kinds. */
const awkward = fc.string({
  unit: fc.constantFrom(
    ...[" ", "\n", "\t", "\r", "\u00a0", "a", "l", "o", "</w>", "<", "/", "w", ">", "<0x41>"],
    ...["é", "e\u0301", "\ud83d", "\ude00", "😀", "'", ",", "7", "▁", "\ufeff", "\0"],
  ),
  maxLength: 30,
});
const texts = fc.oneof(awkward, fc.string({ unit: "binary" }));

const tokensOf = (tokenizer: SubwordTokenizer, text: string) =>
  Array.from(tokenizer.encode(text), (id) => tokenizer.vocabulary.token(id));

describe.each(SPLITS)("a tokenizer of subwords, split: %s", (split) => {
  const tokenizer = SubwordTokenizer.build(corpus, { split, maxSize: 330, specials: ["<eos>"] });

  it("gives every text back, with dropout and id by id too", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text);
        expect(tokenizer.decode(tokenizer.encode(text, { dropout: 0.5 }))).toBe(text);
        expect(Array.from(ids, tokenizer.decoder()).join("")).toBe(text);
      }),
    );
  });

  it("gives back what it learned from, whatever it was, after JSON and restricted to nothing", () => {
    fc.assert(
      fc.property(texts, texts, (text, other) => {
        const learned = SubwordTokenizer.build([text, other, text], {
          ...{ split, minCount: 1, maxSize: 400, padding: "a</w>", specials: ["\n", "lo"] },
        });
        const again = tokenizerFromJSON(JSON.parse(JSON.stringify(learned)));
        const apart = learned.restrictedTo(new Map(), 1);
        for (const one of [text, other, text + other]) {
          expect(learned.decode(learned.encode(one))).toBe(one);
          expect(again.encode(one)).toEqual(learned.encode(one));
          expect(apart.decode(apart.encode(one))).toBe(one);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("merges as a plain search for the first merge does", () => {
    const learned = SubwordTokenizer.build(["abababcab cabab bcabca aaaab"], {
      ...{ split, minCount: 1, maxSize: 300 },
    });
    const { merges } = learned;
    const plain = (word: string[]): string[] => {
      for (;;) {
        const ranks = word
          .slice(1)
          .map((right, i) => merges.findIndex(([l, r]) => l === word[i] && r === right));
        const found = ranks.filter((rank) => rank >= 0);
        if (found.length === 0) return word;
        const [left, right] = merges[Math.min(...found)]!;
        word = joinAll(word, left, right);
      }
    };
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2 }), (word) => {
        const symbols =
          split === "words" ? [" ", ...word] : [...word.slice(0, -1), `${word.at(-1)!}</w>`];
        fc.pre(symbols.every((symbol) => learned.vocabulary.has(symbol)));
        expect(tokensOf(learned, word)).toEqual(plain(symbols));
      }),
    );
  });

  it("takes no text for a special token, and says nothing for one", () => {
    const { vocabulary } = tokenizer;
    const eos = vocabulary.id("<eos>");
    expect(eos).toBe(0);
    expect([...tokenizer.encode("<eos>")]).not.toContain(eos);
    expect(tokenizer.decode([eos, ...tokenizer.encode("low <eos>"), eos])).toBe("low <eos>");
    expect(() => tokenizer.decode([330])).toThrow(IndexError);
  });

  it("drops merges by the library's generator", () => {
    const lengths = (seed: number) => {
      manualSeed(seed);
      return Array.from({ length: 30 }, () => [...tokenizer.encode("lowest", { dropout: 0.3 })]);
    };
    expect(lengths(1)).toEqual(lengths(1));
    expect(lengths(1)).not.toEqual(lengths(2));
    const whole = tokenizer.encode("lowest").length;
    expect(Math.min(...lengths(1).map(({ length }) => length))).toBe(whole);
    expect(Math.max(...lengths(1).map(({ length }) => length))).toBeGreaterThan(whole);
    // One that was looked up before is not taken for what dropout gives.
    expect([...tokenizer.encode("lowest")]).toEqual([
      ...tokenizer.encode("lowest", { dropout: 0 }),
    ]);
  });

  it("learns the same from a stream, in whatever order", () => {
    const counter = new SubwordCounter({ split, maxSize: 330, specials: ["<eos>"] });
    for (const text of [...corpus].reverse()) counter.add(text);
    expect(JSON.stringify(counter.tokenizer())).toBe(JSON.stringify(tokenizer));
  });

  it("folds letters where it is asked to", () => {
    const folded = SubwordTokenizer.build("Low LOW low", { split, lowercase: true });
    expect(folded.encode("LOW")).toEqual(folded.encode("low"));
    expect(folded.decode(folded.encode("LOW"))).toBe("low");
    expect(tokenizerFromJSON(JSON.parse(JSON.stringify(folded))).encode("LOW")).toEqual(
      folded.encode("low"),
    );
  });
});

function joinAll(word: readonly string[], left: string, right: string): string[] {
  const next: string[] = [];
  for (let i = 0; i < word.length; i++) {
    const merges = word[i] === left && word[i + 1] === right;
    next.push(merges ? left + right : word[i]!);
    if (merges) i++;
  }
  return next;
}

describe("subwords of words", () => {
  it("are the same at a line's start as behind a blank", () => {
    const tokenizer = SubwordTokenizer.build("low low low", { minCount: 1 });
    expect(tokensOf(tokenizer, "low low\nlow")).toEqual([" low", " low", "<0x0A>", " low"]);
    expect(Array.from(tokenizer.encode("low"), tokenizer.decoder("so"))).toEqual([" low"]);
    expect(Array.from(tokenizer.encode("low"), tokenizer.decoder("so\n"))).toEqual(["low"]);
  });

  it("are merged by frequency, then the last by code points first", () => {
    // By 16-bit units "ﬀ", which is U+FB00, would come behind the emoji's halves.
    const tokenizer = SubwordTokenizer.build("ab ab ﬀa ﬀa 😀a 😀a", { split: "whitespace" });
    expect(tokenizer.merges).toEqual([
      ["😀", "a</w>"],
      ["ﬀ", "a</w>"],
      ["a", "b</w>"],
    ]);
  });

  it("tell bytes that are no text by U+FFFD", () => {
    const tokenizer = SubwordTokenizer.build("a");
    const byte = (value: number) =>
      tokenizer.vocabulary.id(`<0x${value.toString(16).toUpperCase()}>`);
    expect(tokenizer.decode([0xe2, 0x82].map(byte))).toBe("\ufffd");
    expect(tokenizer.decode([0xe2, 0x41, 0xff, 0xc0, 0x80].map(byte))).toBe("\ufffdA\ufffd\ufffd");
    const decode = tokenizer.decoder("so");
    expect([0xe2, 0x82, 0xac].map(byte).map(decode)).toEqual(["", "", "€"]);
  });

  it("of two languages are taken apart where one hardly has them", () => {
    const [english, german] = [new SubwordCounter(), new SubwordCounter()];
    for (let i = 0; i < 5; i++) english.add("the house");
    for (let i = 0; i < 5; i++) german.add("das haus");
    const both = new SubwordCounter().addCounts(english).addCounts(german).tokenizer();
    expect(tokensOf(both, "haus house")).toEqual([" haus", " house"]);
    const counts = english.subwords(both);
    expect(counts.get(" house")).toBe(5);
    const forEnglish = both.restrictedTo(counts, 5);
    expect(tokensOf(forEnglish, "house")).toEqual([" house"]);
    expect(tokensOf(forEnglish, "haus")).toEqual([" ", "h", "a", "u", "s"]);
    expect(tokensOf(both.restrictedTo(counts, 6), "house").length).toBeGreaterThan(1);
  });

  it("of a word of a hundred thousand letters take no time to speak of", () => {
    const tokenizer = SubwordTokenizer.build(corpus);
    const long = "lowest".repeat(20_000);
    expect(tokenizer.decode(tokenizer.encode(long))).toBe(long);
  });
});

describe("what is no tokenizer of subwords", () => {
  const tokenizer = SubwordTokenizer.build(corpus);

  it("is refused", () => {
    const build = (options: object) => () => SubwordTokenizer.build(corpus, options);
    expect(build({ maxSize: 255 })).toThrow("maxSize of at least 256, got 255");
    expect(build({ minCount: 0 })).toThrow(OptionError);
    expect(build({ specials: ["<0x41>"] })).toThrow("special tokens that are none of the bytes");
    expect(build({ split: "syllables" })).toThrow("split to be one of words, whitespace");
    expect(() => tokenizer.encode("a", { dropout: 1 })).toThrow(OptionError);
    expect(() => new SubwordTokenizer(new Vocabulary(["a"]), [])).toThrow('"<0x00>"');
    expect(() => new SubwordTokenizer(tokenizer.vocabulary, [["lo", "q"]])).toThrow(
      'a vocabulary with "q", for the merge of "lo" and "q"',
    );
    expect(() => tokenizer.restrictedTo(new Map(), 0)).toThrow("threshold");
  });

  it.each([
    { merges: undefined },
    { merges: [["l"]] },
    { split: 1 },
    { rare: ["zz"] },
    { more: 1 },
  ])("is refused in a file: %o", (wrong) => {
    const data = { ...tokenizer.toJSON(), ...wrong };
    expect(() => tokenizerFromJSON(data)).toThrow(FormatError);
  });
});
