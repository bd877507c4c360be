// What Hugging Face's own library makes of the same texts: tokenizers.py.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError, IndexError } from "../../../src/core/errors.js";
import { HuggingFaceTokenizer, tokenizerFromJSON } from "../../../src/text/index.js";

interface Fixture {
  readonly file: Record<string, unknown>;
  readonly cases: readonly (readonly [text: string, ids: readonly number[], decoded: string])[];
}

const url = new URL("tokenizers.json", import.meta.url);
const fixtures = JSON.parse(readFileSync(url, "utf8")) as Record<string, Fixture>;

describe.each(Object.entries(fixtures))("%s", (_, { file, cases }) => {
  const tokenizer = HuggingFaceTokenizer.fromJSON(JSON.stringify(file));

  it.each(cases)("gives the ids of Hugging Face's library for %j, and its text", (...given) => {
    const [text, ids, decoded] = given;
    expect([...tokenizer.encode(text)]).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  it("survives JSON, and decodes id by id", () => {
    const again = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
    for (const [text, ids, decoded] of cases) {
      expect([...again.encode(text)]).toEqual(ids);
      // What is amid a character at the end is never told.
      const told = ids.map(again.decoder()).join("");
      expect(told).toBe(decoded.slice(0, told.length));
      if (!decoded.includes("\ufffd")) expect(told).toBe(decoded);
    }
  });
});

describe("a tokenizer of Hugging Face's", () => {
  const model = {
    type: "BPE",
    vocab: { "▁": 0, l: 1, o: 2, w: 3, lo: 4, low: 5, "▁low": 6 },
    merges: ["l o", "lo w", ["▁", "low"]],
  };
  const metaspace = { type: "Metaspace", prepend_scheme: "always" };

  it("goes on from a text", () => {
    const data = { model, pre_tokenizer: metaspace, decoder: metaspace };
    const tokenizer = HuggingFaceTokenizer.fromJSON(data);
    const ids = tokenizer.encode("low low");
    expect(tokenizer.decode(ids)).toBe("low low");
    expect(Array.from(ids, tokenizer.decoder())).toEqual(["low", " low"]);
    expect(Array.from(ids, tokenizer.decoder("low"))).toEqual([" low", " low"]);
    expect(() => tokenizer.decode([7])).toThrow(IndexError);
  });

  it("passes merges over where it is asked to", () => {
    const tokenizer = HuggingFaceTokenizer.fromJSON({ model });
    expect([...tokenizer.encode("lowlow")]).toEqual([5, 5]);
    const lengths = Array.from(
      { length: 20 },
      () => tokenizer.encode("low", { dropout: 0.5 }).length,
    );
    expect(new Set(lengths)).toEqual(new Set([1, 2, 3]));
  });

  it("takes a pair that comes twice at its last place, and a later merge before its turn", () => {
    const vocab = { a: 0, b: 1, c: 2, ab: 3, bc: 4, abc: 5, d: 6, abcd: 7 };
    const of = (merges: string[]) =>
      HuggingFaceTokenizer.fromJSON({ model: { type: "BPE", vocab, merges } });
    expect([...of(["a b", "b c"]).encode("abc")]).toEqual([3, 2]);
    expect([...of(["a b", "b c", "a b"]).encode("abc")]).toEqual([0, 4]);
  });

  it.each([
    ["text", "{", "a tokenizer.json"],
    ["kind of file", [], "an object, got [] at its top"],
    ["model", { model: { type: "Unigram", vocab: [] } }, '"Unigram" at model.type'],
    ["merge", { model: { ...model, merges: ["l x"] } }, '"x" at model.merges[0]'],
    ["line of merges", { model: { ...model, merges: ["l"] } }, "model.merges[0]"],
    ["id", { model: { ...model, vocab: { a: -1 } } }, 'model.vocab["a"]'],
    ["distance of ids", { model: { ...model, vocab: { a: 1e9 } } }, "1000000000 at model.vocab"],
    ["unknown token", { model: { ...model, unk_token: "<unk>" } }, '"<unk>" at model.unk_token'],
    ["dropout", { model: { ...model, dropout: 0.1 } }, "model.dropout"],
    [
      "normalizer",
      { model, normalizer: { type: "Precompiled" } },
      '"Precompiled" at normalizer.type',
    ],
    [
      "step of a sequence",
      { model, pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "UnicodeScripts" }] } },
      '"UnicodeScripts" at pre_tokenizer.pretokenizers[0].type',
    ],
    ["decoder", { model, decoder: { type: "CTC" } }, '"CTC" at decoder.type'],
    [
      "pattern",
      {
        model,
        pre_tokenizer: { type: "Split", pattern: { Regex: "(?>a)" }, behavior: "Isolated" },
      },
      '"(?>a" at pre_tokenizer.pattern.Regex',
    ],
    [
      "behavior",
      { model, pre_tokenizer: { type: "Punctuation", behavior: "Kept" } },
      '"Kept" at pre_tokenizer.behavior',
    ],
    ["type of a field", { model, decoder: { type: "Strip", start: "1" } }, "a number"],
    ["added token", { model, added_tokens: [{ id: 1, content: "<s>" }] }, "an id of its own"],
    [
      "scheme",
      { model, pre_tokenizer: { ...metaspace, add_prefix_space: false } },
      "prepend_scheme never",
    ],
  ])("is refused by the %s that is at fault", (_, data, message) => {
    const read = () => HuggingFaceTokenizer.fromJSON(data);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });
});
