import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NumericError, OptionError } from "../../src/core/errors.js";
import {
  beamSearch,
  greedy,
  sample,
  Sampler,
  sampleTokens,
  type Hypothesis,
  type SampleOptions,
} from "../../src/decode/index.js";
import { memoryUsage } from "../../src/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { isAllowed } from "./reference.js";
import { randomScript, ScriptedDecoder, type Script } from "./scripted-decoder.js";
import { decoderOf, optionsOf, problems, type Problem } from "./tasks.js";

/** The options of a problem that every search takes. */
function common({ tasks }: Problem): SampleOptions {
  const { beams: _b, nBest: _n, lengthPenalty: _l, alpha: _a, ...rest } = optionsOf(tasks);
  return rest;
}

/** What a function returns, or that a row came to nothing. */
function orDeadEnd<T>(run: () => T): T | "dead end" {
  try {
    return run();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return "dead end";
  }
}

describe("greedy", () => {
  test("rows at once give what they give one by one", () => {
    fc.assert(
      fc.property(problems({ rows: 5, classes: 5, length: 6 }), (problem) => {
        const alone = problem.tasks.map((task) => {
          const one = { ...problem, tasks: [task] };
          return orDeadEnd(() => greedy(decoderOf(one), common(one))[0]!);
        });
        const together = orDeadEnd(() => greedy(decoderOf(problem), common(problem)));
        expect(together).toEqual(alone.includes("dead end") ? "dead end" : alone);
      }),
    );
  });

  test("a row is fed what it needs and no more: its prompt, and all it writes but the last id", () => {
    fc.assert(
      fc.property(problems({ rows: 5, classes: 5, length: 6 }), (problem) => {
        const decoder = decoderOf(problem, 1);
        const texts = orDeadEnd(() => greedy(decoder, common(problem)));
        fc.pre(texts !== "dead end");
        const needed = problem.tasks.map(
          ({ prompt }, i) => prompt.length + texts[i]!.ids.length - 1,
        );
        const fed = decoder.stepRows.reduce((sum, rows) => sum + rows, 0);
        expect(fed).toBe(needed.reduce((sum, steps) => sum + steps, 0));
        expect(decoder.stepRows).toHaveLength(Math.max(...needed));
      }),
    );
  });

  test("asks for logits only when a row's prompt has been read", () => {
    const decoder = new ScriptedDecoder(randomScript(1, 4), { classes: 4, rows: 2 });
    greedy(decoder, {
      prompt: [
        [0, 1, 2, 3],
        [3, 2, 1],
      ],
      maxLength: 2,
    });
    expect(decoder.reads).toEqual([false, false, true, true, true]);
    expect(decoder.stepRows).toEqual([2, 2, 2, 2, 1]);
  });

  test("the log-probability is the sum of log-softmax in float64", () => {
    const script = randomScript(5, 50, { impossible: false });
    const [text] = greedy(new ScriptedDecoder(script, { classes: 50 }), {
      prompt: 7,
      excluded: [3, 4],
      maxLength: 30,
    });
    let expected = 0;
    text!.ids.forEach((id, t) => {
      const logits = [...Array.from(script(0, [7, ...text!.ids.subarray(0, t)]))];
      expected += logits[id]! - Math.log(logits.reduce((sum, each) => sum + Math.exp(each), 0));
    });
    expectClose([text!.logProbability, text!.score], [expected, expected], 1e-5);
  });
});

describe("sample", () => {
  const script = randomScript(11, 6, { impossible: false });
  const decoder = (rows = 1, capacity = rows, own: Script = script) =>
    new ScriptedDecoder(own, { classes: 6, rows, capacity });

  test("draws as a sampler with its seed does", () => {
    const sampling = { temperature: 0.8, topK: 4, topP: 0.95, minP: 0.01, seed: 9 };
    const [[text]] = sample(decoder(), { prompt: 0, maxLength: 40, ...sampling }) as [[Hypothesis]];
    const sampler = new Sampler(sampling);
    const read = [0];
    for (const id of text.ids) {
      expect(id).toBe(sampler.sample(Float32Array.from(script(0, read))));
      read.push(id);
    }
  });

  test("texts of a row are independent of each other and of what becomes of other rows", () => {
    const options = { maxLength: 30, samples: 3, seed: 4 };
    const texts = sample(decoder(2, 6), { prompt: [[0], [1, 2]], ...options });
    expect(texts.map((row) => row.length)).toEqual([3, 3]);
    const all = texts.flat().map(({ ids }) => ids.join());
    expect(new Set(all).size).toBe(6);
    // The first row does the same when the second ends at once.
    const ending: Script = (source, read) =>
      source === 0 ? script(source, read) : [9, ...Array<number>(5).fill(-Infinity)];
    const shorter = sample(decoder(2, 6, ending), {
      prompt: [[0], [1, 2]],
      endToken: 0,
      minLength: 0,
      ...options,
    });
    const withEnd = sample(decoder(2, 6), { prompt: [[0], [1, 2]], endToken: 0, ...options });
    expect(shorter[0]).toEqual(withEnd[0]);
    expect(shorter[1]!.map(({ ids }) => [...ids])).toEqual([[0], [0], [0]]);
  });

  test("frequencies are the model's", () => {
    const logits = [1, 0, -1, 2];
    const fixed = new ScriptedDecoder(() => logits, { classes: 4, capacity: 4000 });
    const [texts] = sample(fixed, { prompt: 0, maxLength: 2, samples: 4000, seed: 1 });
    const weights = logits.map(Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const position of [0, 1])
      weights.forEach((weight, id) => {
        const expected = weight / total;
        const share = texts!.filter(({ ids }) => ids[position] === id).length / 4000;
        // Five standard deviations of a binomial count.
        expect(Math.abs(share - expected)).toBeLessThan(
          5 * Math.sqrt((expected * (1 - expected)) / 4000),
        );
      });
    // One row until the prompt is read, then one for each text.
    expect(fixed.stepRows).toEqual([1, 4000]);
  });

  test("keeps to the constraints, and scores what the model says without them", () => {
    fc.assert(
      fc.property(problems({ rows: 3, classes: 5, length: 6 }), fc.nat(99), (problem, seed) => {
        const options = { ...common(problem), samples: 2, seed };
        const texts = orDeadEnd(() => sample(decoderOf(problem, 2), options));
        fc.pre(texts !== "dead end");
        problem.tasks.forEach((task, row) => {
          for (const { ids, logProbability, finished } of texts[row]!) {
            // The search of all texts with this one as its prefix, and nothing else in the way.
            const alone = {
              ...task,
              ...{
                prefix: [...ids].slice(0, -1),
                minLength: 0,
                excluded: [],
                maxLength: ids.length,
              },
              ...{ noRepeatNgramSize: undefined, beams: 5, nBest: 5, endToken: [] },
              ...{ lengthPenalty: "none" as const, alpha: undefined },
            };
            const one = { ...problem, tasks: [alone] };
            const found = beamSearch(decoderOf(one), optionsOf([alone]))[0]!;
            const same = found.find((text) => text.ids.join() === ids.join());
            expect(same!.logProbability).toBe(logProbability);
            expect(finished).toBe(task.endToken.includes(ids.at(-1)!));
            expect(finished || ids.length === task.maxLength).toBe(true);
            ids.forEach((id, t) => expect(isAllowed(task, [...ids.subarray(0, t)], id)).toBe(true));
          }
        });
      }),
    );
  });

  test("several samples of the most probable ids would be the same", () => {
    expect(() => sample(decoder(1, 2), { prompt: 0, samples: 2, temperature: 0 })).toThrow(
      "temperature above 0",
    );
  });
});

describe("sampleTokens", () => {
  const script = randomScript(3, 6, { impossible: false });
  const decoder = () => new ScriptedDecoder(script, { classes: 6, rows: 2, capacity: 4 });
  const options = { prompt: 1, maxLength: 5, seed: 2, endToken: 0 };

  test("gives the ids of sample, a step at a time, and the texts at the end", () => {
    const expected = sample(decoder(), { ...options, samples: 2 });
    const watched = decoder();
    const tokens = sampleTokens(watched, { ...options, samples: 2 });
    expect(watched.stepRows).toEqual([]);
    const written = [0, 1].map(() => [[], []] as number[][]);
    let result = tokens.next();
    for (; !result.done; result = tokens.next()) {
      const { row, sample, id } = result.value;
      written[row]![sample]!.push(id);
      // No step ahead of what was taken.
      expect(watched.stepRows).toHaveLength(Math.max(...written.flat().map((ids) => ids.length)));
    }
    expect(result.value).toEqual(expected);
    expect(written).toEqual(expected.map((row) => row.map(({ ids }) => [...ids])));
  });

  test("with temperature 0 it is greedy search", () => {
    const ids = [...sampleTokens(decoder(), { ...options, temperature: 0 })]
      .filter(({ row }) => row === 1)
      .map(({ id }) => id);
    expect(ids).toEqual([...greedy(decoder(), { prompt: 1, maxLength: 5, endToken: 0 })[1]!.ids]);
  });

  test("refuses options at once, before the first id is asked for", () => {
    expect(() => sampleTokens(decoder(), { ...options, temperature: -1 })).toThrow(OptionError);
    expect(() => sampleTokens(decoder(), { ...options, minLength: 6 })).toThrow(OptionError);
  });
});

describe("whatever happens, the buffers are freed", () => {
  const broken: Script = (_, read) => (read.length < 3 ? [0, 1, 2] : [0, NaN, 2]);
  const decoder = (script: Script) => new ScriptedDecoder(script, { classes: 3, capacity: 2 });

  test.each([
    [
      "at the end",
      () =>
        greedy(
          decoder(() => [0, 1, 2]),
          { prompt: 0, maxLength: 4 },
        ),
    ],
    ["by an error", () => expect(() => greedy(decoder(broken), { prompt: 0 })).toThrow()],
    [
      "by an error in beam search",
      () => expect(() => beamSearch(decoder(broken), { prompt: 0, beams: 2 })).toThrow(),
    ],
    [
      "when the loop is left",
      () => {
        for (const _ of sampleTokens(
          decoder(() => [0, 1, 2]),
          { prompt: 0 },
        ))
          break;
      },
    ],
  ])("%s", (_, run) => {
    const { heapBytes } = memoryUsage();
    run();
    expect(memoryUsage().heapBytes).toBe(heapBytes);
  });

  test("NaN among the logits is named with its step, row and id", () => {
    const message = "got NaN for id 1 in row 0 of step 3";
    expect(() => greedy(decoder(broken), { prompt: 0 })).toThrow(message);
    expect(() => sample(decoder(broken), { prompt: 0 })).toThrow(message);
    expect(() => beamSearch(decoder(broken), { prompt: 0, beams: 2 })).toThrow(message);
    expect(() => greedy(decoder(broken), { prompt: 0 })).toThrow(NumericError);
    const nothing: Script = () => [-Infinity, -Infinity, -Infinity];
    expect(() => beamSearch(decoder(nothing), { prompt: 0, beams: 2 })).toThrow(
      "got 3 of -Infinity in row 0 of step 1",
    );
  });
});
