// Batches of examples that stream: from files of any size, with the memory of a buffer.
import { checkCall, checkCount } from "../core/check.js";
import { getRngState, randomUint32, type RngState } from "../core/random.js";
import { BATCHES, batches, checkBatches, idle, type BatchesOptions } from "./batches.js";
import { opened } from "./source.js";
import { withRngState } from "./shuffle.js";

/**
 * Opens a stream of examples, from its beginning each time, such as a file:
 * `() => readTsv(readText("train.tsv"), { name: "train.tsv" })`.
 */
export type OpenStream<Example> = () => AsyncIterable<Example> | Iterable<Example>;

export interface StreamBatchesOptions<Example> extends BatchesOptions<Example> {
  /**
   * Examples that are held, and arranged among each other: rounded up to whole batches. Default 100,000. Only with
   * `shuffle` or `bucketBy`: in the order of the stream, no more than a batch is held.
   */
  bufferSize?: number | undefined;
}

/** Examples that are held where no number is given. */
export const BUFFER_SIZE = 100_000;

/**
 * The batches of examples that stream; go through them as often as you like, each time the stream is opened anew. One
 * buffer after another is filled, arranged as {@link batches} does, and emptied before more is read: memory holds the
 * buffer, whatever comes. A stream that fits gives exactly what `batches` gives of its examples as an array.
 *
 * Beyond that, an example only meets those within its buffer: shuffle a file that is sorted, once, before you train on
 * it. They can be the `batches` of `fit`, which goes on from a checkpoint by reading up to where it stood: all that is
 * drawn of the program's generator is drawn before the first batch.
 *
 * @throws OptionError for a `seed`, `pool` or `bufferSize` that nothing would read
 */
export function streamBatches<Example>(
  open: OpenStream<Example>,
  given: StreamBatchesOptions<Example>,
): AsyncIterable<Example[]> {
  checkCall("streamBatches", arguments, `open:function {${BATCHES} bufferSize:number}`);
  const { bufferSize, ...options } = given;
  checkBatches("streamBatches", options);
  const { batchSize, shuffle = false, bucketBy } = options;
  const arranged = shuffle || bucketBy !== undefined;
  if (bufferSize !== undefined) checkCount("streamBatches", "bufferSize", bufferSize);
  if (bufferSize !== undefined && !arranged)
    throw idle("streamBatches", "bufferSize", "shuffle or bucketBy");
  const most = arranged
    ? Math.ceil((bufferSize ?? BUFFER_SIZE) / batchSize) * batchSize
    : batchSize;

  return {
    async *[Symbol.asyncIterator]() {
      const arrange = arranger(options);
      const held: Example[] = [];
      for await (const example of opened(open)) {
        if (held.length === most) yield* emptied(arrange(held.splice(0), { last: false }));
        held.push(example);
      }
      yield* emptied(arrange(held.splice(0), { last: true }));
    },
  };
}

/**
 * Arranges one buffer after another. The first draws as {@link batches} does. By the time of the next the program's
 * generator may have gone on, so they have one of their own, whose seed is drawn with the first.
 */
function arranger<Example>({ seed, ...options }: BatchesOptions<Example>) {
  let own: RngState | undefined = seed === undefined ? undefined : { seed, counter: 0 };
  return (held: Example[], { last }: { last: boolean }): Example[][] => {
    if (own)
      return withRngState(own, () => {
        const rows = [...batches(held, options)];
        own = getRngState();
        return rows;
      });
    const rows = [...batches(held, options)];
    if (options.shuffle && !last) own = { seed: randomUint32(), counter: 0 };
    return rows;
  };
}

/** Gives the batches and lets go of them, so that none is held while more is read. */
function* emptied<Example>(rows: Example[][]): Generator<Example[], void> {
  rows.reverse();
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) yield row;
}
