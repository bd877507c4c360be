// BLEU and chrF, against sacreBLEU and torchtext (fixtures/make.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { BLEU_TOKENIZERS } from "../../src/metrics/bleu-tokenizers.js";
import { bleu, BleuCounter, type BleuOptions } from "../../src/metrics/bleu.js";
import { chrf, ChrfCounter, type ChrfOptions } from "../../src/metrics/chrf.js";

interface Scored<Options> {
  readonly options: Options;
  readonly score: number;
  readonly signature: string;
}

interface BleuCase extends Scored<BleuOptions> {
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  readonly lengths: readonly number[];
}

const { corpora, tokens13a, torchtext } = JSON.parse(
  readFileSync(new URL("fixtures/translation.json", import.meta.url), "utf8"),
) as {
  corpora: {
    name: string;
    hypotheses: string[];
    references: string[][];
    bleu: BleuCase[];
    chrf: Scored<ChrfOptions>[];
  }[];
  tokens13a: [string, string[]][];
  torchtext: {
    weights: number[];
    hypotheses: string[][];
    references: string[][][];
    score: number;
  }[];
};

/** A signature without what only we say: the version, and options that sacreBLEU's has no name for. */
const shared = (signature: string): string =>
  signature.replace(/\|(version|order|beta):[^|]+/g, "");

describe("the tokenizer 13a", () => {
  it.each(tokens13a)("cuts %j as sacreBLEU", (text, tokens) => {
    expect(BLEU_TOKENIZERS["13a"](text)).toEqual(tokens);
  });
});

describe.each(corpora)("on texts: $name", ({ hypotheses, references, ...scores }) => {
  it.each(scores.bleu)("BLEU is sacreBLEU's with $options", (expected) => {
    const found = bleu(hypotheses, references, expected.options);
    expect(found.score).toBeCloseTo(expected.score, 9);
    expect(found.brevityPenalty).toBeCloseTo(expected.brevityPenalty, 12);
    expect([found.hypothesisLength, found.referenceLength]).toEqual(expected.lengths);
    expect(found.precisions.length).toBe(expected.precisions.length);
    found.precisions.forEach((one, i) => expect(one).toBeCloseTo(expected.precisions[i]!, 9));
    expect(shared(found.signature)).toBe(shared(expected.signature));
  });

  it.each(scores.chrf)("chrF is sacreBLEU's with $options", (expected) => {
    const found = chrf(hypotheses, references, expected.options);
    expect(found.score).toBeCloseTo(expected.score, 9);
    expect(shared(found.signature)).toBe(shared(expected.signature));
  });
});

describe("bleu", () => {
  it.each(torchtext)("of token lists is torchtext's with $weights", (each) => {
    const { hypotheses, references, weights, score } = each;
    const options = { smoothing: "none", lengthTies: "first", weights } as const;
    // torchtext computes in single precision.
    expect(bleu(hypotheses, references, options).score / 100).toBeCloseTo(score, 6);
  });

  it("takes the shorter of two references that are equally close, or the first", () => {
    const references = [
      ["a", "b", "c", "d"],
      ["a", "b"],
    ];
    const length = (options: BleuOptions) =>
      bleu([["a", "b", "c"]], [references], options).referenceLength;
    expect(length({})).toBe(2);
    expect(length({ lengthTies: "first" })).toBe(4);
  });

  it("counts ids as it counts words, and a token with a blank as one", () => {
    const ofIds = bleu([Int32Array.of(1, 2, 3, 4)], [[Int32Array.of(1, 2, 3, 5)]], { maxOrder: 2 });
    const ofWords = bleu(["a b c d"], [["a b c e"]], { maxOrder: 2 });
    expect(ofIds.score).toBe(ofWords.score);
    expect(ofIds.matches).toEqual([3, 2]);
    expect(bleu([["a b", "c"]], [[["a", "b c"]]]).matches[0]).toBe(0);
    expect(bleu([["A", "B"]], [[["a", "b"]]], { lowercase: true }).matches[0]).toBe(2);
  });

  it("says what was counted", () => {
    const counter = new BleuCounter({ weights: [0.5, 0.5], lengthTies: "first", lowercase: true });
    expect(counter.scores()).toMatchObject({ score: 0, totals: [0, 0] });
    counter.add(["a"], [["a"]]);
    counter.add(["a"], [["a"], ["b"]]);
    expect(counter.scores().signature).toBe(
      "nrefs:var|case:lc|eff:no|tok:given|smooth:exp|order:2|weights:0.5,0.5|ties:first|version:hiddenstate-1",
    );
  });

  it("takes a text for the only reference, as others do", () => {
    const texts = ["the dog ran off .", "a cat sat"];
    const references = ["the dog ran away .", "a cat sat down"];
    const alone = references.map((reference) => [reference]);
    expect(bleu(texts, references)).toEqual(bleu(texts, alone));
    expect(chrf(texts, references)).toEqual(chrf(texts, alone));
    expect(chrf(texts, references).signature).toContain("nrefs:1|");
    expect(bleu(texts, [references[0]!, [references[1]!, "x"]]).signature).toContain("nrefs:var");
  });

  it("names what was called where it refuses", () => {
    expect(() => bleu(["a"], [7 as never])).toThrow(
      /^bleu: expected references of type string or list/,
    );
    expect(() => chrf(["a"], [7 as never])).toThrow(
      /^chrf: expected references of type string or list/,
    );
    expect(() => bleu([7 as never], ["a"])).toThrow(
      /^bleu: expected segment of type string or list/,
    );
    expect(() => bleu([["a"]], [["a"]])).toThrow(
      /^bleu: expected a list, as before, got "a"\. .*references of one hypothesis stand in a list/,
    );
    expect(() => new BleuCounter().add("a", [])).toThrow(/^BleuCounter.add: /);
  });

  it("refuses what it cannot count", () => {
    expect(() => bleu(["a"], [])).toThrow(ShapeError);
    expect(() => bleu(["a"], [[]])).toThrow(/at least one reference/);
    expect(() => bleu(["a"], [[["a"]]])).toThrow(/expected a text, as before, got \["a"\]/);
    expect(() => bleu([["a"]], [[["a"]]], { tokenize: "13a" })).toThrow(/texts where tokenize/);
    const wrong: readonly BleuOptions[] = [
      { smoothingValue: 1 },
      { smoothing: "floor", smoothingValue: 0 },
      { weights: [] },
      { weights: [-1] },
      { weights: [1], effectiveOrder: true },
      { maxOrder: 0 },
      { tokenize: "intl" as "none" },
      { smoothing: "more" as "none" },
      { lengthTies: "last" as "first" },
    ];
    for (const options of wrong) expect(() => new BleuCounter(options)).toThrow(OptionError);
    expect(() => new BleuCounter({ weights: [1, 0], maxOrder: 3 })).toThrow(ShapeError);
  });
});

describe("chrf", () => {
  it("refuses what it cannot count", () => {
    expect(() => chrf(["a"], [])).toThrow(ShapeError);
    expect(() => chrf(["a"], [[]])).toThrow(/at least one reference/);
    expect(() => chrf(["a"], [[["a"] as never]])).toThrow(OptionError);
    for (const options of [{ charOrder: 0 }, { wordOrder: -1 }, { beta: 0 }, { beta: NaN }])
      expect(() => new ChrfCounter(options)).toThrow(OptionError);
  });
});
