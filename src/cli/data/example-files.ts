// Data that are examples in files: what tasks over examples share.
import { number } from "../../core/options.js";
import type { HiddenstateError } from "../../core/errors.js";
import { FormatError, OptionError } from "../../core/errors.js";
import { BUFFER_SIZE, type OpenStream } from "../../data/stream-batches.js";
import { placeOf, type Examples } from "../../data/examples.js";
import type { ModelNotes } from "../../models/kit/model-file.js";
import type { Given, Part, Parts, TaskDefinition } from "../task.js";
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

/** A model that checks examples without scoring them, and remembers how its data were read. */
interface Checking<Example> {
  readonly notes: ModelNotes;
  check(examples: Examples<Example>): Promise<number>;
}

type Reading<Example, Model extends Checking<Example>> = Pick<
  TaskDefinition<Examples<Example>, never>,
  "reading" | "data" | "parts"
> & {
  readAs(given: Given): Given;
  read(files: string, given: Given, model: Model): Promise<Part<Examples<Example>>>;
  examine(model: Model, part: Part<Examples<Example>>): Promise<readonly string[]>;
};

/** How a task reads examples from files. */
export function exampleFiles<Example, Model extends Checking<Example>>(
  shape: ExampleFiles<Example>,
): Reading<Example, Model> {
  const read = async (
    flag: string,
    files: string,
    given: Given,
    see: (example: Example) => void = () => {},
  ): Promise<Part<Examples<Example>>> => {
    const most = (given.bufferSize as number | undefined) ?? BUFFER_SIZE;
    const open = async function* () {
      for await (const values of readExamples(files, given, shape)) yield shape.example(values);
    };
    const seen = await lookAt(open, most, see);
    if (seen.count === 0)
      throw new OptionError({
        op: "read",
        expected: `examples in ${flag}`,
        got: `none in ${files}`,
      });
    return { source: seen.held ?? open, name: files, fingerprint: seen.fingerprint };
  };
  return {
    reading: DATA_OPTIONS,
    data: { heldOut: HELD_OUT },

    async parts(given: Given): Promise<Parts<Examples<Example>>> {
      const { train, valid, test } = given as Record<string, string | undefined>;
      if (train === undefined)
        throw new UsageError({ op: "train", expected: "--train FILE", got: "none" });
      if (valid !== undefined && given.heldOut !== undefined)
        throw new UsageError({ op: "train", expected: "--valid FILE or --held-out", got: "both" });
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

    // Files of more examples are read again for each pass, which a pipe cannot be.
    read: (files, given, { notes: { data = {} } }) =>
      read("--data", files, { bufferSize: 10_000, ...readAsBefore(files, given, data, shape) }),

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
): { train: Part<Examples<Example>>; valid: Part<Examples<Example>> } | undefined {
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

/** Goes through examples once: how many they are, what tells them apart, and themselves where they are few. */
async function lookAt<Example>(
  open: OpenStream<Example>,
  most: number,
  see: (example: Example) => void,
): Promise<{ count: number; fingerprint: string; held: readonly Example[] | undefined }> {
  const print = new Fingerprint();
  let held: Example[] | undefined = [];
  let count = 0;
  for await (const example of open()) {
    see(example);
    print.add(JSON.stringify(example));
    held = count++ < most ? held : undefined;
    held?.push(example);
  }
  return { count, fingerprint: String(print), held };
}

/** An error about an example, with its file. */
function inFile(error: unknown, file: string): unknown {
  const place = placeOf(error);
  if (place === undefined) return error;
  const { expected, got, cure } = (error as Error).cause as HiddenstateError;
  return new FormatError(
    {
      op: "read",
      expected,
      got: `${got} (${file}, example ${place + 1})`,
      ...(cure !== undefined && { cure }),
    },
    { cause: error },
  );
}

/** How data are read by a model that was trained on others: what is not given is as it was then. */
function readAsBefore(
  files: string,
  given: Given,
  before: Given,
  { format: otherwise }: Pick<DataShape, "format">,
): Given {
  const format =
    given.format ?? formatOf(files, (before.format as Format | undefined) ?? otherwise);
  // Columns are named for a format.
  const { columns, ...others } = before;
  return { ...others, ...(format === before.format && { columns }), ...given, format };
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
