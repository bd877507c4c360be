import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IndexError, OptionError } from "../../src/core/errors.js";
import { NgramModel, type NgramModelOptions } from "../../src/metrics/index.js";
import { discounts } from "../../src/metrics/ngram/discounts.js";
import { NgramTwin, occurrences } from "./ngram-twin.js";

function probability(model: NgramModel, context: readonly number[], id: number): number {
  return Math.exp(model.logProbability(context, id));
}

/** Ids of which the lower are the more frequent, and follow each other as in no text of independent ids. */
function zipfText(length: number, size: number, seed = 1): number[] {
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) / 2147483647;
  const ids = [0];
  while (ids.length < length) {
    const back = ids[ids.length - 1]! * 7;
    ids.push(Math.floor(size * random() ** 3 + (random() < 0.5 ? back : 0)) % size);
  }
  return ids;
}

const SIZE = 5;
const anyText = fc.array(fc.nat(SIZE - 2), { minLength: 1, maxLength: 60 });
const anyContext = fc.array(fc.nat(SIZE - 1), { maxLength: 6 });

describe("discounts", () => {
  it("are those of Chen and Goodman's equation 26", () => {
    // Y = 4 / (4 + 2·2) = 1/2.
    expect([...discounts([0, 4, 2, 1, 1])]).toEqual([0, 1 - 1 / 2, 2 - 3 / 4, 3 - 2]);
    expect([...discounts([0, 4, 2, 1, 0])]).toEqual([0, 1 - 1 / 2, 2 - 3 / 4, 3]);
  });

  it("are constants where the counts give no estimate above 0", () => {
    const constants = [0, 0.5, 1, 1.5];
    expect([...discounts([0, 0, 2, 1, 1])]).toEqual(constants);
    expect([...discounts([0, 4, 0, 1, 1])]).toEqual(constants);
    expect([...discounts([0, 4, 2, 0, 1])]).toEqual(constants);
    // 2 - 3·(1/2)·4/2 = -1.
    expect([...discounts([0, 4, 2, 4, 1])]).toEqual(constants);
    // 3 - 4·(1/2)·3/2 = 0.
    expect([...discounts([0, 4, 2, 2, 3])]).toEqual(constants);
  });
});

describe("NgramModel, by hand", () => {
  // a b a c a b, of a, b, c and d. Its bigrams are too few for estimates: discounts 1/2, 1, 3/2.
  const [a, b, c, d] = [0, 1, 2, 3];
  const text = Int32Array.of(a, b, a, c, a, b);
  // Before a come b, c and the beginning; before b and c only a: counts 3, 1, 1 of 5, of which 2.5 are discounted.
  const unigram = [1.5 / 5 + 0.5 / 4, 0.5 / 5 + 0.5 / 4, 0.5 / 5 + 0.5 / 4, 0.5 / 4];

  it("has order 1", async () => {
    const model = await NgramModel.build(text, { vocabularySize: 4, order: 1 });
    // Counts 3, 2, 1 of 6. These do give estimates: Y = 1/3, discounts 1/3, 1 and 3.
    const free = (1 / 3 + 1 + 3) / 6 / 4;
    const expected = [0 / 6 + free, 1 / 6 + free, 2 / 3 / 6 + free, free];
    for (const id of [a, b, c, d])
      expect(probability(model, [c, b], id)).toBeCloseTo(expected[id]!, 12);
    expect(model.order).toBe(1);
    expect(model.ngrams).toEqual([3]);
  });

  it("has order 2", async () => {
    const model = await NgramModel.build(text, { vocabularySize: 4, order: 2 });
    // After a: b twice, c once; 1 and 1/2 of 3 are discounted.
    const afterA = [0, 1 / 3, 0.5 / 3, 0].map((own, id) => own + 0.5 * unigram[id]!);
    // After b and c: a, once.
    const afterB = [0.5, 0, 0, 0].map((own, id) => own + 0.5 * unigram[id]!);
    for (const id of [a, b, c, d]) {
      expect(probability(model, [a], id)).toBeCloseTo(afterA[id]!, 12);
      expect(probability(model, [a, b], id)).toBeCloseTo(afterB[id]!, 12);
      expect(probability(model, [c], id)).toBeCloseTo(afterB[id]!, 12);
      expect(probability(model, [d], id)).toBeCloseTo(unigram[id]!, 12);
      expect(probability(model, [], id)).toBeCloseTo(unigram[id]!, 12);
    }
    expect(model.ngrams).toEqual([3, 4]);
    expect(model.perplexity(Int32Array.of(a, b, a, d))).toBeCloseTo(
      (afterA[b]! * afterB[a]! * afterA[d]!) ** (-1 / 3),
      12,
    );
  });

  it("has order 3", async () => {
    const model = await NgramModel.build(text, { vocabularySize: 4, order: 3 });
    // Before a b come c and the beginning, before a c only b: again 2 and 1 of 3.
    const afterA = [0, 1 / 3, 0.5 / 3, 0].map((own, id) => own + 0.5 * unigram[id]!);
    for (const id of [a, b, c, d]) {
      expect(probability(model, [c, a], id)).toBeCloseTo(
        (id === b ? 0.5 : 0) + 0.5 * afterA[id]!,
        12,
      );
      expect(probability(model, [b, a], id)).toBeCloseTo(
        (id === c ? 0.5 : 0) + 0.5 * afterA[id]!,
        12,
      );
      // d a is no context of the text, a is; nor is b d, nor d.
      expect(probability(model, [d, a], id)).toBeCloseTo(afterA[id]!, 12);
      expect(probability(model, [b, d], id)).toBeCloseTo(unigram[id]!, 12);
    }
    expect(model.ngrams).toEqual([3, 4, 4]);
  });

  it("takes the memory that it says", async () => {
    for (const order of [1, 2, 3]) {
      const { memoryBytes, ngrams } = await NgramModel.build(text, { vocabularySize: 4, order });
      const top = ngrams[order - 1]!;
      const lower = ngrams.reduce((sum, count) => sum + count, -top);
      // The empty context, and for each order discounts and the end of the last context.
      expect(memoryBytes).toBe(8 * top + 24 * lower + 16 + order * 36);
    }
  });

  it("ends where the text does", async () => {
    const model = await NgramModel.build(Int32Array.of(2, 1), { vocabularySize: 3, order: 5 });
    expect(model.order).toBe(2);
    expect(model.ngrams).toEqual([2, 1]);
    const one = await NgramModel.build(Int32Array.of(2), { vocabularySize: 3, order: 5 });
    expect(one.order).toBe(1);
    expect(probability(one, [], 2)).toBeCloseTo(0.5 + 0.5 / 3, 12);
  });
});

describe("NgramModel", () => {
  it("has the probabilities of the formulas", async () => {
    const text = zipfText(4000, 30);
    const estimated = new Set<number>();
    for (const order of [1, 2, 3, 4, 6]) {
      const twin = new NgramTwin(text, 31, order);
      const model = await NgramModel.build(Int32Array.from(text), { vocabularySize: 31, order });
      for (let each = 1; each <= order; each++)
        if (twin.discounts(each)[1] !== 0.5) estimated.add(each);
      for (let i = 0; i < 400; i++) {
        const context = text.slice(Math.max(0, 9 * i - 6), 9 * i);
        // What came next, and what did not.
        for (const id of [text[9 * i]!, (i * 11) % 31])
          expect(probability(model, context, id)).toBeCloseTo(twin.probability(context, id), 12);
      }
    }
    // Discounts were estimated, not only constants.
    expect([...estimated].sort()).toEqual([2, 3, 4, 5, 6]);
  });

  it("has them for any text and context", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        anyContext,
        fc.integer({ min: 1, max: 5 }),
        async (text, context, order) => {
          const model = await NgramModel.build(Int32Array.from(text), {
            vocabularySize: SIZE,
            order,
          });
          const twin = new NgramTwin(text, SIZE, Math.min(order, text.length));
          expect(model.order).toBe(twin.order);
          expect(model.ngrams).toEqual(
            Array.from({ length: twin.order }, (_, i) => occurrences(text, i + 1).size),
          );
          for (let id = 0; id < SIZE; id++)
            expect(probability(model, context, id)).toBeCloseTo(twin.probability(context, id), 12);
        },
      ),
    );
  });

  it("sums to 1, with every id possible", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        anyContext,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(60),
        async (text, context, order, maxNgrams) => {
          const options = { vocabularySize: SIZE, order, maxNgrams };
          const model = await NgramModel.build(Int32Array.from(text), options);
          let sum = 0;
          for (let id = 0; id < SIZE; id++) {
            const p = probability(model, context, id);
            expect(p).toBeGreaterThan(0);
            sum += p;
          }
          expect(sum).toBeCloseTo(1, 12);
        },
      ),
    );
  });

  it("leaves out what comes once, from the first order on that is too large", async () => {
    const text = zipfText(600, 60);
    const counts = [1, 2, 3, 4, 5].map((order) => [...occurrences(text, order).values()]);
    const repeated = counts.map((each) => each.filter((count) => count > 1).length);
    for (const cutoff of [2, 3, 4, 5]) {
      const model = await NgramModel.build(Int32Array.from(text), {
        vocabularySize: 61,
        order: 5,
        // One too few for this order and as many n-grams for each above as it has repeated ones. With cutoff 2, all
        // trigrams of the bigrams that are kept would fit.
        maxNgrams:
          counts.slice(1, cutoff).reduce((sum, { length }) => sum + length, -1) +
          (5 - cutoff) * repeated[cutoff - 1]!,
      });
      expect(model.ngrams).toEqual(
        counts.map(({ length }, i) => (i + 1 < cutoff ? length : repeated[i])),
      );
      const twin = new NgramTwin(text, 61, 5, cutoff);
      const read = text.slice(0, 200);
      const logs = read.map((id, i) => Math.log(twin.probability(read.slice(0, i), id)));
      read.forEach((id, i) =>
        expect(model.logProbability(read.slice(0, i), id)).toBeCloseTo(logs[i]!, 12),
      );
      expect(model.perplexity(Int32Array.from(read))).toBeCloseTo(
        Math.exp(-logs.slice(1).reduce((sum, log) => sum + log) / 199),
        9,
      );
    }
  });

  it("ends with the order below one that is too large even so", async () => {
    const text = zipfText(2000, 20, 3);
    const counts = [1, 2, 3].map((order) => [...occurrences(text, order).values()]);
    const [, bigrams, trigrams] = counts.map((each) => each.filter((count) => count > 1).length);
    const build = (maxNgrams: number): Promise<NgramModel> =>
      NgramModel.build(Int32Array.from(text), { vocabularySize: 20, order: 3, maxNgrams });
    expect((await build(bigrams! + trigrams!)).ngrams).toEqual([20, bigrams, trigrams]);
    expect((await build(bigrams! + trigrams! - 1)).ngrams).toEqual([20, bigrams]);
    expect((await build(bigrams! - 1)).ngrams).toEqual([20]);
    expect((await build(0)).ngrams).toEqual([20]);
  });

  it("scores ids as one stream, each but the first", async () => {
    const text = zipfText(2000, 20);
    const held = zipfText(200, 20, 9);
    const model = await NgramModel.build(Int32Array.from(text), { vocabularySize: 20, order: 4 });
    let sum = 0;
    for (let i = 1; i < held.length; i++) sum -= model.logProbability(held.slice(0, i), held[i]!);
    expect(model.perplexity(Int32Array.from(held))).toBeCloseTo(Math.exp(sum / 199), 10);
  });

  it("reads pieces as one stream, whose buffer may be used again", async () => {
    const text = Int32Array.from(zipfText(5000, 40));
    const options = { vocabularySize: 40, order: 4 };
    const whole = await NgramModel.build(text, options);
    function* pieces(): Generator<Int32Array> {
      const buffer = new Int32Array(700);
      for (let i = 0; i < text.length; i += 700) {
        const piece = text.subarray(i, i + 700);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
      }
    }
    async function* later(): AsyncGenerator<Int32Array> {
      yield* pieces();
    }
    for (const stream of [pieces(), later(), [text], [text, new Int32Array(0)]]) {
      const model = await NgramModel.build(stream, options);
      expect(model.ngrams).toEqual(whole.ngrams);
      expect(model.perplexity(text)).toBe(whole.perplexity(text));
    }
  });

  it("chooses the order that predicts the validation ids best", async () => {
    const vocabularySize = 30;
    const text = Int32Array.from(zipfText(3000, vocabularySize));
    const validation = Int32Array.from(zipfText(500, vocabularySize, 3));
    const scores = [];
    for (const order of [1, 2, 3, 4, 5])
      scores.push((await NgramModel.build(text, { vocabularySize, order })).perplexity(validation));
    const best = scores.indexOf(Math.min(...scores)) + 1;
    expect(best).toBeGreaterThan(1);
    expect(best).toBeLessThan(5);
    const chosen = await NgramModel.build(text, { vocabularySize, validation });
    expect(chosen.order).toBe(best);
    expect(chosen.perplexity(validation)).toBe(scores[best - 1]);
    const alone = await NgramModel.build(text, { vocabularySize, order: best });
    expect(chosen.ngrams).toEqual(alone.ngrams);
    expect(chosen.memoryBytes).toBe(alone.memoryBytes);
    const lower = await NgramModel.build(text, { vocabularySize, validation, maxOrder: best - 1 });
    expect(lower.order).toBeLessThan(best);
  });

  it("tries 5 orders, 8 with few ids, and takes the lowest of equals", async () => {
    // Ones and zeros that come again and again: the longer the context, the better it tells what follows.
    const period = zipfText(600, 100).map((id) => id % 2);
    const text = Int32Array.from(Array.from({ length: 8 }, () => period).flat());
    const orderOf = async (vocabularySize: number, validation = text): Promise<number> =>
      (await NgramModel.build(text, { vocabularySize, validation })).order;
    expect(await orderOf(1000)).toBe(8);
    expect(await orderOf(1001)).toBe(5);
    // The text has no 2: whatever the order above 1, all contexts are empty.
    const unseen = Int32Array.of(2, 2, 2);
    const scores = [];
    for (const order of [1, 2, 3])
      scores.push((await NgramModel.build(text, { vocabularySize: 3, order })).perplexity(unseen));
    expect(scores[1]).toBe(scores[2]);
    expect(scores[1]).toBeLessThan(scores[0]!);
    expect(await orderOf(3, unseen)).toBe(2);
  });

  it("lets other work run, and can be aborted", async () => {
    const text = Int32Array.from({ length: 700_000 }, (_, i) => (i * i) % 50);
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 3) controller.abort(new Error("enough"));
    }, 0);
    const options = { vocabularySize: 50, order: 5, signal: controller.signal };
    await expect(NgramModel.build(text, options)).rejects.toThrow("enough");
    clearInterval(timer);
    expect(turns).toBe(3);
    await expect(NgramModel.build(text, options)).rejects.toThrow("enough");
  });

  it("says what is wrong", async () => {
    const text = Int32Array.of(0, 1, 2);
    const order = 2;
    const vocabularySize = 3;
    const rejected = async (
      options: NgramModelOptions,
      kind: new (...all: never[]) => Error,
      message: RegExp,
      ids = text,
    ): Promise<void> => {
      await expect(NgramModel.build(ids, options)).rejects.toThrow(kind);
      await expect(NgramModel.build(ids, options)).rejects.toThrow(message);
    };
    const none = new Int32Array(0);
    await rejected({ vocabularySize: 2, order }, IndexError, /from 0 to 1, got 2 at position 2/);
    await rejected({ vocabularySize, order }, IndexError, /got -1/, Int32Array.of(-1));
    await rejected({ vocabularySize, order }, OptionError, /at least one id, got none/, none);
    await rejected({ vocabularySize }, OptionError, /got neither/);
    await rejected({ vocabularySize, order, validation: text }, OptionError, /got both/);
    await rejected({ vocabularySize, order, maxOrder: 3 }, OptionError, /with validation only/);
    await rejected({ vocabularySize, order: 0 }, OptionError, /order to be a whole number/);
    await rejected({ vocabularySize, order: 1.5 }, OptionError, /order to be a whole number/);
    await rejected({ vocabularySize, validation: text, maxOrder: 0 }, OptionError, /maxOrder/);
    await rejected({ vocabularySize: 0, order }, OptionError, /vocabularySize/);
    await rejected({ vocabularySize, order, maxNgrams: -1 }, OptionError, /maxNgrams/);
    await rejected({ vocabularySize, validation: none }, OptionError, /two ids to score, got 0/);
    await rejected({ vocabularySize, validation: Int32Array.of(0, 3) }, IndexError, /got 3/);
    const typo = { vocabularySize, order, maxNgram: 5 };
    await rejected(typo, OptionError, /options among .*maxNgrams.*got "maxNgram"/);

    const model = await NgramModel.build(text, { vocabularySize, order });
    expect(() => model.perplexity(Int32Array.of(1))).toThrow(/at least two ids to score, got 1/);
    expect(() => model.perplexity(Int32Array.of(1, 3))).toThrow(IndexError);
    expect(() => model.logProbability([0], 3)).toThrow(IndexError);
    expect(() => model.logProbability([-1], 1)).toThrow(IndexError);
  });
});
