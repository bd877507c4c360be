import fc from "fast-check";
import type { BeamSearchOptions } from "../../src/decode/index.js";
import type { Task } from "./reference.js";
import { randomScript, ScriptedDecoder, type Script } from "./scripted-decoder.js";

/** A script and what to write by it, for one row or several. */
export interface Problem {
  script: Script;
  classes: number;
  /** The same but for prompt, prefix and maxLength. */
  tasks: readonly Task[];
}

interface Limits {
  rows?: number;
  classes?: number;
  length?: number;
}

/** Small problems with every option at random. */
export function problems({
  rows = 1,
  classes: most = 4,
  length = 4,
}: Limits): fc.Arbitrary<Problem> {
  const whole = (min: number, max: number) => fc.integer({ min, max });
  return fc
    .tuple(whole(0, 1e9), whole(2, most), whole(1, rows), whole(1, 4))
    .chain(([seed, classes, rowCount, beams]) => {
      const id = whole(0, classes - 1);
      const own = fc.record({
        prompt: fc.array(id, { minLength: 1, maxLength: 3 }),
        prefix: fc.oneof(
          { weight: 3, arbitrary: fc.constant<number[]>([]) },
          fc.array(id, { maxLength: 2 }),
        ),
        maxLength: whole(1, length),
      });
      const common = fc.record({
        minLength: whole(0, 3),
        endToken: fc.uniqueArray(id, { maxLength: 2 }),
        excluded: fc.oneof(
          { weight: 2, arbitrary: fc.constant<number[]>([]) },
          fc.array(id, { maxLength: 1 }),
        ),
        noRepeatNgramSize: fc.option(whole(1, 3), { nil: undefined, freq: 2 }),
        nBest: whole(1, beams),
        lengthPenalty: fc.constantFrom("none", "average", "wu"),
        alpha: fc.constantFrom(undefined, 0, 0.2, 1, 2.5),
      });
      return fc
        .tuple(fc.array(own, { minLength: rowCount, maxLength: rowCount }), common)
        .map(([rowsOwn, { alpha, ...rest }]): Problem => ({
          script: randomScript(seed, classes),
          classes,
          tasks: rowsOwn.map((each, source) => ({
            ...rest,
            source,
            beams,
            prompt: each.prompt,
            maxLength: each.maxLength,
            alpha: rest.lengthPenalty === "none" ? undefined : alpha,
            // What no search takes: an end token in a prefix, a prefix or a minimum beyond the maximum.
            prefix: each.prefix
              .filter((each) => !rest.endToken.includes(each))
              .slice(0, each.maxLength),
            minLength:
              rest.endToken.length === 0
                ? 0
                : Math.min(rest.minLength, ...rowsOwn.map(({ maxLength }) => maxLength)),
          })),
        }));
    });
}

/** The options of a search for these tasks at once. */
export function optionsOf(tasks: readonly Task[]): BeamSearchOptions {
  const { minLength, endToken, excluded, noRepeatNgramSize, beams, nBest, lengthPenalty, alpha } =
    tasks[0]!;
  return {
    ...{ minLength, endToken, excluded, noRepeatNgramSize, beams, nBest, lengthPenalty, alpha },
    prompt: tasks.map(({ prompt }) => prompt),
    prefix: tasks.map(({ prefix }) => prefix),
    maxLength: tasks.map(({ maxLength }) => maxLength),
  };
}

/** A decoder with the sources of these tasks and room for their beams. */
export function decoderOf(
  { script, classes, tasks }: Problem,
  width = tasks[0]!.beams,
): ScriptedDecoder {
  const shifted: Script = (row, read) => script(tasks[row]!.source, read);
  return new ScriptedDecoder(shifted, {
    classes,
    rows: tasks.length,
    capacity: tasks.length * width,
  });
}
