// Whatever happens to a file, it is read or refused with an error of the format; what can be written can be read.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { hasLoneSurrogate } from "../../src/core/code-points.js";
import { FormatError, OutOfMemoryError } from "../../src/core/errors.js";
import { WordVectors } from "../../src/vectors/index.js";

// Many more runs were made when this was written: HUNDREDFOLD=1 does them again.
const numRuns = process.env.HUNDREDFOLD ? 10_000 : 100;
const PATIENT = process.env.HUNDREDFOLD ? 3_600_000 : 120_000;

const files = ["word2vec-c.bin", "word2vec-c.txt", "gensim.bin", "gensim-glove.txt"].map(
  (name) => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url))),
);

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.constantFrom(0, 0, 1, 1, 2, 5, 40),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom(" ", "\n", "1", "-", ".", "e5", "\r\n", "\t", "99")
      .map((text) => new TextEncoder().encode(text)),
  ),
});

function edited(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  for (const { at, remove, insert } of edits) {
    const from = Math.floor(at * bytes.length);
    bytes = Uint8Array.from([
      ...bytes.subarray(0, from),
      ...insert,
      ...bytes.subarray(from + remove),
    ]);
  }
  return bytes;
}

it(
  "reads a mutated file or refuses it by an error of the format",
  { timeout: PATIENT },
  async () => {
    let [read, refused] = [0, 0];
    const mutated = fc
      .tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 3 }))
      .map(([file, edits]) => edited(file, edits));
    await fc.assert(
      fc.asyncProperty(mutated, fc.integer({ min: 7, max: 300 }), async (bytes, size) => {
        async function* chunks() {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        }
        try {
          const vectors = await WordVectors.read(chunks());
          expect(vectors.values.length).toBe(vectors.size * vectors.dimension);
          expect(vectors.values.every(Number.isFinite)).toBe(true);
          read++;
        } catch (error) {
          // Sizes in the first line that no memory has.
          if (!(error instanceof FormatError || error instanceof OutOfMemoryError)) throw error;
          refused++;
        }
      }),
      { numRuns },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(numRuns / 20);
  },
);

it("reads what it wrote", { timeout: PATIENT }, async () => {
  const word = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((text) => !/[\s\u0085\ufeff]/.test(text) && !hasLoneSurrogate(text));
  const table = fc.integer({ min: 1, max: 9 }).chain((dimension) => {
    const value = fc.float({ noNaN: true, noDefaultInfinity: true });
    const row = fc.array(value, { minLength: dimension, maxLength: dimension });
    return fc.uniqueArray(fc.tuple(word, row), {
      minLength: 1,
      maxLength: 9,
      selector: ([text]) => text,
    });
  });
  const formats = fc.constantFrom(
    "word2vec-binary" as const,
    "word2vec-text" as const,
    "glove" as const,
  );
  await fc.assert(
    fc.asyncProperty(table, formats, async (rows, format) => {
      const vectors = new WordVectors(
        rows.map(([text]) => text),
        rows.map(([, row]) => row),
      );
      const again = await WordVectors.read(Buffer.concat([...vectors.write(format)]), { format });
      expect([...again.words()]).toEqual([...vectors.words()]);
      expect(again.values).toEqual(vectors.values);
    }),
    { numRuns },
  );
});
