import { describe, expect, test } from "vitest";
import { IndexError, OptionError, ShapeError } from "../../src/core/errors.js";
import {
  beamSearch,
  checkSelect,
  checkStep,
  greedy,
  readDecoderOptions,
  sample,
  type BeamSearchOptions,
  type SampleOptions,
} from "../../src/decode/index.js";
import { lengthPenalty } from "../../src/decode/length-penalty.js";
import { expectClose } from "../helpers/expect-close.js";
import { randomScript, ScriptedDecoder } from "./scripted-decoder.js";

const decoder = () => new ScriptedDecoder(randomScript(1, 5), { classes: 5, rows: 2, capacity: 6 });

describe("options that make no sense are refused by name", () => {
  const refuse = (
    options: Record<string, unknown>,
    error: new (...args: never[]) => Error,
    name: string,
    search: (options: never) => unknown,
  ) => {
    const run = () => search({ prompt: 0, ...options } as never);
    expect(run).toThrow(error);
    expect(run).toThrow(name);
  };

  test.each<[Record<string, unknown>, new (...args: never[]) => Error, string]>([
    [{ prompt: [[0]] }, ShapeError, "prompt"],
    [{ prompt: undefined }, OptionError, "prompt"],
    [{ prompt: [[0], []] }, OptionError, "prompt"],
    [{ prompt: [[0], [-1]] }, IndexError, "prompt"],
    [{ prompt: 1.5 }, IndexError, "prompt"],
    [
      { prompt: [1, 2] },
      OptionError,
      "prompt as a list of ids for each row, such as [[1, 2]], got 1",
    ],
    [{ prompt: ["1", "2"] }, OptionError, "prompt as a list of ids for each row"],
    [{ prefix: [1, 2] }, OptionError, "prefix as a list of ids for each row"],
    [{ prefix: [[0]] }, ShapeError, "prefix"],
    [{ prefix: [[0], [5]] }, IndexError, "prefix"],
    [{ prefix: [[0], [1, 2]], maxLength: 1 }, OptionError, "prefix"],
    [{ prefix: [[0], [1, 2]], endToken: 2 }, OptionError, "prefix without an end token"],
    [{ maxLength: 0 }, OptionError, "maxLength"],
    [{ maxLength: [1] }, ShapeError, "maxLength"],
    [{ maxLength: [1, 2.5] }, OptionError, "maxLength"],
    [{ maxLength: Infinity }, OptionError, "maxLength"],
    [{ minLength: -1, endToken: 1 }, OptionError, "minLength"],
    [{ minLength: 3, maxLength: [4, 2], endToken: 1 }, OptionError, "for row 1"],
    [{ minLength: 1 }, OptionError, "endToken"],
    [{ endToken: 5 }, IndexError, "endToken"],
    [{ endToken: [1, -1] }, IndexError, "endToken"],
    [{ excluded: [5] }, IndexError, "excluded"],
    [{ noRepeatNgramSize: 0 }, OptionError, "noRepeatNgramSize"],
    [{ eos: 1 }, OptionError, '"eos"'],
  ])("%o", (options, error, name) => {
    refuse(options, error, name, (o: BeamSearchOptions) =>
      beamSearch(decoder(), { ...o, beams: 2 }),
    );
    refuse(options, error, name, (o: BeamSearchOptions) => greedy(decoder(), o));
    refuse(options, error, name, (o: SampleOptions) => sample(decoder(), o));
  });

  test.each<[Record<string, unknown>, string]>([
    [{ beams: 0 }, "beams"],
    [{ beams: 2.5 }, "beams"],
    [{ beams: 4 }, "{ capacity: 8 }"],
    [{ beams: 2, nBest: 3 }, "nBest"],
    [{ beams: 2, lengthPenalty: "mean" }, "lengthPenalty"],
    [{ beams: 2, alpha: 1 }, "alpha"],
    [{ beams: 2, lengthPenalty: "wu", alpha: -0.1 }, "alpha"],
    [{ beams: 2, temperature: 1 }, '"temperature"'],
  ])("of beam search: %o", (options, name) => {
    refuse(options, OptionError, name, (o: BeamSearchOptions) => beamSearch(decoder(), o));
  });

  test.each<[Record<string, unknown>, string]>([
    [{ samples: 0 }, "samples"],
    [{ samples: 4 }, "{ capacity: 8 }"],
    [{ topK: 0 }, "topK"],
    [{ minP: 2 }, "minP"],
    [{ seed: -1 }, "seed"],
    [{ beams: 2 }, '"beams"'],
  ])("of sampling: %o", (options, name) => {
    refuse(options, OptionError, name, (o: SampleOptions) => sample(decoder(), o));
  });

  test("greedy search has nothing to draw", () => {
    refuse({ temperature: 1 }, OptionError, '"temperature"', (o: SampleOptions) =>
      greedy(decoder(), o),
    );
  });

  test("a row that nothing may follow is named, with what to do", () => {
    const run = () => greedy(decoder(), { prompt: 0, noRepeatNgramSize: 1, maxLength: 6 });
    expect(run).toThrow("greedy: expected an id that may follow the");
    expect(run).toThrow(OptionError);
  });
});

describe("length penalties", () => {
  test("are the formulas of their names", () => {
    const lengths = [1, 2, 5, 17, 200];
    const values = (kind: "none" | "average" | "wu", alpha?: number) =>
      lengths.map(lengthPenalty("test", kind, alpha));
    expect(values("none")).toEqual([1, 1, 1, 1, 1]);
    expect(values("average")).toEqual(lengths);
    expect(values("average", 0)).toEqual([1, 1, 1, 1, 1]);
    const close = { absolute: 0, relative: 1e-14 };
    const average = lengths.map((length) => length ** 0.6);
    expectClose(values("average", 0.6), average, close);
    const wu = lengths.map((length) => ((5 + length) / 6) ** 0.2);
    expectClose(values("wu", 0.2), wu, close);
    expectClose(
      values("wu"),
      lengths.map((length) => (5 + length) / 6),
      close,
    );
  });
});

describe("what a decoder checks", () => {
  test("sizes of a step", () => {
    const sizes = { rows: 2, classes: 5 };
    const check = (ids: number, logits?: number) =>
      checkStep(
        "model",
        sizes,
        new Int32Array(ids),
        logits === undefined ? logits : new Float32Array(logits),
      );
    check(2);
    check(2, 10);
    expect(() => check(1, 10)).toThrow(ShapeError);
    expect(() => check(3)).toThrow("an id for each of 2 rows");
    expect(() => check(2, 9)).toThrow("[rows=2, classes=5]");
  });

  test("rows of a selection", () => {
    const sizes = { rows: 2, capacity: 3 };
    const check = (...rows: number[]) => checkSelect("model", sizes, Int32Array.from(rows));
    check(1, 1, 0);
    check(0);
    expect(() => check()).toThrow(ShapeError);
    expect(() => check(0, 0, 0, 0)).toThrow("1 to 3 rows");
    expect(() => check(0, 2)).toThrow(IndexError);
    expect(() => check(-1)).toThrow(IndexError);
  });

  test("rows and capacity", () => {
    expect(readDecoderOptions("model", {})).toEqual({ rows: 1, capacity: 1 });
    expect(readDecoderOptions("model", {}, 3)).toEqual({ rows: 3, capacity: 3 });
    expect(readDecoderOptions("model", { capacity: 8 }, 3)).toEqual({ rows: 3, capacity: 8 });
    expect(readDecoderOptions("model", { rows: 2, capacity: 4 })).toEqual({ rows: 2, capacity: 4 });
    expect(() => readDecoderOptions("model", { rows: 0 })).toThrow("rows");
    expect(() => readDecoderOptions("model", { rows: 3, capacity: 2 })).toThrow("capacity");
  });
});
