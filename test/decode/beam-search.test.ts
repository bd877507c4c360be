import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { beamSearch, greedy, type EarlyStopping, type Hypothesis } from "../../src/decode/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { exhaustive, plainBeamSearch } from "./reference.js";
import { ScriptedDecoder, type Script } from "./scripted-decoder.js";
import { decoderOf, optionsOf, problems, type Problem } from "./tasks.js";

/** The same texts in the same order; scores but for how the penalty's power is computed. */
function expectSame(actual: readonly Hypothesis[], expected: readonly Hypothesis[]): void {
  const parts = ({ ids, logProbability, finished }: Hypothesis) => [
    [...ids],
    logProbability,
    finished,
  ];
  expect(actual.map(parts)).toEqual(expected.map(parts));
  const scores = (each: readonly Hypothesis[]) => each.map(({ score }) => score);
  expectClose(scores(actual), scores(expected), { absolute: 0, relative: 1e-14 });
}

function search(problem: Problem): Hypothesis[][] {
  return beamSearch(decoderOf(problem), optionsOf(problem.tasks));
}

describe("what it finds", () => {
  test("with a beam for every text, the best of all that the constraints allow", () => {
    fc.assert(
      fc.property(problems({}), ({ script, classes, tasks }) => {
        const [task] = tasks as [(typeof tasks)[0]];
        const wide = { ...task, beams: Math.max(classes ** task.maxLength, task.nBest) };
        const expected = exhaustive(script, { ...wide, nBest: task.nBest });
        const problem = { script, classes, tasks: [wide] };
        if (expected.length === 0) expect(() => search(problem)).toThrow(OptionError);
        else expectSame(search(problem)[0]!, expected);
      }),
      { numRuns: 500 },
    );
  });

  // Once with ties and dead ends everywhere, once with more classes than a beam ever sees.
  test.each([
    [{ classes: 6, length: 8 }, 500],
    [{ classes: 400, length: 5 }, 50],
  ])("with fewer, what a beam finds that sorts all and never ends early: %o", (limits, numRuns) => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const expected = plainBeamSearch(problem.script, problem.tasks[0]!);
        if (expected.length === 0) expect(() => search(problem)).toThrow(OptionError);
        else expectSame(search(problem)[0]!, expected);
      }),
      { numRuns },
    );
  });

  test("with one and no penalty, what greedy search finds", () => {
    fc.assert(
      fc.property(problems({ classes: 6, length: 8 }), (problem) => {
        const tasks = problem.tasks.map((task) => ({
          ...task,
          beams: 1,
          nBest: 1,
          lengthPenalty: "none" as const,
          alpha: undefined,
        }));
        const one = { ...problem, tasks };
        const { beams: _, nBest: _n, lengthPenalty: _l, alpha: _a, ...common } = optionsOf(tasks);
        let texts: Hypothesis[];
        try {
          texts = search(one)[0]!;
        } catch (error) {
          expect(error).toBeInstanceOf(OptionError);
          expect(() => greedy(decoderOf(one), common)).toThrow(OptionError);
          return;
        }
        expect(greedy(decoderOf(one), common)).toEqual(texts);
      }),
    );
  });

  test("rows at once give what they give one by one", () => {
    fc.assert(
      fc.property(problems({ rows: 5, classes: 5, length: 6 }), (problem) => {
        const alone = problem.tasks.map((task) => {
          try {
            return search({ ...problem, tasks: [task] })[0]!;
          } catch (error) {
            expect(error).toBeInstanceOf(OptionError);
            return undefined;
          }
        });
        if (alone.includes(undefined)) expect(() => search(problem)).toThrow(OptionError);
        else expect(search(problem)).toEqual(alone);
      }),
    );
  });
});

/** A tree of texts: the ids that may follow, with their probabilities; what is not listed, ends there. */
type Tree = { [id: number]: [probability: number, next?: Tree] };

/** Classes 0 to 3 where 0 ends a text. */
const END = 0;

function decoderOver(trees: Tree[], capacity = 12): ScriptedDecoder {
  const script: Script = (source, [, ...read]) => {
    const here = read.reduce<Tree>((tree, id) => tree[id]?.[1] ?? {}, trees[source]!);
    return Array.from({ length: 4 }, (_, id) => Math.log(here[id]?.[0] ?? 0));
  };
  return new ScriptedDecoder(script, { classes: 4, rows: trees.length, capacity });
}

// The greedy way: 1 2 end, 0.6 · 0.4 · 1. The best: 2 3 end, 0.4 · 0.9 · 0.9.
const TREE: Tree = {
  1: [0.6, { 1: [0.3, { [END]: [1] }], 2: [0.4, { [END]: [1] }], 3: [0.3, { [END]: [1] }] }],
  2: [0.4, { 3: [0.9, { [END]: [0.9], 1: [0.1, { [END]: [1] }] }], [END]: [0.1] }],
};

describe("rows", () => {
  test("leave the batch when nothing they can become is among the best", () => {
    const decoder = decoderOver([TREE, { 3: [1, { [END]: [1] }] }]);
    const [first, second] = beamSearch(decoder, { prompt: 9, endToken: END, beams: 2 });
    expect([...first![0]!.ids]).toEqual([2, 3, END]);
    expect(first![0]!.finished).toBe(true);
    expectClose([first![0]!.logProbability], [Math.log(0.4 * 0.9 * 0.9)], 1e-6);
    expect([...second![0]!.ids]).toEqual([3, END]);
    // The prompts; 1, 2 and 3; 2 3 and 1 2 of the first, where 2 3 end then beats 1 2 and 2 3 1.
    expect(decoder.stepRows).toEqual([2, 3, 2]);
    expect(decoder.selected).toEqual([
      [0, 0, 1],
      [1, 0],
    ]);
  });

  test("a text without rivals costs one row", () => {
    const chain: Tree = { 1: [1, { 2: [1, { 3: [1, { [END]: [1] }] }] }] };
    const decoder = decoderOver([chain]);
    beamSearch(decoder, { prompt: 9, endToken: END, beams: 4 });
    expect(decoder.stepRows).toEqual([1, 1, 1, 1]);
    expect(decoder.selected).toEqual([]);
  });

  test("with early stopping a row ends with as many complete texts as beams", () => {
    // With average probabilities a longer text can always win; here it does, at the very end.
    const long: Tree = { 1: [0.5, { 1: [1, { 1: [1, { 1: [1, { [END]: [1] }] }] }] }] };
    const tree: Tree = { ...long, [END]: [0.5] };
    const options = { prompt: 9, endToken: END, lengthPenalty: "average", maxLength: 9 } as const;
    const exact = decoderOver([tree]);
    const [[best]] = beamSearch(exact, { ...options, beams: 1 }) as [[Hypothesis]];
    expect([...best.ids]).toEqual([1, 1, 1, 1, END]);
    expectClose([best.score], [Math.log(0.5) / 5], 1e-6);
    expect(exact.stepRows).toHaveLength(5);
    const early = decoderOver([tree]);
    const [[first]] = beamSearch(early, { ...options, beams: 1, earlyStopping: true }) as [
      [Hypothesis],
    ];
    expect([...first.ids]).toEqual([END]);
    expect(early.stepRows).toEqual([1]);
  });

  test("with the heuristic a row goes on while an open text is ahead as it stands", () => {
    // Both ends come early and are poor; the open text is the best by far until it spreads.
    const open: Tree = { 1: [0.9, { 1: [0.9, { [END]: [1] }] }] };
    const tree: Tree = { ...open, [END]: [0.06], 2: [0.04, { [END]: [1] }] };
    const options = { prompt: 9, endToken: END, beams: 2, nBest: 2, maxLength: 9 } as const;
    const found = (earlyStopping: EarlyStopping) => {
      const decoder = decoderOver([tree]);
      const [[best]] = beamSearch(decoder, { ...options, earlyStopping }) as [[Hypothesis]];
      return { ids: [...best.ids], steps: decoder.stepRows.length };
    };
    expect(found(true)).toEqual({ ids: [END], steps: 2 });
    expect(found("heuristic")).toEqual({ ids: [1, 1, END], steps: 3 });
    expect(found(false)).toEqual({ ids: [1, 1, END], steps: 3 });

    // A mean may rise to the very end: that is what the heuristic does not wait for.
    const late: Tree = { 1: [0.5, { 1: [0.4, { 1: [1, { 1: [1, { [END]: [1] }] }] }] }] };
    const rising = { ...options, lengthPenalty: "average", beams: 1, nBest: 1 } as const;
    const ends = { ...late, [END]: [0.5] } satisfies Tree;
    const search = (earlyStopping: EarlyStopping) =>
      beamSearch(decoderOver([ends]), { ...rising, earlyStopping })[0]![0]!.ids.length;
    expect(search("heuristic")).toBe(1);
    expect(search(false)).toBe(5);
  });

  test("refuses a way of ending that there is not", () => {
    const ends = { prompt: 9, endToken: END, earlyStopping: "never" as never };
    expect(() => beamSearch(decoderOver([TREE]), ends)).toThrow(
      'beamSearch: expected earlyStopping true, false or "heuristic", got "never"',
    );
  });
});
