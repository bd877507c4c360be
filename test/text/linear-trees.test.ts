import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { leavesOf, type Tree } from "../../src/core/tree.js";
import { parseTree, treeText } from "../../src/data/trees.js";
import { delinearizeTree, linearizeTree } from "../../src/text/linear-trees.js";

const cut = (text: string): string[] => text.split(" ").filter(Boolean);
const wordsOf = (tree: Tree) => leavesOf(tree).map(({ word }) => word);
const tagsOf = (tree: Tree) => leavesOf(tree).map(({ label }) => label);

const label = fc.constantFrom("S", "NP", "VP", "NP-SBJ", "");
const { tree: anyTree } = fc.letrec<{ tree: Tree; leaf: Tree; phrase: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, tie("leaf"), tie("phrase")),
  leaf: fc.record({ label: fc.constantFrom("NN", "DT", "."), word: fc.constantFrom("a", "(", "") }),
  phrase: fc.record({
    label,
    children: fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
  }),
}));

describe("linearizeTree", () => {
  it("writes labelled brackets, and XX for words", () => {
    const tree = parseTree("(S (NP (NNP John)) (VP (VBZ has) (NP (DT a) (NN dog))) (. .))");
    expect(linearizeTree(tree).join(" ")).toBe("(S (NP XX )NP (VP XX (NP XX XX )NP )VP XX )S");
    expect(linearizeTree(tree, { tags: true }).join(" ")).toBe(
      "(S (NP NNP )NP (VP VBZ (NP DT NN )NP )VP . )S",
    );
    for (const bad of ["N P", "(", "A)"])
      expect(() => linearizeTree({ label: bad, word: "a" })).toThrow(OptionError);
  });
});

describe("delinearizeTree", () => {
  it("gives back every tree", () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const back = delinearizeTree(linearizeTree(tree), wordsOf(tree), tagsOf(tree));
        expect(back.tree).toEqual(tree);
        expect(back.malformed).toBe(false);
        const withTags = delinearizeTree(linearizeTree(tree, { tags: true }), wordsOf(tree));
        expect(withTags.tree).toEqual(tree);
      }),
    );
  });

  it.each([
    ["(S (NP XX )NP (VP XX", "a b", "(S (NP (XX a)) (VP (XX b)))", { closed: 2 }],
    ["(S (NP XX (VP XX )S", "a b", "(S (NP (XX a) (VP (XX b))))", { closed: 2 }],
    ["(S XX )NP XX )S )S", "a b", "(S (XX a) (XX b))", { dropped: 2 }],
    ["(S (NP XX )NP )S", "a b c", "(S (NP (XX a)) (XX b) (XX c))", { wordsAdded: 2 }],
    ["(S (NP XX", "a b", "(S (NP (XX a)) (XX b))", { closed: 2, wordsAdded: 1 }],
    ["(S XX (NP XX XX )NP )S", "a", "(S (XX a))", { wordsDropped: 2, emptied: 1 }],
    ["(S (NP (X )X )NP XX )S", "a", "(S (XX a))", { emptied: 2 }],
    ["(NP XX )NP (VP XX )VP", "a b", "( (NP (XX a)) (VP (XX b)))", { joined: 1 }],
    ["XX XX", "a b", "( (XX a) (XX b))", { joined: 1 }],
    ["(A XX )A (B XX )B", "a b c", "( (A (XX a)) (B (XX b)) (XX c))", { joined: 2, wordsAdded: 1 }],
    ["", "a b", "( (XX a) (XX b))", { wordsAdded: 2, joined: 1 }],
    ["(S", "a", "(S (XX a))", { closed: 1, wordsAdded: 1 }],
    ["XX", "a", "(XX a)", {}],
    [")S XX (S", "", "()", { dropped: 1, wordsDropped: 1, closed: 1, emptied: 1 }],
  ])("makes a tree of %j over %j", (tokens, words, text, repairs) => {
    const back = delinearizeTree(cut(tokens), cut(words));
    expect(treeText(back.tree)).toBe(text);
    expect(back.repairs).toEqual({
      ...{ closed: 0, dropped: 0, wordsAdded: 0, wordsDropped: 0, emptied: 0, joined: 0 },
      ...repairs,
    });
    expect(back.malformed).toBe(Object.keys(repairs).length > 0);
  });

  it("keeps every word in its order, whatever the tokens", () => {
    const token = fc.constantFrom("(S", ")S", "(NP", ")NP", "XX", "(", ")", "");
    const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 20 }), letters, (tokens, words) => {
        const { tree, repairs } = delinearizeTree(tokens, words, words);
        expect(wordsOf(tree)).toEqual(words);
        expect(tagsOf(tree)).toEqual(words);
        // What is left of the tokens is a tree: it comes back as it is.
        const again = delinearizeTree(linearizeTree(tree), words, words);
        if (words.length > 0) expect(again).toMatchObject({ tree, malformed: false });
        const opened = tokens.filter((one) => one.startsWith("(")).length;
        const closed = tokens.filter((one) => one.startsWith(")")).length;
        expect(opened - repairs.closed).toBe(closed - repairs.dropped);
      }),
      { numRuns: 300 },
    );
  });

  it("goes through long outputs in one pass", () => {
    const tokens = Array.from({ length: 200_000 }, (_, i) => (i % 2 ? ")NP" : "(S"));
    const { tree, repairs } = delinearizeTree(tokens, ["a"]);
    expect(wordsOf(tree)).toEqual(["a"]);
    expect(repairs).toMatchObject({ dropped: 100_000, closed: 100_000, emptied: 99_999 });
  });

  it("makes trees of any depth; one of more than 1,000 levels is not written again", () => {
    const nested = (levels: number) =>
      delinearizeTree([...Array<string>(levels).fill("(S"), "XX"], ["a"]).tree;
    expect(linearizeTree(nested(999))).toHaveLength(2 * 999 + 1);
    expect(() => linearizeTree(nested(20_000))).toThrow(/a tree of at most 1000 levels, got more/);
  });

  it("refuses tags that do not match", () => {
    expect(() => delinearizeTree(["XX"], ["a"], [])).toThrow(ShapeError);
    expect(() => delinearizeTree([1 as never], ["a"])).toThrow(OptionError);
  });
});
