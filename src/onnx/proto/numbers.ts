// Repeated numbers of a message, which stay encoded until they are asked for.
import { PbfReader } from "pbf";
import { FormatError } from "../../core/errors.js";

/** Varints, as signed 64-bit numbers: exact up to 2^53. */
export function varints(chunks: readonly Uint8Array[], signed = true): number[] {
  const numbers: number[] = [];
  for (const chunk of chunks) {
    const last = chunk.at(-1);
    const reader = new PbfReader(chunk);
    try {
      if (last !== undefined && last > 0x7f) throw new Error("cut off");
      while (reader.pos < chunk.length) numbers.push(reader.readVarint(signed));
    } catch {
      throw new FormatError({
        op: "readOnnx",
        expected: "a list of whole numbers",
        got: `bytes that are none, ${chunk.length} of them`,
        cure: "Is it an ONNX file, and whole?",
      });
    }
  }
  return numbers;
}

/** Floats of four bytes, or doubles of eight, in one array. */
export function floats(chunks: readonly Uint8Array[], bytes: 4 | 8): Float32Array | Float64Array {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length % bytes !== 0)
    throw new FormatError({
      op: "readOnnx",
      expected: `numbers of ${bytes} bytes`,
      got: `${length} bytes`,
      cure: "Is it an ONNX file, and whole?",
    });
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return bytes === 4 ? new Float32Array(joined.buffer) : new Float64Array(joined.buffer);
}
