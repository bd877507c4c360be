// Bytes that come in pieces, unpacked on the way where they are gzipped.
import { described } from "../core/described.js";
import { FormatError, OptionError } from "../core/errors.js";
import { isSource } from "../data/source.js";

/** A stream as `fetch` gives one, of any runtime. */
interface ReadableLike {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(): Promise<unknown>;
  };
}

/**
 * A file's bytes: whole, or in chunks cut anywhere, as `createReadStream` of `node:fs`, `response.body` or `blob.stream()` give
 * them. Gzipped ones are unpacked.
 */
export type ByteSource =
  Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | ReadableLike;

/** A source of bytes, or a function that opens it anew each time. */
export type OpenBytes = ByteSource | (() => ByteSource);

/** The chunks, unpacked if they are gzipped, none of them empty. */
export async function* chunksFrom(
  op: string,
  name: string,
  source: ByteSource,
): AsyncGenerator<Uint8Array, void> {
  const chunks = iterated(op, source);
  let head: Uint8Array = new Uint8Array();
  while (head.length < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = joined(head, checkBytes(op, value));
  }
  const whole = restored(op, head, chunks);
  yield* head[0] === 0x1f && head[1] === 0x8b ? unpacked(op, name, whole) : whole;
}

async function* restored(
  op: string,
  head: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  if (head.length > 0) yield head;
  for await (const chunk of rest) if (checkBytes(op, chunk).length > 0) yield chunk;
}

async function* iterated(op: string, source: ByteSource): AsyncGenerator<Uint8Array, void> {
  if (source instanceof Uint8Array) return yield source;
  if (isSource(source)) return yield* source as AsyncIterable<Uint8Array>;
  // Safari's streams are no async iterables.
  const { getReader } = Object(source) as Partial<ReadableLike>;
  if (typeof getReader !== "function") throw noBytes(op, source);
  const reader = (source as ReadableLike).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value!;
    }
  } finally {
    await reader.cancel();
  }
}

async function* unpacked(
  op: string,
  name: string,
  packed: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  // Written beside the reading, as far as that has room. What fails here ends the reading, which tells.
  const written = (async () => {
    for await (const chunk of packed) {
      await writer.ready;
      void writer.write(chunk as Uint8Array<ArrayBuffer>).catch(() => {});
    }
    await writer.close();
  })();
  let fault: unknown;
  written.catch((error: unknown) => {
    fault = error;
    void writer.abort(error).catch(() => {});
  });
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    // What the source itself threw is told as it is.
    if (fault !== undefined && fault === cause) throw cause;
    throw new FormatError(
      { op, expected: "a whole gzip file", got: `${name} (${String(cause)})` },
      { cause },
    );
  } finally {
    await reader.cancel().catch(() => {});
    await packed.return();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function checkBytes(op: string, chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw noBytes(op, chunk);
}

function noBytes(op: string, got: unknown): OptionError {
  return new OptionError({
    op,
    expected: "bytes: a Uint8Array, or a stream of them",
    got: described(got),
    cure: 'A file is read by createReadStream(path) of "node:fs".',
  });
}
