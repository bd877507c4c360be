// Where examples come from: a list in memory, or a function that opens a stream.
import { described } from "../core/described.js";
import { IndexError, OptionError, ShapeError } from "../core/errors.js";
import { batches, type BatchSource } from "./batches.js";
import { opened } from "./source.js";
import { streamBatches, type OpenStream } from "./stream-batches.js";
import { definedOnly } from "../core/check.js";
import { turnOfOthers } from "../core/yield.js";

/** A list in memory; or a function that opens a stream of examples, from its beginning each time. */
export type Examples<Example> = Iterable<Example> | OpenStream<Example>;

/** What a list gives at once, a stream later. */
export type Later<E, Outcome> = E extends OpenStream<never> ? Promise<Outcome> : Outcome;

/** One pass over examples. */
export function passOver<Example>(examples: Examples<Example>): BatchSource<Example> {
  return typeof examples === "function" ? opened(examples) : examples;
}

/** What `read` makes of each example: of a list at once, of a stream as it comes. */
export function mapped<From, Example>(
  examples: Examples<From>,
  read: (example: From, place: number) => Example,
): Examples<Example> {
  if (typeof examples !== "function") return Array.from(examples, read);
  return async function* () {
    let place = 0;
    for await (const example of opened(examples)) yield read(example, place++);
  };
}

/** Examples of a stream that are evaluated together. */
const CHUNK = 1024;

/** Examples in pieces, in their order: a list as one, a stream piece by piece. */
export function inChunks<Example>(examples: Examples<Example>): BatchSource<readonly Example[]> {
  if (typeof examples === "function") return streamBatches(examples, { batchSize: CHUNK });
  return [[...examples]];
}

/**
 * Shows each example to a counter, and gives what it makes of them; a promise where they stream.
 *
 * @throws OptionError where there is no example
 */
export function counted<E extends Examples<Example>, Example, Outcome>(
  { op, item }: { op: string; item: string },
  examples: E,
  see: (example: Example, place: number) => void,
  end: (count: number) => Outcome,
): Later<E, Outcome> {
  checkExamples(op, item, examples);
  let place = 0;
  const finish = (): Outcome => {
    if (place === 0) throw noExamples(op, item);
    return end(place);
  };
  const stream = async (open: OpenStream<Example>): Promise<Outcome> => {
    for await (const example of opened(open)) see(example, place++);
    return finish();
  };
  if (typeof examples === "function") return stream(examples) as Later<E, Outcome>;
  for (const example of examples as Iterable<Example>) see(example, place++);
  return finish() as Later<E, Outcome>;
}

/** Examples that were checked and counted: in memory, or made anew in each pass. */
export type Prepared<Example> = readonly Example[] | CountedStream<Example>;

export interface CountedStream<Example> {
  readonly open: OpenStream<Example>;
  readonly count: number;
}

/**
 * Goes through examples once, to count them and to find what is wrong with any before the work begins.
 *
 * @param read checks an example and makes what the model works with
 * @param see is shown what was made, in this first pass only
 * @throws OptionError where there is no example; in a later pass of a stream, where there are not as many as before
 */
export async function prepareExamples<From, Example>(
  { op, item }: { op: string; item: string },
  examples: Examples<From>,
  read: (example: From, place: number) => Example,
  see: (made: Example) => void = () => {},
): Promise<Prepared<Example>> {
  checkExamples(op, item, examples);
  const made: Example[] = [];
  const streams = typeof examples === "function";
  let count = 0;
  for await (const example of passOver(examples)) {
    await turnOfOthers();
    const one = read(example, count++);
    see(one);
    if (!streams) made.push(one);
  }
  if (count === 0) throw noExamples(op, item);
  if (!streams) return made;
  async function* again(): AsyncGenerator<Example, void> {
    let place = 0;
    for await (const example of passOver(examples)) yield read(example, place++);
    if (place === count) return;
    throw new OptionError({
      op,
      expected: `${count} examples, as in the first pass`,
      got: String(place),
      cure: "The function must open its stream anew each time, and the data must stay as they are.",
    });
  }
  return { open: again, count };
}

/** Refuses what is neither a list nor a function. */
export function checkExamples(op: string, item: string, examples: unknown): void {
  if (typeof examples === "function") return;
  if (typeof examples === "object" && examples !== null && Symbol.iterator in examples) return;
  throw new OptionError({
    op,
    expected: `a list of ${item}s, or a function that opens a stream of them`,
    got: described(examples),
  });
}

/** Refuses what has no parts. */
export function checkExample(op: string, item: string, example: unknown): void {
  if (typeof example !== "object" || example === null)
    throw new OptionError({
      op,
      expected: `a ${item} with its answer`,
      got: described(example),
    });
}

export function noExamples(op: string, item: string): OptionError {
  return new OptionError({ op, expected: `at least one ${item}`, got: "none" });
}

export function countOf(examples: Prepared<unknown>): number {
  return "count" in examples ? examples.count : examples.length;
}

export function reopened<Example>(examples: Prepared<Example>): Examples<Example> {
  return "open" in examples ? examples.open : examples;
}

/** Shuffled batches of examples of about one length, so that little of a batch is padding. */
export function trainingBatches<Example>(
  op: string,
  examples: Prepared<Example>,
  lengthOf: (example: Example) => number,
  { batchSize, bufferSize }: { batchSize: number; bufferSize: number | undefined },
): BatchSource<Example[]> {
  const arrangement = { batchSize, shuffle: true, bucketBy: lengthOf };
  if ("open" in examples)
    return streamBatches(examples.open, { ...arrangement, ...definedOnly({ bufferSize }) });
  if (bufferSize !== undefined)
    throw new OptionError({
      op,
      expected: "bufferSize only for examples that stream",
      got: "a list with it",
    });
  return batches(examples, arrangement);
}

interface Place {
  readonly item: string;
  readonly index: number;
}
const places = new WeakMap<object, Place>();

const found = (error: unknown): Place | undefined =>
  typeof error === "object" && error !== null ? places.get(error) : undefined;

/** Which example an error is about, from 0; its `cause` says what without the place. */
export function placeOf(error: unknown): number | undefined {
  return found(error)?.index;
}

/** An error about an example of a part, as one about its place in the whole list. */
export function inWholeList(error: unknown, indexOf: (place: number) => number): unknown {
  const place = found(error);
  return place
    ? refusal((error as Error).cause as Placed, place.item, indexOf(place.index))
    : error;
}

/** Runs a check of one example; what it refuses is told with the example's place. */
export function inPlace<T>(item: string, place: number, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!PLACED.some((Kind) => cause instanceof Kind)) throw cause;
    throw refusal(cause as Placed, item, place);
  }
}

/** What refuses an example. */
const PLACED = [IndexError, ShapeError, OptionError] as const;
type Placed = InstanceType<(typeof PLACED)[number]>;

function refusal(cause: Placed, item: string, index: number): Error {
  const Kind = PLACED.find((one) => cause instanceof one)!;
  const error = new Kind({ ...cause, got: `${cause.got} in ${item} ${index}` }, { cause });
  places.set(error, { item, index });
  return error;
}
