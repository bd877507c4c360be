// The training of word vectors against the same in float64, random number by random number.
import { describe, expect, it } from "vitest";
import { philox } from "../../src/core/random.js";
import { keepBounds, noiseTable } from "../../src/vectors/chances.js";
import type { VectorKernels } from "../../src/wasm/generated/vectors.js";
import { builds, maxError, noise, type Bench } from "./harness.js";

interface Training {
  readonly width: number;
  readonly counts: readonly number[];
  readonly tokens: readonly number[];
  readonly cbow: boolean;
  readonly window: number;
  readonly negative: number;
  /** 0: all words are kept. */
  readonly sample?: number;
  /** Rows of each word; default its own. */
  readonly parts?: readonly (readonly number[])[];
}

const [SEED_LO, SEED_HI] = [0x12345678, -77];
const RATE = 0.3;

const rowsOf = ({ counts, parts }: Training) => parts ?? counts.map((_, word) => [word]);
const inputRows = (training: Training) => Math.max(...rowsOf(training).flat()) + 1;

/** @param cuts where calls end */
function run(bench: Bench<VectorKernels>, training: Training, cuts: readonly number[] = []) {
  const { k } = bench;
  const { width, counts, tokens, cbow, window, negative, sample = 0, parts } = training;
  const state = bench.i32(new Int32Array(k.wordStateBytes() / 4));
  const input = bench.f32(noise(inputRows(training) * width, 1, 0.5));
  const output = bench.f32(noise(counts.length * width, 2, 0.5));
  const keep = sample > 0 ? bench.i32(new Int32Array(keepBounds(counts, sample).buffer)).ptr : 0;
  const table = bench.i32(new Int32Array(noiseTable(counts).buffer));
  const rows = parts ? bench.i32(parts.flat()).ptr : 0;
  const ends = [0, ...(parts ?? [])].map((_, i) => (parts ?? []).slice(0, i).flat().length);
  const starts = parts ? bench.i32(ends).ptr : 0;
  const scratch = bench.f32(k.trainWordsScratchBytes(width, negative) / 4);
  const ids = bench.i32(tokens);
  let from = 0;
  for (const end of [...cuts, tokens.length]) {
    // prettier-ignore
    k.trainWords(
      state.ptr, (ids.ptr + 4 * from) as typeof ids.ptr, end - from, input.ptr, output.ptr, width, counts.length,
      keep, table.ptr, rows, starts, scratch.ptr, cbow ? 1 : 0, window, negative, RATE, SEED_LO, SEED_HI,
    );
    from = end;
  }
  const result = { input: [...input.view], output: [...output.view], waiting: state.view[0]! };
  bench.checkCanaries();
  return result;
}

/** The generator as the kernel uses it: 1,024 words at a time, the rest of which is dropped where it is too short. */
class Draws {
  #words: number[] = [];
  #block = 0;

  take(count: number): number[] {
    if (this.#words.length < count) {
      this.#words = Array.from({ length: 256 }, () =>
        philox({ seedLo: SEED_LO, seedHi: SEED_HI, counterLo: this.#block++, counterHi: 0 }),
      ).flat();
    }
    return this.#words.splice(0, count);
  }
}

function expected(training: Training) {
  const { width, counts, tokens, cbow, window, negative, sample = 0 } = training;
  const input = Array.from(noise(inputRows(training) * width, 1, 0.5));
  const output = Array.from(noise(counts.length * width, 2, 0.5));
  const keep = keepBounds(counts, sample > 0 ? sample : 1);
  const table = noiseTable(counts);
  const draws = new Draws();
  const parts = rowsOf(training);
  const columns = Array.from({ length: width }, (_, i) => i);
  const below = (word: number, limit: number) => Number((BigInt(word) * BigInt(limit)) >> 32n);

  function learn(hidden: readonly number[], word: number, random: readonly number[]): number[] {
    const targets = [{ row: word, label: 1 }];
    for (const drawn of random) {
      const own = below(drawn, counts.length);
      const fraction = Number((BigInt(drawn) * BigInt(counts.length)) & 0xffffffffn);
      const row = fraction < table[2 * own]! ? own : table[2 * own + 1]!;
      if (row !== word) targets.push({ row, label: 0 });
    }
    const gains = targets.map(({ row, label }) => {
      const score = columns.reduce((sum, i) => sum + hidden[i]! * output[row * width + i]!, 0);
      return (label - 1 / (1 + Math.exp(-score))) * RATE;
    });
    const error = columns.map(() => 0);
    targets.forEach(({ row }, t) =>
      columns.forEach((i) => {
        error[i]! += gains[t]! * output[row * width + i]!;
        output[row * width + i]! += gains[t]! * hidden[i]!;
      }),
    );
    return error;
  }

  const meanOf = (words: readonly number[]) => {
    const rows = words.flatMap((word) => parts[word]!);
    return columns.map(
      (i) => rows.reduce((sum, row) => sum + input[row * width + i]!, 0) / rows.length,
    );
  };
  const move = (words: readonly number[], error: readonly number[]) => {
    for (const row of words.flatMap((word) => parts[word]!))
      columns.forEach((i) => (input[row * width + i]! += error[i]!));
  };

  let sentence: number[] = [];
  const train = () => {
    sentence.forEach((word, at) => {
      const random = draws.take(cbow ? 1 + negative : 1);
      const reach = window - below(random[0]!, window);
      const around = sentence.filter((_, i) => i !== at && Math.abs(i - at) <= reach);
      if (around.length === 0) return;
      if (cbow) move(around, learn(meanOf(around), word, random.slice(1)));
      else
        for (const other of around)
          move([other], learn(meanOf([other]), word, draws.take(negative)));
    });
    sentence = [];
  };
  for (const token of tokens) {
    if (token < 0) train();
    else if (sample === 0 || draws.take(1)[0]! <= keep[token]!) sentence.push(token);
    if (sentence.length === 1000) train();
  }
  return { input, output, waiting: sentence.length };
}

/** Words 0 to n - 1, the first the most frequent, in sentences. */
function text(words: number, length: number, sentences = 7): number[] {
  return Array.from(noise(length, words + length), (value, i) =>
    i % Math.ceil(length / sentences) === 3 || i === length - 1
      ? -1
      : Math.floor(value * value * words),
  );
}
const countsOf = (words: number) => Array.from({ length: words }, (_, i) => 3 * (words - i) ** 2);

const base = { width: 8, counts: countsOf(20), tokens: text(20, 90), window: 3, negative: 5 };
const parts = Array.from({ length: 20 }, (_, word) =>
  [word, 20 + (word % 3), 23, 24 + (word % 5)].slice(0, 1 + (word % 4)),
);

describe.each(builds<VectorKernels>("vectors"))("trainWords ($name)", (bench) => {
  describe.each([true, false])("cbow %s", (cbow) => {
    it.each<[string, Partial<Training>]>([
      ["5 drawn", {}],
      ...[1, 2, 3, 4, 6, 7, 8, 25].map(
        (negative) => [`${negative} drawn`, { negative }] as [string, Partial<Training>],
      ),
      ...[4, 12, 20, 100].map(
        (width) => [`width ${width}`, { width }] as [string, Partial<Training>],
      ),
      ["a window of one", { window: 1 }],
      ["a window beyond every sentence", { window: 99 }],
      ["two words", { counts: [3, 1], tokens: [0, 1, 1, 0, -1, 1, 0, -1] }],
      ["words left out by chance", { sample: 0.02 }],
      ["parts of words", { parts }],
      ["a sentence of one word, and none", { tokens: [5, -1, -1, 7, 8, -1] }],
      ["what waits for the next call", { tokens: [5, 6, 7, -1, 8, 9] }],
      [
        "a sentence that is cut",
        { tokens: Array.from({ length: 1004 }, (_, i) => i % 20), window: 1, negative: 1 },
      ],
    ])("%s", (_, more) => {
      const training = { ...base, cbow, ...more };
      const got = run(bench, training);
      const exact = expected(training);
      expect(got.waiting).toBe(exact.waiting);
      expect(maxError(got.input, exact.input)).toBeLessThan(2e-5);
      expect(maxError(got.output, exact.output)).toBeLessThan(2e-5);
      // Something was learnt.
      expect(maxError(got.output, noise(got.output.length, 2, 0.5))).toBeGreaterThan(1e-3);
    });

    it("gives the same bits however a text is cut into calls", () => {
      const training = { ...base, cbow, sample: 0.05 };
      const whole = run(bench, training);
      expect(run(bench, training, [1, 2, 30, 31, 77])).toEqual(whole);
    });
  });
});

describe.each(builds<VectorKernels>("vectors").filter(({ name }) => name === "debug"))(
  "trainWords ($name)",
  (bench) => {
    it.each<[string, Partial<Training>]>([
      ["a word that is none", { tokens: [0, 20, -1] }],
      ["a width that is no multiple of four", { width: 6 }],
      ["no window", { window: 0 }],
      ["too much noise", { negative: 1024 }],
    ])("refuses %s", (_, wrong) => {
      expect(() => run(bench, { ...base, cbow: true, ...wrong })).toThrow("assertion failed");
      bench.checkCanaries();
    });
  },
);
