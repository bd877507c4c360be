// Data that are examples in files: what tasks over examples share.
import { number } from "../../core/options.js";
import type { HiddenstateError } from "../../core/errors.js";
import { FormatError, OptionError } from "../../core/errors.js";
import { BUFFER_SIZE } from "../../data/stream-batches.js";
import { placeOf, type Examples } from "../../data/examples.js";
import type { Module } from "../../nn/module.js";
import type { ModelNotes } from "../../models/kit/model-file.js";
import type { Given, Part, TaskDefinition } from "../task.js";
import { UsageError } from "../usage.js";
import { Fingerprint } from "../run/fingerprint.js";
import { holdOut } from "../../data/hold-out.js";
import {
  DATA_OPTIONS,
  formatOf,
  readExamples,
  type DataShape,
  type Format,
  type Values,
} from "./dataset.js";

const HELD_OUT = number(
  { least: 0, below: 1 },
  0.1,
  "share of --train, by chance, kept for validation where there is no --valid; 0: none",
);

/** What is found out about the examples that a run learns from, as they pass. */
export interface Survey<Example> {
  see(example: Example): void;
  /** What there is to learn from, in a sentence. */
  describe(): string;
}

export interface ExampleFiles<Example> extends DataShape {
  example(values: Values): Example;
  survey(): Survey<Example>;
  /** What must be learnt before it can be scored. Default: nothing. */
  labelOf?(example: Example): string;
}

/** A model over examples, which remembers how its data were read. */
type OverExamples<Example> = Module & {
  readonly notes: ModelNotes;
  check(examples: Examples<Example>): Promise<number>;
};

/** How a task reads examples from files. */
export function exampleFiles<Example, Model extends OverExamples<Example>>(
  shape: ExampleFiles<Example>,
): Pick<
  TaskDefinition<Examples<Example>, Model>,
  "reading" | "data" | "readAs" | "parts" | "read" | "examine"
> {
  /** Goes through the examples once: how many, what tells them apart, and themselves where they are few. */
  const read = async (
    flag: string,
    files: string,
    { bufferSize: most = BUFFER_SIZE, ...given }: Given,
    see: (example: Example) => void = () => {},
  ): Promise<Part<Examples<Example>>> => {
    const open = async function* () {
      for await (const values of readExamples(files, given, shape)) yield shape.example(values);
    };
    const print = new Fingerprint();
    let held: Example[] | undefined = [];
    let count = 0;
    for await (const example of open()) {
      see(example);
      print.add(JSON.stringify(example));
      held = count++ < (most as number) ? held : undefined;
      held?.push(example);
    }
    if (count > 0) return { source: held ?? open, name: files, fingerprint: String(print) };
    throw new OptionError({ op: "read", expected: `examples in ${flag}`, got: `none in ${files}` });
  };
  return {
    reading: DATA_OPTIONS,
    data: { heldOut: HELD_OUT },

    async parts(given) {
      const { train, valid, test } = given as Record<string, string | undefined>;
      if (train === undefined)
        throw new UsageError({ op: "train", expected: "--train FILE", got: "none" });
      const survey = shape.survey();
      const learnt = await read("--train", train, given, (example) => survey.see(example));
      const split = valid === undefined ? withHeldOut(learnt, given, shape) : undefined;
      return {
        train: learnt,
        valid: valid === undefined ? undefined : await read("--valid", valid, given),
        ...split,
        test: test === undefined ? undefined : await read("--test", test, given),
        summary: survey.describe() + (split ? `; ${split.valid.name} is for validation` : ""),
      };
    },

    readAs: ({ format, train }) => ({ format: format ?? formatOf(train as string, shape.format) }),

    read(files, given, { notes: { data: before = {} } }) {
      // What is not given is as it was in training; columns are named for a format.
      const { columns, ...others } = before;
      const format =
        given.format ?? formatOf(files, (before.format as Format | undefined) ?? shape.format);
      const as = { ...others, ...(format === before.format && { columns }), ...given, format };
      // Files of more examples are read again for each pass, which a pipe cannot be.
      return read("--data", files, { bufferSize: 10_000, ...as });
    },

    async examine(model, { source, name }) {
      try {
        await model.check(source);
      } catch (error) {
        throw inFile(error, name);
      }
      return [];
    },
  };
}

/** Training data without a share that is kept for validation, and that share. */
function withHeldOut<Example>(
  train: Part<Examples<Example>>,
  given: Given,
  { labelOf }: Pick<ExampleFiles<Example>, "labelOf">,
) {
  const { heldOut: share = HELD_OUT.default!, seed = 1 } = given as Record<string, number>;
  // Of a stream there is no saying how many come.
  if (typeof train.source === "function") return undefined;
  const split = holdOut([...train.source], share, seed, labelOf);
  if (!split) return undefined;
  const name = `a part of ${train.name} (${split.kept.length} by chance)`;
  return {
    train: { ...train, source: split.learnt },
    valid: { ...train, source: split.kept, name },
  };
}

/** An error about an example, with its file. */
function inFile(error: unknown, file: string): unknown {
  const place = placeOf(error);
  if (place === undefined) return error;
  const told = (error as Error).cause as HiddenstateError;
  const got = `${told.got} (${file}, example ${place + 1})`;
  return new FormatError({ ...told, op: "read", got }, { cause: error });
}

/** How `--format` and `--columns` are meant. */
export const DATA_HELP = `Formats:
  conll     a word per line with its columns, an empty line between sentences;
            the first column is the word, the last its tag, or --columns words,_,_,tags
  parallel  a file for each column, an example per line: --train words.txt,tags.txt
  tsv, csv  a table with a header: --columns text=sentence,label=class by its names;
            without a header: --columns label,text in the table's order
  jsonl     an object per line: --columns words=tokens,tags=labels by its fields`;

const SHOWN = 12;

/** The first of names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
