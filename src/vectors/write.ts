// Word vectors as files.
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { VectorFormat } from "./format.js";
import type { VectorsRead } from "./collector.js";

/** Bytes of a chunk, about. */
const CHUNK = 1 << 16;

/** The file in chunks. */
export function* writeVectors(
  op: string,
  { table, values, dimension }: VectorsRead,
  format: VectorFormat,
): Generator<Uint8Array<ArrayBuffer>, void> {
  const encoder = new TextEncoder();
  let chunk = new Uint8Array(2 * CHUNK);
  let used = 0;
  const put = (bytes: Uint8Array): void => {
    if (used + bytes.length > chunk.length) {
      const larger = new Uint8Array(used + bytes.length + CHUNK);
      larger.set(chunk);
      chunk = larger;
    }
    chunk.set(bytes, used);
    used += bytes.length;
  };
  if (format !== "glove") put(encoder.encode(`${table.size} ${dimension}\n`));
  for (let i = 0; i < table.size; i++) {
    const word = table.bytesAt(op, i);
    checkWord(op, word, format);
    put(word);
    const row = values.subarray(i * dimension, (i + 1) * dimension);
    if (format === "word2vec-binary") {
      put(encoder.encode(" "));
      put(littleEndian(row));
      put(encoder.encode("\n"));
    } else put(encoder.encode(` ${Array.from(row, shortest).join(" ")}\n`));
    if (used < CHUNK) continue;
    yield chunk.slice(0, used);
    used = 0;
  }
  if (used > 0) yield chunk.slice(0, used);
}

function checkWord(op: string, word: Uint8Array, format: VectorFormat): void {
  // GloVe's own files have words with blanks; their numbers are counted from the end.
  const inner = format === "glove" ? word.subarray(1, -1) : new Uint8Array();
  const bad = word.some(
    (byte, i) => byte === 10 || byte === 13 || ((byte === 32 || byte === 9) && !inner[i - 1]),
  );
  if (word.length > 0 && !bad) return;
  throw new OptionError({
    op,
    expected: `a word that format "${format}" can hold, without blanks and line ends`,
    got: described(new TextDecoder().decode(word)),
  });
}

function littleEndian(row: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * row.length);
  const view = new DataView(bytes.buffer);
  row.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return bytes;
}

/** The fewest digits that read as the same float32. */
function shortest(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}
