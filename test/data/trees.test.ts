import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { collect } from "../../src/data/source.js";
import { parseTree, readTrees, treeText, type ReadTreesOptions } from "../../src/data/trees.js";

const read = async (text: string | string[], options?: ReadTreesOptions): Promise<string[]> =>
  (await collect(readTrees(text, options))).map(treeText);

const PENN = `
( (S
    (NP-SBJ-1 (DT The) (NN dog) )
    (VP (VBD was)
      (VP (VBN fed)
        (NP (-NONE- *-1) )
        (PP=2 (-LRB- -LRB-) (ADVP|PRT (RB again) ))))
    (. .) ))
( (NP (-NONE- *) ))
( (S (CC But) ) (. .) )
`;

describe("readTrees", () => {
  it("reads trees over several lines, in chunks cut anywhere", async () => {
    const trees = [
      "(S (NP-SBJ-1 (DT The) (NN dog)) (VP (VBD was) (VP (VBN fed) (NP (-NONE- *-1)) (PP=2 (-LRB- -LRB-) (ADVP|PRT (RB again))))) (. .))",
      "(NP (-NONE- *))",
      "( (S (CC But)) (. .))",
    ];
    expect(await read(PENN)).toEqual(trees);
    expect(await read([...PENN])).toEqual(trees);
    expect(await read(PENN.replaceAll("\n", "\r\n"))).toEqual(trees);
    expect(await read("(A (B c)) (D e)(F\t(G h\u00a0i)) ")).toEqual([
      ...["(A (B c))", "(D e)", "(F (G h\u00a0i))"],
    ]);
  });

  it("strips function tags and traces where they are not wanted", async () => {
    expect(await read(PENN, { functionTags: false, traces: false })).toEqual([
      "(S (NP (DT The) (NN dog)) (VP (VBD was) (VP (VBN fed) (PP (-LRB- -LRB-) (ADVP|PRT (RB again))))) (. .))",
      "()",
      "( (S (CC But)) (. .))",
    ]);
    expect(treeText(parseTree("( (S-1 (NN a)) (-NONE- *))", { traces: false }))).toBe(
      "(S-1 (NN a))",
    );
    expect(parseTree("(NP-1 (NN-2 a))", { functionTags: false })).toEqual({
      ...{ label: "NP", children: [{ label: "NN-2", word: "a" }] },
    });
  });

  it("passes comments over between trees", async () => {
    const text = "*x* (c)\n(S\n(SYM\n*x*))\n*x* end\n";
    expect(await read(text, { comment: "*x*" })).toEqual(["(S (SYM *x*))"]);
    await expect(read(text)).rejects.toThrow(/got "\*x\*" \(the text, line 1, column 1\)/);
    await expect(read(text, { comment: "" })).rejects.toThrow(OptionError);
  });

  it.each([
    ["(S (NN a))\n  b", 'expected a tree, which begins with (, got "b" (a.mrg, line 2, column 3)'],
    ["(S (NN a))\n)", 'expected no ) without its (, got ")" (a.mrg, line 2, column 1)'],
    [
      "(A\nb) (S\n(NN a)",
      "expected 1 more closing bracket of the last tree, got the end (a.mrg, line 2)",
    ],
    [
      "(A b)\n\n(S\n(NN a)",
      "expected 1 more closing bracket of the last tree, got the end (a.mrg, line 3)",
    ],
    ["(S (NP\n))", 'expected a word or brackets in "(NP)", got none (a.mrg, line 2, column 1)'],
    ["(S a b)", 'expected ) behind "a", got "b" (a.mrg, line 1, column 6)'],
    ["(S a (B c))", 'expected ) behind "a", got "(B" (a.mrg, line 1, column 6)'],
    ["(S (B c) d)", 'expected brackets alone in "(S", got the word "d" (a.mrg, line 1, column 10)'],
  ])("refuses %j with its place", async (text, message) => {
    const reading = read(text, { name: "a.mrg" });
    await expect(reading).rejects.toThrow(`readTrees: ${message}`);
    await expect(reading).rejects.toBeInstanceOf(FormatError);
  });
});

it("a tree of more levels than the stack has room for is refused, with its place", async () => {
  const nested = (levels: number) => `${"(X ".repeat(levels)}a${")".repeat(levels)}`;
  expect(treeText(parseTree(nested(1000)))).toBe(nested(1000));
  await expect(read(nested(20_000), { name: "a.mrg" })).rejects.toThrow(
    "readTrees: expected at most 1000 levels, got one more bracket (a.mrg, line 1, column 3001).",
  );
  const itself = { label: "X", children: [] as object[] };
  itself.children.push(itself);
  expect(() => treeText(itself as never)).toThrow(/expected a tree of at most 1000 levels/);
});

describe("parseTree and treeText", () => {
  it("take one tree, and give it back", () => {
    for (const text of [
      "(S (NP (DT the) (NN dog)) (VP (VBZ barks)))",
      "(NN dog)",
      "( (A b) (C d))",
    ])
      expect(treeText(parseTree(text))).toBe(text);
    expect(() => parseTree("(A b)\n(C d)")).toThrow(
      /expected one tree, got 2 \(the text, line 1\)/,
    );
    expect(() => parseTree("")).toThrow(FormatError);
  });

  it("refuse what brackets cannot say", () => {
    for (const word of ["(", "a b", "", "a\nb"])
      expect(() => treeText({ label: "NN", word })).toThrow(OptionError);
    expect(() => treeText({ label: "N)", children: [] })).toThrow(/-LRB-/);
    expect(() => treeText({ label: "NN" } as never)).toThrow(/expected a tree/);
  });
});
