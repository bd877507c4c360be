// CTC's searches against the enumeration of all alignments.
import { describe, expect, it } from "vitest";
import {
  IndexError,
  NumericError,
  OptionError,
  ScopeError,
  ShapeError,
} from "../../src/core/errors.js";
import {
  ctcBeamSearch,
  ctcForcedAlignment,
  ctcGreedy,
  CtcStream,
  labelScorer,
  type CtcBeamSearchOptions,
  type LabelScorer,
} from "../../src/decode/index.js";
import { NgramModel } from "../../src/metrics/index.js";
import { tensor } from "../../src/tensor/create.js";
import { noise } from "../kernels/harness.js";
import { collapse, logSoftmax } from "../losses/ctc-reference.js";
import { logProbabilitiesOf, randomScript, ScriptedDecoder } from "./scripted-decoder.js";

const matrix = (time: number, classes: number, seed: number, scale = 2) =>
  Array.from({ length: time }, (_, t) => [...noise(classes, 1000 * seed + t, scale)]);
const logitsOf = (rows: readonly (readonly number[])[]) => tensor([rows.map((row) => [...row])]);

interface Labelling {
  labels: number[];
  logProbability: number;
  /** The most probable alignment's. */
  best: number;
  alignment: number[];
}

/** All labellings with their probabilities, the most probable first. */
function enumerated(rows: readonly (readonly number[])[], blank: number): Labelling[] {
  let alignments: { path: number[]; score: number }[] = [{ path: [], score: 0 }];
  for (const row of rows.map(logSoftmax))
    alignments = alignments.flatMap(({ path, score }) =>
      row.map((own, label) => ({ path: [...path, label], score: score + own })),
    );
  const found = new Map<string, Labelling>();
  for (const { path, score } of alignments) {
    if (score === -Infinity) continue;
    const labels = collapse(path, blank);
    const key = labels.join();
    const each = found.get(key) ?? {
      labels,
      logProbability: -Infinity,
      best: -Infinity,
      alignment: [],
    };
    each.logProbability = Math.log(Math.exp(each.logProbability) + Math.exp(score));
    if (score > each.best) [each.best, each.alignment] = [score, path];
    found.set(key, each);
  }
  return [...found.values()].sort((a, b) => b.logProbability - a.logProbability);
}

/** Of each label, the step of its run in an alignment at which it is most probable. */
function timesIn(
  alignment: readonly number[],
  rows: readonly (readonly number[])[],
  blank: number,
) {
  const times: number[] = [];
  const at = (t: number) => logSoftmax(rows[t]!)[alignment[t]!]!;
  alignment.forEach((label, t) => {
    if (label === blank) return;
    if (label !== alignment[t - 1]) times.push(t);
    else if (at(t) > at(times.at(-1)!)) times[times.length - 1] = t;
  });
  return times;
}

const EXACT = { beams: 5000, nBest: 5000 };

describe("ctcBeamSearch", () => {
  it("finds what the best path misses", () => {
    const row = [0.4, 0, 0.6].map((p) => Math.log(p));
    const logits = logitsOf([row, row]);
    expect([...ctcGreedy(logits, { blank: 2 })[0]!.labels]).toEqual([]);
    const [best] = ctcBeamSearch(logits, { blank: 2 })[0]!;
    expect([...best!.labels]).toEqual([0]);
    expect(best!.logProbability).toBeCloseTo(Math.log(0.64), 6);
    expect(best!.score).toBe(best!.logProbability);
  });

  it.each([
    [5, 3, 0],
    [4, 4, 2],
    [6, 3, 1],
    [1, 3, 0],
  ])("sums over all alignments of %i steps, %i classes, blank %i", (time, classes, blank) => {
    for (let seed = 0; seed < 5; seed++) {
      const rows = matrix(time, classes, seed);
      const all = enumerated(rows, blank);
      const found = ctcBeamSearch(logitsOf(rows), { ...EXACT, blank })[0]!;
      expect(found.map(({ labels }) => [...labels])).toEqual(all.map(({ labels }) => labels));
      found.forEach(({ logProbability, times }, i) => {
        expect(logProbability).toBeCloseTo(all[i]!.logProbability, 5);
        expect([...times]).toEqual(timesIn(all[i]!.alignment, rows, blank));
      });
    }
  });

  it("keeps the best of a beam, and looks at the likeliest labels", () => {
    const rows = matrix(5, 4, 3);
    const exact = ctcBeamSearch(logitsOf(rows), { ...EXACT })[0]!;
    const narrow = ctcBeamSearch(logitsOf(rows), { beams: 4, nBest: 4 })[0]!;
    expect(narrow).toHaveLength(4);
    expect([...narrow[0]!.labels]).toEqual([...exact[0]!.labels]);
    for (const { labels, logProbability } of narrow) {
      const same = exact.find((each) => String(each.labels) === String(labels))!;
      expect(logProbability).toBeLessThanOrEqual(same.logProbability + 1e-9);
    }
    // One label a step: what is found is made of the likeliest ones alone.
    const likeliest = rows.map((row) => row.indexOf(Math.max(...row.slice(1)), 1));
    const cut = ctcBeamSearch(logitsOf(rows), { ...EXACT, cutoffTopN: 1 })[0]!;
    const ways = enumerated(
      rows.map((row, t) =>
        row.map((x, label) => (label === 0 || label === likeliest[t] ? x : -Infinity)),
      ),
      0,
    );
    expect(new Set(cut.map(({ labels }) => String(labels)))).toEqual(
      new Set(ways.map(({ labels }) => String(labels))),
    );
  });

  it("reads a batch with lengths as row by row, NaN behind the ends", () => {
    const [a, b] = [matrix(6, 4, 1), matrix(4, 4, 2)];
    const padded = [...b, [NaN, NaN, NaN, NaN], [NaN, NaN, NaN, NaN]];
    const both = tensor([a, padded]);
    const options = { nBest: 3, lengths: [6, 4] };
    const got = ctcBeamSearch(both, options);
    expect(got[0]).toEqual(ctcBeamSearch(logitsOf(a), { nBest: 3 })[0]);
    expect(got[1]).toEqual(ctcBeamSearch(logitsOf(b), { nBest: 3 })[0]);
    expect(ctcGreedy(both, { lengths: [6, 4] })[1]).toEqual(ctcGreedy(logitsOf(b))[0]);
    expect(ctcBeamSearch(both, { lengths: [0, 0] })[0]![0]!.labels).toHaveLength(0);
    expect(() => ctcBeamSearch(both)).toThrow(NumericError);
    expect(() => ctcBeamSearch(both)).toThrow("NaN for id 0 at step 4");
  });

  it("keeps probabilities far below what a double holds", () => {
    const rows = Array.from({ length: 2000 }, (_, t) => [t % 2 === 0 ? 0 : -1, -1, -1.5, -1]);
    const [best] = ctcBeamSearch(logitsOf(rows), { beams: 8 })[0]!;
    expect(best!.logProbability).toBeLessThan(-800);
    expect(best!.logProbability).toBeGreaterThan(-5000);
    expect([...best!.times].every((time, i, all) => i === 0 || time > all[i - 1]!)).toBe(true);
  });

  it("refuses what does not fit", () => {
    const logits = logitsOf(matrix(3, 3, 1));
    expect(() => ctcBeamSearch(tensor([[1, 2]]))).toThrow(ShapeError);
    expect(() => ctcBeamSearch(logits, { blank: 3 })).toThrow(OptionError);
    expect(() => ctcBeamSearch(logits, { beams: 2, nBest: 3 })).toThrow("nBest at most 2");
    expect(() => ctcBeamSearch(logits, { alpha: -1 })).toThrow("alpha");
    expect(() => ctcBeamSearch(logits, { lengths: [4] })).toThrow(IndexError);
  });
});

describe("a language model", () => {
  const CLASSES = 4;
  const script = randomScript(3, CLASSES, { impossible: false });
  const START = 0;

  /** log P(labels), each given the start and those before, and of the end in the blank's place. */
  const scoreOf = (labels: readonly number[], end?: number) => {
    const all = end === undefined ? labels : [...labels, end];
    return all.reduce(
      (sum, label, i) =>
        sum + logProbabilitiesOf(script, 0, [START, ...labels.slice(0, i)])[label]!,
      0,
    );
  };

  it.each<[string, { start: number; end?: number }, CtcBeamSearchOptions]>([
    ["alone", { start: START }, { alpha: 0.7 }],
    ["with a bonus for each label", { start: START }, { alpha: 0.7, beta: 1.3 }],
    ["with its end", { start: START, end: 3 }, { alpha: 1, beta: 0.5 }],
  ])("ranks all labellings: %s", (_, ends, options) => {
    // The script does not depend on the source.
    const model = {
      decoder: ({ rows }: { rows: number }) =>
        new ScriptedDecoder((_source, read) => script(0, read), { classes: CLASSES, rows }),
    };
    const rows = matrix(4, CLASSES, 7);
    const found = ctcBeamSearch(logitsOf(rows), {
      ...EXACT,
      ...options,
      languageModel: labelScorer(model, ends),
    })[0]!;
    const { alpha = 0.5, beta = 0 } = options;
    const wanted = enumerated(rows, 0)
      .map((each) => {
        const languageModel = scoreOf(each.labels, ends.end);
        const score = each.logProbability + alpha * languageModel + beta * each.labels.length;
        return { ...each, languageModel, score };
      })
      .sort((a, b) => b.score - a.score);
    expect(found.slice(0, 20).map(({ labels }) => [...labels])).toEqual(
      wanted.slice(0, 20).map(({ labels }) => labels),
    );
    found.slice(0, 20).forEach((each, i) => {
      expect(each.score).toBeCloseTo(wanted[i]!.score, 4);
      expect(each.languageModel).toBeCloseTo(wanted[i]!.languageModel, 4);
      expect(each.logProbability).toBeCloseTo(wanted[i]!.logProbability, 4);
    });
  });

  it("of n-grams reads ids of its own, and turns the balance", async () => {
    // Labels 1 and 2 are ids 11 and 12, which come by turns.
    const ids = [0, 11, 12];
    const text = Int32Array.from({ length: 200 }, (_, i) => 11 + (i % 2));
    const model = await NgramModel.build(text, { vocabularySize: 13, order: 2 });
    const rows = [
      [0, 3, 0],
      [6, 0, 0],
      [0, 4, 2.5],
    ];
    const languageModel = labelScorer(model, { ids });
    expect([...ctcBeamSearch(logitsOf(rows))[0]![0]!.labels]).toEqual([1, 1]);
    const [best] = ctcBeamSearch(logitsOf(rows), { languageModel, alpha: 1, beta: 2 })[0]!;
    expect([...best!.labels]).toEqual([1, 2]);
    const expected = model.logProbability([], 11) + model.logProbability([11], 12);
    expect(best!.languageModel).toBeCloseTo(expected, 5);
  });

  it("is asked once for each prefix, and refused where it gives NaN or allows nothing", () => {
    const asked: string[] = [];
    const counting: LabelScorer = {
      score(prefixes, _, out) {
        asked.push(...prefixes.map(String));
        out.fill(-1);
      },
    };
    ctcBeamSearch(logitsOf(matrix(6, 3, 2)), { languageModel: counting });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toContain("");
    const broken: LabelScorer = { score: (_prefixes, _blank, out) => out.fill(NaN) };
    expect(() => ctcBeamSearch(logitsOf(matrix(2, 3, 2)), { languageModel: broken })).toThrow(
      NumericError,
    );
    const none: LabelScorer = { score: (_prefixes, _blank, out) => out.fill(-Infinity) };
    expect(() => ctcBeamSearch(logitsOf([[-Infinity, 0, 0]]), { languageModel: none })).toThrow(
      "none from step 0 on",
    );
    expect(() => labelScorer({} as NgramModel)).toThrow("logProbability() or decoder()");
    expect(() =>
      labelScorer({ decoder: () => new ScriptedDecoder(script, { classes: 3 }) }),
    ).toThrow("start");
  });
});

describe("CtcStream", () => {
  it.each([[1], [2, 0, 3], [7], [40]])(
    "gives the whole's results, in pushes of %j steps",
    (...sizes) => {
      const rows = matrix(40, 5, 4, 4);
      const options = { beams: 6, nBest: 6 };
      const whole = ctcBeamSearch(logitsOf(rows), options)[0]!;
      const stream = new CtcStream(5, options);
      const flat = Float32Array.from(rows.flat());
      const read: { labels: number[]; final: number }[] = [];
      for (let at = 0, i = 0; at < 40; at += sizes[i++ % sizes.length]!) {
        const end = Math.min(40, at + sizes[i % sizes.length]!);
        const { labels, times, final } = stream.push(flat.subarray(5 * at, 5 * end));
        expect(times).toHaveLength(labels.length);
        expect(final).toBeLessThanOrEqual(labels.length);
        read.push({ labels: [...labels], final });
      }
      expect(stream.end()).toEqual(whole);
      // What was called final stayed.
      const best = [...whole[0]!.labels];
      for (const { labels, final } of read)
        expect(labels.slice(0, final)).toEqual(best.slice(0, final));
      if (sizes[0] === 1)
        expect(read.some(({ final }) => final > 3 && final < best.length)).toBe(true);
      expect(() => stream.push(flat)).toThrow(ScopeError);
      stream.reset();
      expect(stream.push(flat.subarray(0, 0)).labels).toHaveLength(0);
      expect(() => stream.push(flat.subarray(0, 3))).toThrow(ShapeError);
    },
  );
});

describe("ctcForcedAlignment", () => {
  it.each([
    [[1, 2], 0],
    [[1, 1], 0],
    [[2], 0],
    [[], 0],
    [[0, 1, 0], 2],
  ])("finds the best of all alignments of %j", (target, blank) => {
    for (let seed = 0; seed < 5; seed++) {
      const rows = matrix(6, 3, seed);
      const wanted = enumerated(rows, blank).find(
        ({ labels }) => String(labels) === String(target),
      )!;
      const targets = tensor(Int32Array.from(target), { shape: [1, target.length] });
      const [got] = ctcForcedAlignment(logitsOf(rows), targets, { blank });
      expect([...got!.path]).toEqual(wanted.alignment);
      expect(got!.logProbability).toBeCloseTo(wanted.best, 5);
      expect(got!.spans.map(({ label }) => label)).toEqual(target);
      for (const { label, start, end, score } of got!.spans) {
        const steps = rows.slice(start, end).map((row) => Math.exp(logSoftmax(row)[label]!));
        expect(wanted.alignment.slice(start, end).every((each) => each === label)).toBe(true);
        expect(score).toBeCloseTo(steps.reduce((a, b) => a + b) / steps.length, 5);
      }
    }
  });

  it("aligns rows of several lengths", () => {
    const rows = matrix(5, 3, 1);
    const logits = tensor([rows, [...rows.slice(0, 3), [NaN, NaN, NaN], [NaN, NaN, NaN]]]);
    const targets = tensor(
      [
        [1, 2],
        [2, 9],
      ],
      { dtype: "int32" },
    );
    const got = ctcForcedAlignment(logits, targets, {
      inputLengths: [5, 3],
      targetLengths: [2, 1],
    });
    expect(got[1]!.path).toHaveLength(3);
    expect(got[1]!.spans.map(({ label }) => label)).toEqual([2]);
  });

  it("refuses targets that cannot fit, are no labels, or are impossible", () => {
    const logits = logitsOf(matrix(2, 3, 1));
    const of = (...labels: number[]) => tensor([labels], { dtype: "int32" });
    expect(() => ctcForcedAlignment(logits, of(1, 1))).toThrow(OptionError);
    expect(() => ctcForcedAlignment(logits, of(1, 1))).toThrow(
      "at least 3 steps for the 2 labels of row 0, got 2",
    );
    expect(() => ctcForcedAlignment(logits, of(0))).toThrow(IndexError);
    expect(() => ctcForcedAlignment(logits, of(3))).toThrow(IndexError);
    expect(() => ctcForcedAlignment(logitsOf([[0, -Infinity, 0]]), of(1))).toThrow(NumericError);
    expect(() => ctcForcedAlignment(logits, tensor([[1], [1]], { dtype: "int32" }))).toThrow(
      ShapeError,
    );
  });
});
