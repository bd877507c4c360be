import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { entityReport, entityScores } from "../../src/metrics/entity-scores.js";
import {
  convertTags,
  spansOf,
  strictSpansOf,
  tagsOf,
  type TagScheme,
} from "../../src/metrics/spans.js";
import { SchemeSurvey } from "../../src/metrics/scheme-survey.js";
import { allowedTransitions } from "../../src/metrics/transitions.js";
import { conlleval } from "./conlleval.js";

const words = (line: string) => line.split(" ").filter(Boolean);
const SCHEMES: readonly TagScheme[] = ["IOB1", "IOB2", "BIOES", "BILOU", "BMEWO", "BMES"];
/** The letters of each as its users know it. */
const LETTERS: Readonly<Record<TagScheme, string>> = {
  ...{ IOB1: "BI", IOB2: "BI", BIOES: "BIES", BILOU: "BILU", BMEWO: "BMEW", BMES: "BMES" },
};
const labelsOf = (scheme: TagScheme) => [
  "O",
  ...[...LETTERS[scheme]].flatMap((letter) => [`${letter}-A`, `${letter}-B`]),
];

/** Any tags, mostly inconsistent ones. */
const anyTag = fc.constantFrom("O", ..."BIES".split("").flatMap((l) => [`${l}-A`, `${l}-B`]));
/** Sentences as pairs of a predicted and a true tag. */
const anyPairs = fc.array(fc.array(fc.tuple(anyTag, anyTag), { maxLength: 12 }), { maxLength: 4 });

describe("spansOf", () => {
  it.each([
    ["I-A I-A O I-B", "A0-2 B3-4", "IOB1"],
    ["I-A I-A B-A I-B", "A0-2 A2-3 B3-4", "IOB1: B between two of one type"],
    ["B-A B-A I-A O", "A0-1 A1-3", "IOB2"],
    ["S-A B-A I-A E-A S-B O", "A0-1 A1-4 B4-5", "BIOES"],
    ["O I-A", "A1-2", "I without its B"],
    ["B-A I-B I-B", "A0-1 B1-3", "another type without its B"],
    ["E-A E-A S-A I-A", "A0-1 A1-2 A2-3 A3-4", "ends that begin nothing"],
    ["B-A E-A I-A O", "A0-2 A2-3", "after an end"],
    ["B-A O B-A", "A0-1 A2-3", "no end"],
    ["B I O I", "0-2 3-4", "no types"],
    ["B-a-b I-a-b", "a-b0-2", "a dash in the type"],
    ["U-A B-A I-A L-A U-B O", "A0-1 A1-4 B4-5", "BILOU"],
    ["W-A B-A M-A E-A W-B O", "A0-1 A1-4 B4-5", "BMEWO"],
    ["S-A B-A M-A E-A S-B O", "A0-1 A1-4 B4-5", "BMES"],
  ])("reads %s as %s (%s)", (tags, spans) => {
    expect(
      spansOf(words(tags))
        .map(({ type, start, end }) => `${type}${start}-${end}`)
        .join(" "),
    ).toBe(spans);
  });

  it("refuses what is no tag, and says where", () => {
    expect(() => spansOf(["O", "PER"])).toThrow(OptionError);
    expect(() => spansOf(["O", "PER"])).toThrow(/got "PER" at position 1/);
    for (const bad of ["", "o", "B-", "Bx", "B_A", "-A", "X-A", "O-A"])
      expect(() => spansOf([bad])).toThrow(OptionError);
  });
});

describe("strictSpansOf", () => {
  // As seqeval 1.2.2 counts with mode="strict".
  it.each<[TagScheme, string, string]>([
    ["IOB2", "O O O O O B-B I-B O", "B5-7"],
    ["IOB2", "O O B-B B-A O B-B I-A O", "B2-3 A3-4 B5-6"],
    ["IOB2", "B-A I-A O O O I-B B-A B-A", "A0-2 A6-7 A7-8"],
    ["BIOES", "B-B O S-A I-B S-A O E-A S-B", "A2-3 A4-5 B7-8"],
    ["BIOES", "E-B S-A I-B S-A E-B E-B S-B O", "A1-2 A3-4 B6-7"],
    ["BIOES", "S-B B-A E-A O I-A B-B O S-A", "B0-1 A1-3 A7-8"],
    ["BILOU", "I-A U-A B-A U-B U-A U-B O U-B", "A1-2 B3-4 A4-5 B5-6 B7-8"],
    ["BILOU", "O O U-A I-B O L-A U-A B-B", "A2-3 A6-7"],
    ["BILOU", "B-A I-A L-A O B-B I-B L-A O", "A0-3"],
  ])("reads %s: %s as %s", (scheme, tags, spans) => {
    expect(
      strictSpansOf(words(tags), scheme)
        .map(({ type, start, end }) => `${type}${start}-${end}`)
        .join(" "),
    ).toBe(spans);
  });

  it("is spansOf where the tags are the scheme's, and never more", () => {
    fc.assert(
      fc.property(fc.array(anyTag, { maxLength: 15 }), fc.constantFrom(...SCHEMES), (tags, to) => {
        const written = convertTags(tags, to);
        expect(strictSpansOf(written, to)).toEqual(spansOf(written));
        // Of any tags, those spans alone can be strict that the scheme would write so.
        const strict = strictSpansOf(tags, to);
        for (const { start, end } of strict) expect(tags.slice(start, end)).not.toContain("O");
        expect(strict.length).toBeLessThanOrEqual(tags.filter((tag) => tag !== "O").length);
      }),
    );
    expect(strictSpansOf(["B-A", "E-A"], "IOB2")).toEqual([{ type: "A", start: 0, end: 1 }]);
    expect(() => strictSpansOf(["PER"], "IOB2")).toThrow(OptionError);
  });
});

describe("tagsOf and convertTags", () => {
  it("write each scheme", () => {
    const tags = words("B-A I-A B-A O B-A B-B I-B I-B");
    expect(convertTags(tags, "IOB1").join(" ")).toBe("I-A I-A B-A O I-A I-B I-B I-B");
    expect(convertTags(tags, "BIOES").join(" ")).toBe("B-A E-A S-A O S-A B-B I-B E-B");
    expect(convertTags(tags, "IOB2")).toEqual(tags);
    expect(convertTags(tags, "BILOU").join(" ")).toBe("B-A L-A U-A O U-A B-B I-B L-B");
    expect(convertTags(tags, "BMEWO").join(" ")).toBe("B-A E-A W-A O W-A B-B M-B E-B");
    expect(convertTags(tags, "BMES").join(" ")).toBe("B-A E-A S-A O S-A B-B M-B E-B");
    expect(convertTags(words("I I O"), "BIOES")).toEqual(["B", "E", "O"]);
  });

  it("keep the spans of any tags, in tags that the scheme allows", () => {
    fc.assert(
      fc.property(fc.array(anyTag, { maxLength: 15 }), fc.constantFrom(...SCHEMES), (tags, to) => {
        const converted = convertTags(tags, to);
        expect(spansOf(converted)).toEqual(spansOf(tags));
        expect(isAllowed(converted, to)).toBe(true);
      }),
    );
  });

  it("refuse spans that overlap, are empty, or go beyond the sentence", () => {
    const span = (start: number, end: number) => ({ type: "A", start, end });
    for (const spans of [[span(0, 2), span(1, 3)], [span(1, 1)], [span(2, 5)], [span(-1, 1)]])
      expect(() => tagsOf(spans, 4, "IOB2")).toThrow(OptionError);
    expect(() => tagsOf([], 1, "IOB" as TagScheme)).toThrow(/scheme to be one of IOB1, IOB2/);
  });
});

function isAllowed(tags: readonly string[], scheme: TagScheme): boolean {
  const labels = labelsOf(scheme);
  const { start, end, between } = allowedTransitions(labels, scheme);
  const ids = tags.map((tag) => labels.indexOf(tag));
  return (
    ids.every((id) => id >= 0) &&
    (ids.length === 0 || (start[ids[0]!]! && end[ids.at(-1)!]!)) &&
    ids.every((id, i) => i === 0 || between[ids[i - 1]!]![id]!)
  );
}

describe("allowedTransitions", () => {
  it("allows exactly the sequences that stay as they are when they are written again", () => {
    // Every sequence of up to four tags: the table and the writer were made apart.
    for (const scheme of SCHEMES) {
      const labels = labelsOf(scheme);
      let sequences: string[][] = [[]];
      for (let length = 1; length <= 4; length++) {
        sequences = sequences.flatMap((tags) => labels.map((label) => [...tags, label]));
        for (const tags of sequences)
          expect([tags, isAllowed(tags, scheme)]).toEqual([
            tags,
            convertTags(tags, scheme).join() === tags.join(),
          ]);
      }
    }
  });

  it("refuses labels of another scheme", () => {
    expect(() => allowedTransitions(["O", "S-A"], "IOB2")).toThrow(/got "S-A" at position 1/);
    expect(() => allowedTransitions(["O", "<pad>"], "BIOES")).toThrow(OptionError);
  });
});

describe("SchemeSurvey", () => {
  const settle = (
    sentences: readonly (readonly string[])[],
    asked: TagScheme | "auto" = "auto",
  ) => {
    const survey = new SchemeSurvey();
    for (const tags of sentences) survey.see(tags);
    return survey.settle(asked, ({ tag, sentence }, scheme) => {
      throw new Error(`${tag} in ${sentence}, not ${scheme}`);
    });
  };
  const inScheme = (scheme: TagScheme) =>
    ["B-A I-A I-A O B-B", "O O", "B-B I-B B-B", "O B-A"].map((tags) =>
      convertTags(words(tags), scheme),
    );

  it("finds the scheme of tags, with and without types", () => {
    for (const scheme of SCHEMES) {
      expect(settle(inScheme(scheme))).toBe(scheme);
      const bare = inScheme(scheme).map((tags) => tags.map((tag) => tag.charAt(0)));
      expect(settle(bare)).toBe(scheme);
    }
    // Words of Chinese, cut into characters: no word is outside.
    expect(settle([words("B E S B M E")])).toBe("BMES");
    for (const none of ["NOUN VERB", "A C G T", "H E C B", "o o", "1 2", "O O", "M F"])
      expect(settle([words(none)])).toBe("none");
  });

  it("one odd tag does not turn the scheme off: it is refused", () => {
    for (const odd of ["B_PER", "o", "U-A", "L-A", "E-A", "PER", "comment"])
      expect(() => settle([...inScheme("IOB2"), ["O", odd]])).toThrow(`${odd} in 4, not IOB2`);
    expect(() => settle([["O", "B-A", "o"]])).toThrow("o in 0, not IOB2");
    expect(() => settle([...inScheme("BIOES"), ["L-A"]])).toThrow("L-A in 4, not BIOES");
    // Tags of other schemes are read as they are meant, where one was asked for.
    expect(settle([...inScheme("IOB2"), ["U-A"]], "IOB2")).toBe("IOB2");
    expect(() => settle([...inScheme("IOB2"), ["o"]], "IOB2")).toThrow("o in 4");
  });

  it("counts the tags of each scheme as if each sentence were written in it", () => {
    const sentences = fc.array(fc.array(anyTag, { maxLength: 8 }), { maxLength: 4 });
    fc.assert(
      fc.property(sentences, fc.constantFrom(...SCHEMES), (sentences, scheme) => {
        const survey = new SchemeSurvey();
        const counts = new Map<string, number>();
        for (const tags of sentences) {
          survey.see(tags);
          for (const tag of convertTags(tags, scheme)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
        }
        expect(survey.wellFormed(scheme)).toEqual(counts);
      }),
    );
  });
});

describe("entityScores", () => {
  it("counts strictly where it is told to", () => {
    const [predicted, target] = [[words("B-A I-A O I-B")], [words("B-A I-A O I-B")]];
    expect(entityScores(predicted, target)).toMatchObject({ f1: 1, target: 2 });
    expect(entityScores(predicted, target, { strict: "IOB2" })).toMatchObject({ f1: 1, target: 1 });
    expect(entityScores(predicted, target, { strict: "BIOES" })).toMatchObject({
      ...{ f1: 0, target: 0, accuracy: 1 },
    });
  });

  it("counts as conlleval's own loop, whatever the tags", () => {
    fc.assert(
      fc.property(anyPairs, (sentences) => {
        const predicted = sentences.map((pairs) => pairs.map(([guess]) => guess));
        const target = sentences.map((pairs) => pairs.map(([, truth]) => truth));
        const { byType } = entityScores(predicted, target);
        const counts = conlleval(predicted, target);
        for (const type of ["A", "B"]) {
          const { correct, predicted, target } = byType[type] ?? {};
          expect([correct ?? 0, predicted ?? 0, target ?? 0]).toEqual(
            [counts.correct, counts.predicted, counts.target].map((row) => row[type] ?? 0),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("prints what conlleval prints", () => {
    // The program of 2004-01-26 itself printed this for these sentences.
    expect(entityReport(entityScores(PREDICTED.map(words), TARGET.map(words)))).toBe(REPORT);
  });

  it("is zero, not undefined, where there is nothing to find", () => {
    const nothing = { correct: 0, precision: 0, recall: 0, f1: 0 };
    expect(entityScores([["O"]], [["O"]])).toMatchObject({ ...nothing, accuracy: 1, byType: {} });
    expect(entityScores([["B-A"]], [["O"]]).byType).toMatchObject({ A: { ...nothing, target: 0 } });
    expect(entityScores([], []).accuracy).toBeNaN();
    const { byType } = entityScores([["B-__proto__"]], [["B-__proto__"]]);
    expect(Object.values(byType)).toMatchObject([{ f1: 1 }]);
  });

  it("refuses sentences that do not match", () => {
    expect(() => entityScores([["O"]], [])).toThrow(ShapeError);
    expect(() => entityScores([["O"], ["O"]], [["O"], ["O", "O"]])).toThrow(
      /expected 2 words in sentence 1, as in the target, got 1/,
    );
  });
});

const TARGET = [
  "B-PER O O I-PER I-LOC O O B-PER I-PER",
  "B-LOC B-x-y O I-LOC B-LOC",
  "I-LOC I-LOC B-PER I-PER B-LOC I-PER",
  "O I-PER I-PER I-PER B-x-y B-PER I-PER I-PER O",
  "I-LOC I-LOC I-PER B-PER I-PER I-PER",
  "I-PER I-PER B-PER O I-PER O",
  "B-x-y O I-PER I-PER I-PER O I-LOC",
  "B-LOC I-PER I-PER O B-LOC B-LOC B-x-y I-PER B-PER",
];
const PREDICTED = [
  "B-ORG B-LOC O I-PER I-LOC O I-PER B-PER I-PER",
  "B-LOC B-x-y O B-LOC B-LOC",
  "I-LOC I-PER B-PER I-PER B-LOC I-PER",
  "O I-PER I-PER I-PER O O O I-PER O",
  "I-LOC I-PER I-PER O O O",
  "I-PER I-LOC B-ORG O I-PER O",
  "B-x-y O I-PER I-PER I-PER I-LOC I-LOC",
  "B-LOC I-PER I-PER I-LOC B-LOC I-PER B-x-y I-PER B-PER",
];
const REPORT = `processed 57 tokens with 31 phrases; found: 34 phrases; correct: 20.
accuracy:  70.18%; precision:  58.82%; recall:  64.52%; FB1:  61.54
              LOC: precision:  53.85%; recall:  63.64%; FB1:  58.33  13
              ORG: precision:   0.00%; recall:   0.00%; FB1:   0.00  2
              PER: precision:  62.50%; recall:  62.50%; FB1:  62.50  16
              x-y: precision: 100.00%; recall:  75.00%; FB1:  85.71  3`;
