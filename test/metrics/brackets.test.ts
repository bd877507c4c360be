// Brackets of parses, against EVALB (fixtures/make.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError, ShapeError } from "../../src/core/errors.js";
import { parseTree } from "../../src/data/trees.js";
import { BracketCounter, bracketReport, bracketScores } from "../../src/metrics/brackets.js";

const { predicted, target, statuses, report, reportTo40 } = JSON.parse(
  readFileSync(new URL("fixtures/brackets.json", import.meta.url), "utf8"),
) as {
  predicted: string[];
  target: string[];
  statuses: string;
  report: string;
  reportTo40: string;
};

describe("bracketScores", () => {
  it("prints what EVALB prints, of all sentences and of those of at most 40 words", () => {
    expect(bracketReport(bracketScores(predicted, target))).toBe(report);
    expect(bracketReport(bracketScores(predicted, target, { maxLength: 40 }))).toBe(reportTo40);
  });

  it("counts each sentence as EVALB does, errors and skipped ones too", () => {
    predicted.forEach((tree, i) => {
      const { valid, errors, skipped } = bracketScores([tree], [target[i]!]);
      expect([i, valid, errors, skipped]).toEqual([
        i,
        ...["0", "1", "2"].map((status) => (statuses[i] === status ? 1 : 0)),
      ]);
    });
  });

  it("counts trees as it counts their texts", () => {
    const gold = "(TOP (S (NP-SBJ (PRP It)) (VP (VBZ runs) (PRT (RP off))) (. .)))";
    const tree = parseTree("(S (NP (PRP It)) (VP (VBZ runs) (ADVP (RB off))) (. .))");
    expect(bracketScores([tree], [gold])).toMatchObject({
      ...{ valid: 1, matched: 4, predicted: 4, target: 4, f1: 1, exactMatch: 1 },
      ...{ words: 3, tagAccuracy: 2 / 3 },
    });
    expect(bracketScores([tree], [parseTree(gold)])).toEqual(bracketScores([tree], [gold]));
  });

  it("does not count the bracket without a label that the treebank puts around", () => {
    const joined = { label: "", children: [parseTree("(NP (NN a))"), parseTree("(VP (VB b))")] };
    const scores = bracketScores([joined], ["( (S (NP (NN a)) (VP (VB b))) )"]);
    expect(scores).toMatchObject({ matched: 2, predicted: 2, target: 3 });
  });

  it("says what is wrong with sentences that do not count", () => {
    const counter = new BracketCounter();
    const gold = "(S (NP (NN a)) (VP (VB b)) (. .))";
    const said = ["(S (NP (NN a)", "(S (NN a) (VB c))", "(S (NN a) (VB b) (NN .))", "", gold, "a)"];
    for (const each of said) counter.add(each, gold);
    const { problems, ...scores } = counter.scores();
    expect(scores).toMatchObject({ sentences: 6, valid: 1, errors: 4, skipped: 1, f1: 1 });
    expect(problems).toEqual([
      { sentence: 0, problem: "expected 2 more closing brackets, got the end" },
      { sentence: 1, problem: "words unmatch (b|c)" },
      { sentence: 2, problem: "length unmatch (2|3)" },
      { sentence: 3, problem: "no parse" },
      { sentence: 5, problem: 'expected a tree, which begins with (, got "a"' },
    ]);
  });

  it("refuses targets that are malformed", () => {
    expect(() => bracketScores(["(S (NN a))"], ["(S (NN a)"])).toThrow(FormatError);
    expect(() => bracketScores(["(S (NN a))"], ["(S (NN a)"])).toThrow(
      /expected 1 more closing bracket, got the end \(the target of sentence 0, column 10\)/,
    );
    expect(() => bracketScores([], ["(S (NN a))"])).toThrow(ShapeError);
    const noTree = { label: "S", children: [{ label: "NN" }] } as never;
    expect(() => bracketScores([noTree], ["(S (NN a))"])).toThrow(OptionError);
    expect(() => new BracketCounter({ maxLength: 0 })).toThrow(OptionError);
  });

  it("counts a text of too many levels as malformed, and refuses such a tree", () => {
    const deep = `${"(S ".repeat(20_000)}(NN a)${")".repeat(20_000)}`;
    expect(bracketScores([deep], ["(S (NN a))"])).toMatchObject({
      errors: 1,
      problems: [{ problem: "expected at most 1000 levels, got one more bracket" }],
    });
    expect(() => bracketScores(["(S (NN a))"], [deep])).toThrow(FormatError);
    let tree: object = { label: "NN", word: "a" };
    for (let i = 0; i < 20_000; i++) tree = { label: "S", children: [tree] };
    expect(() => bracketScores([tree as never], ["(S (NN a))"])).toThrow(OptionError);
  });

  it("is zero or NaN where there is nothing", () => {
    expect(bracketScores([], [])).toMatchObject({ f1: 0, exactMatch: NaN, tagAccuracy: NaN });
    expect(bracketReport(bracketScores([], []))).toContain("Complete match            =   0.00");
  });
});
