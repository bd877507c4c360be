import { describe, expect, it } from "vitest";
import { FormatError, IndexError, OptionError } from "../../src/core/errors.js";
import { Vocabulary } from "../../src/text/vocabulary.js";

const words = "b a b c b a <unk> d".split(" ");

describe("Vocabulary.build", () => {
  it("orders by frequency, then by code point", () => {
    expect(Vocabulary.build(words).tokens).toEqual(["b", "a", "<unk>", "c", "d"]);
    expect(Vocabulary.build(["\u{1f600}", "\uffee", "z"]).tokens).toEqual([
      "z",
      "\uffee",
      "\u{1f600}",
    ]);
  });

  it("puts special tokens first, once, also where the text has them", () => {
    const built = Vocabulary.build(words, {
      unknown: "<unk>",
      padding: "<pad>",
      specials: ["<eos>", "<pad>"],
    });
    expect(built.tokens).toEqual(["<pad>", "<unk>", "<eos>", "b", "a", "c", "d"]);
    expect([built.padding, built.unknown]).toEqual(["<pad>", "<unk>"]);
  });

  it("leaves out rare tokens, and the rarest beyond maxSize", () => {
    expect(Vocabulary.build(words, { minCount: 2 }).tokens).toEqual(["b", "a"]);
    expect(Vocabulary.build(words, { maxSize: 3, unknown: "?" }).tokens).toEqual(["?", "b", "a"]);
    for (const options of [{ minCount: 0 }, { maxSize: 1.5 }, { maxSize: 0, unknown: "?" }]) {
      expect(() => Vocabulary.build(words, options)).toThrow(OptionError);
    }
  });
});

describe("Vocabulary", () => {
  const vocabulary = new Vocabulary(["a", "b", "__proto__"]);

  it("maps tokens to ids and back", () => {
    expect([...vocabulary.encode(["b", "__proto__", "a"])]).toEqual([1, 2, 0]);
    expect(vocabulary.decode([2, 0])).toEqual(["__proto__", "a"]);
    expect([vocabulary.id("b"), vocabulary.token(1), vocabulary.size]).toEqual([1, "b", 3]);
    expect([vocabulary.has("a"), vocabulary.has("toString")]).toEqual([true, false]);
  });

  it("names an unknown token and its place, unless there is a token for it", () => {
    expect(() => vocabulary.encode(["a", "x"])).toThrow(IndexError);
    expect(() => vocabulary.encode(["a", "x"])).toThrow(/3 known tokens, got "x" at position 1/);
    expect(() => vocabulary.id("x")).toThrow(IndexError);
    const tolerant = new Vocabulary(["a", "?"], { unknown: "?" });
    expect([...tolerant.encode(["x", "a"])]).toEqual([1, 0]);
    expect(tolerant.id("x")).toBe(1);
  });

  it.each([-1, 3, 0.5, NaN])("refuses the id %s", (id) => {
    expect(() => vocabulary.decode([0, id])).toThrow(IndexError);
    expect(() => vocabulary.decode([0, id])).toThrow(`an id from 0 to 2, got ${id} at position 1`);
    expect(() => vocabulary.token(id)).toThrow(IndexError);
  });

  it("refuses a token twice and special tokens that it lacks", () => {
    expect(() => new Vocabulary(["a", "b", "a"])).toThrow(/got "a" as ids 0 and 2/);
    expect(() => new Vocabulary(["a"], { padding: "p" })).toThrow(/the padding token.*got "p"/);
  });

  it("survives JSON", () => {
    const full = new Vocabulary(["p", "u", '"\n😀'], { padding: "p", unknown: "u" });
    const again = Vocabulary.fromJSON(JSON.parse(JSON.stringify(full)));
    expect(again).toEqual(full);
    expect([...again.encode(['"\n😀', "zzz"])]).toEqual([2, 1]);
    expect(Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary))).unknown).toBeUndefined();
  });

  it.each([
    null,
    undefined,
    7,
    {},
    { tokens: "abc" },
    { tokens: [1] },
    { tokens: ["a"], unknown: 0 },
    { tokens: ["a"], padding: "p" },
    { tokens: ["a", "a"] },
  ])("does not come from %o", (data) => {
    expect(() => Vocabulary.fromJSON(data)).toThrow(FormatError);
  });
});
