// CIDEr-D, and BLEU of captions. No other program counted the fixture: a numpy script with the formulas of the paper and of
// coco-caption's cider_scorer.py and bleu_scorer.py did, written apart from the code here.
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { bleu } from "../../src/metrics/bleu.js";
import { captionTokens, cider, CiderCounter } from "../../src/metrics/cider.js";

const fixture = JSON.parse(
  readFileSync(new URL("fixtures/captions.json", import.meta.url), "utf8"),
) as {
  hypotheses: string[][];
  references: string[][][];
  cider: number;
  scores: number[];
  bleu4: number;
};

describe("CIDEr-D", () => {
  const { hypotheses, references } = fixture;

  it("is that of the formula", () => {
    const { score, scores } = cider(hypotheses, references);
    expect(score).toBeCloseTo(fixture.cider, 10);
    scores.forEach((one, i) => expect(one).toBeCloseTo(fixture.scores[i]!, 10));
  });

  it("is 10 for the only reference of each picture, where no n-gram is everybody's", () => {
    const said = [captionTokens("a red dot and more"), captionTokens("two blue squares there")];
    const { scores } = cider(
      said,
      said.map((one) => [one]),
    );
    for (const score of scores) expect(score).toBeCloseTo(10, 10);
  });

  it("is 0 of one picture alone, and NaN of none", () => {
    expect(cider([["a"]], [[["a"]]]).score).toBe(0);
    expect(new CiderCounter().scores().score).toBeNaN();
  });

  it("refuses a picture without a reference, and other numbers of pictures", () => {
    expect(() => cider([["a"]], [[]])).toThrow(OptionError);
    expect(() => cider([["a"]], [])).toThrow(ShapeError);
  });
});

test("BLEU of tokens, not smoothed, is coco-caption's BLEU-4", () => {
  const { score } = bleu(fixture.hypotheses, fixture.references, { smoothing: "none" });
  expect(score).toBeCloseTo(100 * fixture.bleu4, 6);
});

describe("tokens of captions", () => {
  it.each([
    ["A man's dog doesn't run, it sleeps.", "a man 's dog does n't run it sleeps"],
    ['Two T-shirts -- "red" ones; (3.5 feet)!', "two t-shirts red ones 3.5 feet"],
    ["They’re 1,000 birds... I can't", "they 're 1,000 birds i ca n't"],
    ["I cannot; we're gonna", "i can not we 're gon na"],
    ["  ", ""],
    ["Ein Mädchen läuft über die Straße", "ein mädchen läuft über die straße"],
    ["314", "314"],
  ])("%s", (text, tokens) => {
    expect(captionTokens(text).join(" ")).toBe(tokens);
  });
});
