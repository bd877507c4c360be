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
import { Fingerprint } from "../../core/fingerprint.js";
import { FEWEST_HELD_OUT, holdOut } from "../../data/hold-out.js";
import type { Column } from "./columns.js";
import { dataOptions, formatOf, ofAnyFormat, type Format } from "./data-options.js";
import { readExamples } from "./dataset.js";
import type { Values } from "./fields.js";
import type { DataShape } from "./formats.js";

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
  /** What else a user should know of them. Default: nothing. */
  notes?(): readonly string[];
}

/** What there is nothing to learn from. */
interface Empty {
  is(values: Values): boolean;
  /** For a note: `"an empty sentence"`, `"empty sentences"`. */
  readonly names: readonly [one: string, several: string];
}

export interface ExampleFiles<Example extends object> extends DataShape {
  /** @param place where it stands, for errors: `"train.tsv, line 3"` */
  example(values: Values, place: string): Example;
  /** What is left out, with a note, and what it is called. Default: sentences without words. */
  readonly empty?: Empty | undefined;
  survey(): Survey<Example>;
  /** What must be learnt before it can be scored. Default: nothing. */
  labelOf?(example: Example): string;
  /** Takes a row into the example of the row before it, where they are one; whether it did. Default: each row is an example. */
  join?(before: Example, values: Values): boolean;
  /** What tells an example from others, as plain data. Default: all of it. */
  printOf?(example: Example): unknown;
  /** Examples that are held in memory where nothing is said; of more each pass reads the files anew. Default: 100,000. */
  readonly mostHeld?: number | undefined;
}

/** A model over examples, which remembers how its data were read. */
type OverExamples<Example> = Module & {
  readonly notes: ModelNotes;
  check(examples: Examples<Example>, options: { training: boolean }): Promise<number>;
};

/** How a task reads examples from files. */
export function exampleFiles<Example extends object, Model extends OverExamples<Example>>(
  shape: ExampleFiles<Example>,
): Pick<
  TaskDefinition<Examples<Example>, Model>,
  "reading" | "data" | "readAs" | "parts" | "read" | "examine"
> {
  const empty = shape.empty ?? {
    is: (values) => hasNoWords(values, shape.columns),
    names: ["an empty sentence", "empty sentences"],
  };
  /** Goes through the examples once: how many, what tells them apart, and themselves where they are few. */
  const read = async (
    flag: string,
    files: string,
    { bufferSize: most = shape.mostHeld ?? BUFFER_SIZE, ...options }: Given,
    see: (example: Example) => void = () => {},
  ): Promise<Loaded<Example>> => {
    const pass = async function* (skip: (place: string) => void = () => {}) {
      let before: { example: Example; place: string } | undefined;
      for await (const { values, place } of readExamples(files, options, shape)) {
        if (empty.is(values)) skip(place);
        else if (!before || !shape.join?.(before.example, values)) {
          if (before) yield before;
          before = { example: shape.example(values, place), place };
        }
      }
      if (before) yield before;
    };
    const print = new Fingerprint();
    const places = new WeakMap<Example, string>();
    const skipped = { count: 0, first: "" };
    let held: Example[] | undefined = [];
    let count = 0;
    const skip = (place: string) => {
      if (skipped.count++ === 0) skipped.first = place;
    };
    for await (const { example, place } of pass(skip)) {
      see(example);
      print.add(JSON.stringify(shape.printOf ? shape.printOf(example) : example));
      held = count++ < (most as number) ? held : undefined;
      held?.push(example);
      if (held) places.set(example, place);
    }
    if (count === 0)
      throw new OptionError({
        op: "read",
        expected: `examples in ${flag}`,
        got: `none in ${files}`,
      });
    const open = async function* () {
      for await (const { example } of pass()) yield example;
    };
    /** A stream is read again for it. */
    const placeInStream = async (number: number) => {
      let at = 0;
      for await (const { place } of pass()) if (at++ === number) return place;
      return files;
    };
    return {
      source: held ?? open,
      name: files,
      fingerprint: String(print),
      notes: skipped.count > 0 ? [skippedNote(empty, skipped)] : [],
      places,
      where: held ? placesAmong(held, places) : placeInStream,
    };
  };
  return {
    reading: dataOptions(shape.columns),
    data: { heldOut: HELD_OUT },

    async parts(given) {
      const { train, valid, test } = given as Record<string, string | undefined>;
      if (train === undefined)
        throw new UsageError({ op: "train", expected: "--train FILE", got: "none" });
      const survey = shape.survey();
      const loaded = await read("--train", train, given, (example) => survey.see(example));
      const learnt = { ...loaded, notes: [...loaded.notes!, ...(survey.notes?.() ?? [])] };
      const split = valid === undefined ? withHeldOut(learnt, given, shape) : undefined;
      const left = split && shape.survey();
      for (const example of split?.train.source ?? []) left!.see(example);
      const format = (given.format ?? formatOf(train, shape.format)) as Format;
      /** A name that tells no format is of a file like that of --train. */
      const readLike = (flag: string, files: string | undefined) => {
        if (files === undefined) return undefined;
        const own = (given.format as Format | undefined) ?? formatOf(files, format);
        const as = own === format ? given : ofAnyFormat(given);
        return read(flag, files, { ...as, format: own });
      };
      return {
        train: split || valid !== undefined ? learnt : withNoValidation(learnt, given),
        valid: await readLike("--valid", valid),
        ...split,
        test: await readLike("--test", test),
        summary:
          (left ?? survey).describe() + (split ? `; ${split.valid.name} is for validation` : ""),
      };
    },

    readAs: ({ format, train }) => ({ format: format ?? formatOf(train as string, shape.format) }),

    read(files, given, { notes: { data: before = {} } }) {
      // What is not given is as it was in training; columns are named for a format.
      const { columns, ...others } = ofAnyFormat(before);
      const format =
        given.format ?? formatOf(files, (before.format as Format | undefined) ?? shape.format);
      const as = { ...(format === before.format ? before : others), ...given, format };
      // Files of more examples are read again for each pass, which a pipe cannot be.
      const bufferSize = Math.min(10_000, shape.mostHeld ?? Infinity);
      return read("--data", files, { bufferSize, ...as });
    },

    async examine(model, part, training) {
      await withPlaces(part, () => model.check(part.source, { training }));
      return part.notes ?? [];
    },
  };
}

/** Data with the place of each example that is held. */
interface Loaded<Example extends object> extends Part<Examples<Example>> {
  readonly places: WeakMap<Example, string>;
}

function placesAmong<Example extends object>(
  examples: readonly Example[],
  places: WeakMap<Example, string>,
): NonNullable<Part<unknown>["where"]> {
  return (number) => Promise.resolve(places.get(examples[number]!)!);
}

/** Whether a sentence is empty: there is nothing to label. */
function hasNoWords(values: Values, columns: readonly Column[]): boolean {
  const lists = columns.filter(({ kind }) => kind === "words");
  return lists.length > 0 && lists.every(({ name }) => values[name]?.length === 0);
}

function skippedNote(
  { names: [one, several] }: Empty,
  { count, first }: { count: number; first: string },
): string {
  return count === 1
    ? `${one} is left out (${first}).`
    : `${count} ${several} are left out, the first of them in ${first}.`;
}

/** Says so where nothing decides which weights are kept, and nobody chose that. */
function withNoValidation<Example extends object>(
  train: Loaded<Example>,
  { heldOut }: Given,
): Loaded<Example> {
  if (heldOut !== undefined || typeof train.source === "function") return train;
  const few = [...train.source].length < FEWEST_HELD_OUT;
  return few ? { ...train, notes: [...(train.notes ?? []), fewNote(FEWEST_HELD_OUT)] } : train;
}

/** Of what is kept by itself, and how to have it kept. */
export function fewNote(fewest: number): string {
  return `of fewer than ${fewest} examples none are kept for validation: the last weights are the model's. --held-out 0.2 keeps some, --valid FILE names others.`;
}

/** Training data without a share that is kept for validation, and that share. */
function withHeldOut<Example extends object>(
  train: Loaded<Example>,
  given: Given,
  { labelOf }: Pick<ExampleFiles<Example>, "labelOf">,
) {
  const { heldOut: share = HELD_OUT.default!, seed = 1 } = given as Record<string, number>;
  // Of a stream there is no saying how many come.
  if (typeof train.source === "function") return undefined;
  // Who asks for a share gets it, of few examples too: one stays to learn from.
  const fewest = given.heldOut === undefined ? FEWEST_HELD_OUT : 2;
  const split = holdOut([...train.source], share, seed, labelOf, fewest);
  if (!split) return undefined;
  const name = `a part of ${train.name} (${split.kept.length} by chance)`;
  const part = (source: readonly Example[]) => ({
    ...train,
    source,
    where: placesAmong(source, train.places),
  });
  return { train: part(split.learnt), valid: { ...part(split.kept), name, notes: [] } };
}

/**
 * Runs what goes through examples; what it refuses is told with file and line.
 *
 * @param cureFor what helps with an example that is held. Default: as the error says
 */
export async function withPlaces<Example, T>(
  part: Part<Examples<Example>>,
  run: () => T | Promise<T>,
  cureFor: (example: Example) => string | undefined = () => undefined,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const error = await inFile(cause, part);
    const held = typeof part.source === "function" ? [] : [...part.source];
    const example = held[placeOf(cause) ?? -1];
    const cure = example && cureFor(example);
    throw cure === undefined
      ? error
      : new FormatError({ ...(error as FormatError), cure }, { cause });
  }
}

/** An error about an example, with its file and line. */
export async function inFile(error: unknown, { where }: Part<unknown>): Promise<unknown> {
  const number = placeOf(error);
  if (number === undefined || !where) return error;
  const told = (error as Error).cause as HiddenstateError;
  const got = `${told.got} (${await where(number)})`;
  return new FormatError({ ...told, op: "read", got }, { cause: error });
}

/** How `--format` and `--columns` are meant. */
export const DATA_HELP = `Formats:
  conll     a word per line with its columns, an empty line between sentences;
            the first column is the word, the last its tag, or --columns words,_,_,tags;
            columns stand between blanks (spaces and tabs), or --delimiter tab; --comments # leaves out lines
  parallel  a file for each column, an example per line: --train words.txt,tags.txt
  tsv, csv  a table with a header: --columns text=sentence,label=class by its names;
            without a header: --columns label,text in the table's order; csv has quotes, and --delimiter ";"
  jsonl     an object per line: --columns words=tokens,tags=labels by its fields
  json      an array of such objects
Labels that are numbers are named by --label-names O,B-PER,I-PER from 0 on. An empty sentence is left out.`;

const SHOWN = 12;

/** The first of names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
