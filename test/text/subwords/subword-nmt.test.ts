// What subword-nmt itself makes of the same texts: subword_nmt.py.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../src/core/errors.js";
import {
  SubwordCounter,
  SubwordTokenizer,
  subwordNmtCounts,
  tokenizerFromJSON,
  tokenizerFromSubwordNmt,
  type Tokenizer,
} from "../../../src/text/index.js";

interface Fixture {
  readonly text: Record<"a" | "b", readonly string[]>;
  readonly codes: string;
  readonly counts: string;
  readonly threshold: number;
  readonly cases: readonly (readonly [text: string, segmented: string, restricted: string])[];
}

const file = new URL("subword-nmt.json", import.meta.url);
const { text, codes, counts, threshold, cases } = JSON.parse(readFileSync(file, "utf8")) as Fixture;
const merges = codes
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => line.split(" "));

/** As apply-bpe prints it: `lo@@ west`. */
function segmented(tokenizer: Tokenizer, line: string): string {
  const subwords: string[] = [];
  let [bytes, open]: [number[], boolean] = [[], false];
  for (const id of tokenizer.encode(line)) {
    const token = tokenizer.vocabulary.token(id);
    const byte = /^<0x(..)>$/.exec(token);
    if (byte) bytes.push(parseInt(byte[1]!, 16));
    const character = new TextDecoder().decode(Uint8Array.from(bytes));
    const whole = byte && !character.includes("\ufffd");
    if (byte && !whole) continue;
    const ends = token.endsWith("</w>");
    const subword = whole ? character : ends ? token.slice(0, -4) : token;
    // A mark alone: the word before it ends, or has no characters.
    if (subword !== "") {
      if (open) subwords[subwords.length - 1] += "@@";
      subwords.push(subword);
    }
    bytes = [];
    open = subword === "" ? false : !ends;
  }
  return subwords.join(" ");
}

describe("subword-nmt's merges", () => {
  const tokenizer = tokenizerFromSubwordNmt(codes);

  it.each(cases)("cut %j as subword-nmt does", (line, expected, restricted) => {
    expect(segmented(tokenizer, line)).toBe(expected);
    expect(tokenizer.decode(tokenizer.encode(line))).toBe(line);
    const forOne = tokenizer.restrictedTo(subwordNmtCounts(counts), threshold);
    expect(segmented(forOne, line)).toBe(restricted);
    expect(forOne.decode(forOne.encode(line))).toBe(line);
  });

  it("are what is learned from the same text, and so are a language's counts", () => {
    const options = { split: "whitespace", minCount: 2, maxSize: 700 } as const;
    const [one, other] = [new SubwordCounter(options), new SubwordCounter(options)];
    for (const line of text.a) one.add(line);
    for (const line of text.b) other.add(line);
    const learned = new SubwordCounter(options).addCounts(one).addCounts(other).tokenizer();
    expect(merges.length).toBeGreaterThan(200);
    expect(learned.merges.slice(0, merges.length)).toEqual(merges);
    expect(learned.merges).toEqual(SubwordTokenizer.build([...text.a, ...text.b], options).merges);
    const expected = [...subwordNmtCounts(counts)];
    const own = one.subwords(tokenizer);
    expect(expected.filter(([token, count]) => own.get(token) !== count)).toEqual([]);
  });

  it("take characters that stand alone from the counts", () => {
    const codes = "#version: 0.2\nl o\n";
    const tokens = (...given: Parameters<typeof tokenizerFromSubwordNmt>) => {
      const tokenizer = tokenizerFromSubwordNmt(...given);
      return Array.from(tokenizer.encode("lox , é"), (id) => tokenizer.vocabulary.token(id));
    };
    const bytes = ["<0xC3>", "<0xA9>", "</w>"];
    expect(tokens(codes)).toEqual(["lo", "<0x78>", "</w>", "<0x2C>", "</w>", ...bytes]);
    const counts = subwordNmtCounts(", 7\nx 2\nlo@@ 1\n");
    expect(tokens(codes, { counts })).toEqual(["lo", "x</w>", ",</w>", ...bytes]);
  });

  it("survive JSON, restricted too", () => {
    const forOne = tokenizer.restrictedTo(subwordNmtCounts(counts), threshold);
    const again = tokenizerFromJSON(JSON.parse(JSON.stringify(forOne)));
    for (const [line] of cases) expect(again.encode(line)).toEqual(forOne.encode(line));
    expect(JSON.stringify(again)).toBe(JSON.stringify(forOne));
  });

  it("are refused by line", () => {
    const refused = (text: string) => () => tokenizerFromSubwordNmt(text, { name: "codes.en" });
    expect(refused("#version: 0.2\na b\nab\n")).toThrow(FormatError);
    expect(refused("#version: 0.2\na b\nab\n")).toThrow('got "ab" (codes.en, line 3)');
    expect(refused("#version: 0.2\na b c\n")).toThrow("two subwords with a blank between them");
    expect(refused("#version: 0.2\n<0x0 A>\n")).toThrow("no merge that makes a byte");
    expect(refused("e </w>\n")).toThrow("learn them anew");
    expect(() => subwordNmtCounts("a@@ 3\nb x\n")).toThrow('got "b x" (the text, line 2)');
  });
});
