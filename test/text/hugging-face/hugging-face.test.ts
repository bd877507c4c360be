// What Hugging Face's own library makes of the same texts: tokenizers.py.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../src/core/errors.js";
import { HuggingFaceTokenizer, tokenizerFromJSON } from "../../../src/text/index.js";

interface Fixture {
  readonly file: Record<string, unknown>;
  readonly cases: readonly (readonly [text: string, ids: readonly number[], decoded: string])[];
}

const url = new URL("tokenizers.json", import.meta.url);
const fixtures = JSON.parse(readFileSync(url, "utf8")) as Record<string, Fixture>;

describe.each(Object.entries(fixtures))("%s", (_, { file, cases }) => {
  const tokenizer = HuggingFaceTokenizer.fromJSON(file);

  it("gives the ids of Hugging Face's library, and its texts", () => {
    const wrong: unknown[] = [];
    for (const [text, ids, decoded] of cases) {
      const own = [...tokenizer.encode(text)];
      if (own.join() !== ids.join())
        wrong.push([text, own, ids, ids.map((id) => tokenizer.vocabulary.token(id))]);
      else if (tokenizer.decode(ids) !== decoded)
        wrong.push([text, tokenizer.decode(ids), decoded]);
    }
    expect(wrong).toEqual([]);
  });
});
