// What models learn from and are scored on: examples at hand, or such as stream.
import { OptionError } from "../core/errors.js";
import { streamBatches, type OpenStream } from "../data/stream-batches.js";

/** Examples at hand; or a function that opens a stream of them, from its beginning each time. */
export type Examples<Example> = Iterable<Example> | OpenStream<Example>;

/** Examples of a stream that are looked at together where their order stays. */
const AT_ONCE = 1024;

/** Shows all examples, many at once, and gives the outcome; a promise of it where they stream. */
export function goThrough<Example, Outcome>(
  examples: Examples<Example>,
  see: (some: readonly Example[]) => void,
  end: () => Outcome,
): Outcome | Promise<Outcome> {
  if (typeof examples === "function") return goThroughStream(examples, see, end);
  see([...examples]);
  return end();
}

async function goThroughStream<Example, Outcome>(
  open: OpenStream<Example>,
  see: (some: readonly Example[]) => void,
  end: () => Outcome,
): Promise<Outcome> {
  for await (const some of streamBatches(open, { batchSize: AT_ONCE })) see(some);
  return end();
}

/** What a training works with, made of what it was given: at hand, or made anew in each pass. */
export type Prepared<Example> = readonly Example[] | CountedStream<Example>;

/** A stream of so many examples. */
export interface CountedStream<Example> {
  readonly open: OpenStream<Example>;
  readonly count: number;
}

/**
 * Goes through examples once, to count them and to find what is wrong with any before the work begins.
 *
 * @param read makes of an example what is worked with; it says what is wrong with one
 * @param see is shown each example in this first pass, not in those that follow
 * @returns what `read` makes. As a stream, it throws OptionError where a later pass has not as many examples
 */
export function preparedExamples<From, Example>(
  op: string,
  examples: Examples<From>,
  read: (example: From, place: number) => Example,
  see: (example: From) => void = () => {},
): Prepared<Example> | Promise<Prepared<Example>> {
  if (typeof examples === "function") return countedStream(op, examples, read, see);
  return Array.from(examples, (example, place) => {
    const made = read(example, place);
    see(example);
    return made;
  });
}

async function countedStream<From, Example>(
  op: string,
  open: OpenStream<From>,
  read: (example: From, place: number) => Example,
  see: (example: From) => void,
): Promise<CountedStream<Example>> {
  let count = 0;
  for await (const example of open()) {
    read(example, count++);
    see(example);
  }
  async function* again(): AsyncGenerator<Example, void> {
    let place = 0;
    for await (const example of open()) yield read(example, place++);
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

export function numberOf(examples: Prepared<unknown>): number {
  return "count" in examples ? examples.count : examples.length;
}

export function reopened<Example>(examples: Prepared<Example>): Examples<Example> {
  return "open" in examples ? examples.open : examples;
}
