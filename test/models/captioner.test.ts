// Captions of pictures: what is learnt, where it looks, forms of pictures, several captions, files, resuming.
import { beforeAll, describe, expect, test } from "vitest";
import { CharTokenizer } from "../../src/text/index.js";
import { FormatError, manualSeed, OptionError, scope, tensor } from "../../src/index.js";
import { permute, variance } from "../../src/ops/index.js";
import { greedy } from "../../src/decode/index.js";
import {
  Captioner,
  type BuildCaptionerOptions,
  type CaptionerFitOptions,
  type CaptionExample,
} from "../../src/models/index.js";
import { noise } from "../kernels/harness.js";

const [SIZE, HALF] = [16, 8];
const SHAPES = {
  bar: ["......", "......", "######", "######", "......", "......"],
  post: ["..##..", "..##..", "..##..", "..##..", "..##..", "..##.."],
};
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];

/** A shape on each side, somewhat moved. */
function example(number: number): CaptionExample & { image: { data: Uint8Array } } {
  const random = noise(6, number + 1).map((value) => Math.abs(value) % 1);
  const data = new Uint8Array(SIZE * SIZE).fill(20);
  const draw = (left: number, name: keyof typeof SHAPES, down: number) =>
    SHAPES[name].forEach((row, y) =>
      [...row].forEach((cell, x) => {
        if (cell === "#") data[(down + y) * SIZE + left + 1 + x] = 220;
      }),
    );
  const names = [0, 1].map((side) => NAMES[(number >> side) % 2]!);
  names.forEach((name, side) => draw(HALF * side, name, Math.floor(10 * random[side]!)));
  return {
    image: { data, width: SIZE, height: SIZE },
    text: `a ${names[0]} and then a ${names[1]}`,
  };
}

const EXAMPLES = Array.from({ length: 64 }, (_, i) => example(i));
const UNSEEN = Array.from({ length: 24 }, (_, i) => example(100 + i));
const MODEL = { channels: [8, 16], hiddenSize: 24, embeddingSize: 16, dropout: 0 };
const FIT: CaptionerFitOptions = { epochs: 30, batchSize: 16, learningRate: 0.01 };

async function trained(options: BuildCaptionerOptions = {}, fit: CaptionerFitOptions = FIT) {
  manualSeed(2);
  const model = Captioner.build(EXAMPLES, { ...MODEL, ...options });
  await model.fit(EXAMPLES, fit);
  return model;
}

let model: Captioner;
beforeAll(async () => {
  model = await trained();
});

const images = (examples: readonly CaptionExample[]) => examples.map(({ image }) => image);
const texts = (of: Captioner, examples: readonly CaptionExample[]) =>
  of.predictBatch(images(examples)).map(({ text }) => text);

test("it says what is on pictures that it has not seen, and is scored so", async () => {
  const { scores, details } = await model.evaluate(UNSEEN);
  const right = texts(model, UNSEEN).filter((text, i) => text === UNSEEN[i]!.text).length;
  expect(right).toBeGreaterThanOrEqual(22);
  expect(scores.exactMatch).toBeGreaterThanOrEqual(22 / 24);
  expect(scores.cider).toBeGreaterThan(5);
  expect(scores.bleu).toBeGreaterThan(90);
  expect(scores.perplexity).toBeCloseTo(Math.exp(scores.loss), 3);
  // Six words and the end mark.
  expect(details).toEqual({ tokens: 24 * 7, written: 24, unfinished: 0 });
});

test("it looks at the shape that it names", () => {
  const { attention, text } = model.predict(UNSEEN[1]!.image, { attention: true });
  expect(text).toBe(UNSEEN[1]!.text);
  const { tokens, rows, columns, weights, image } = attention;
  expect(tokens).toEqual([...text.split(" "), "</s>"]);
  expect([rows, columns, image.width]).toEqual([4, 4, SIZE]);
  expect(image.data).toEqual(UNSEEN[1]!.image.data);
  const places = rows * columns;
  const sums = tokens.map((_, token) => {
    const own = weights.subarray(token * places, (token + 1) * places);
    expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    return own.reduce((sum, weight, i) => sum + (i % columns < columns / 2 ? weight : 0), 0);
  });
  // Of the left half: more at the first noun than at the second.
  expect(sums[1]!).toBeGreaterThan(sums[5]!);
});

test("what a picture is captioned with does not matter, nor in which form it comes", () => {
  const [one] = UNSEEN;
  const { data, width, height } = one!.image as { data: Uint8Array; width: number; height: number };
  const rgba = Uint8ClampedArray.from([...data].flatMap((value) => [value, value, value, 255]));
  const alone = model.predict(one!.image);
  expect(model.predictBatch(images(UNSEEN))[0]).toEqual(alone);
  expect(model.predict({ data: rgba, width, height })).toEqual(alone);
  expect(model.predict({ data, shape: [height, width] })).toEqual(alone);
});

test("the decoder of hiddenstate/decode writes what predict does by one beam", () => {
  const { end } = model.target;
  const decoder = model.decoder(images(UNSEEN.slice(0, 2)));
  const found = greedy(decoder, { prompt: end, endToken: end, maxLength: 10 });
  decoder.dispose();
  const written = found.map(({ ids }) => model.target.text(ids.filter((id) => id !== end)));
  const predicted = model.predictBatch(images(UNSEEN.slice(0, 2)), { beams: 1 });
  expect(written).toEqual(predicted.map(({ text }) => text));
});

test("a file brings it back with its pictures' form, to the bit", () => {
  const loaded = Captioner.load(model.save());
  expect(loaded.reading).toEqual(model.reading);
  expect(loaded.options).toEqual(model.options);
  const [own, others] = [model, loaded].map((one) =>
    one.predictBatch(images(UNSEEN), { attention: true, beams: 3, alternatives: 2 }),
  );
  expect(others).toEqual(own);
  expect(() => Captioner.load(model.save().subarray(0, -8))).toThrow(FormatError);
});

test("a killed training goes on to the same bits, dropout and BatchNorm included", async () => {
  const options = { dropout: 0.2 };
  const fit: CaptionerFitOptions = {
    steps: 9,
    batchSize: 16,
    evaluateEvery: 3,
    validation: UNSEEN,
  };
  const whole = await trained(options, fit);
  let kept: Uint8Array | undefined;
  const stop = new AbortController();
  const save = (bytes: Uint8Array) => {
    kept ??= bytes;
    stop.abort(new Error("killed"));
  };
  const signal = stop.signal;
  await expect(
    trained(options, { ...fit, signal, checkpoint: { every: 4, save } }),
  ).rejects.toThrow("killed");
  manualSeed(77);
  const resumed = Captioner.build(EXAMPLES, { ...MODEL, ...options });
  await resumed.fit(EXAMPLES, { ...fit, checkpoint: { save: () => {}, resume: kept! } });
  const numbers = (of: Captioner) => Array.from(of.stateDict(), ([name, x]) => [name, x.data()]);
  expect(numbers(resumed)).toEqual(numbers(whole));
});

test("pictures come into batches whatever the length of their captions, so that batch normalization keeps what it learns by", async () => {
  // Bright pictures have long captions: in batches by length, each batch would be of one brightness.
  const pictures = Array.from({ length: 64 }, (_, i) => {
    const data = new Uint8Array(64).fill(i % 2 ? 240 : 20);
    return { image: { data, width: 8, height: 8 }, text: i % 2 ? "a b c d e f" : "a" };
  });
  manualSeed(5);
  const made = Captioner.build(pictures, { ...MODEL, channels: [4], minCount: 1 });
  await made.fit(pictures, { epochs: 16, batchSize: 16, learningRate: 1e-9 });
  const { conv, norm } = made.encoder.stem;
  // With zeros at its edges only, a convolution of one colour has the variance that the two brightnesses make.
  const whole = scope(() => {
    const read = tensor(
      Float32Array.from({ length: 2 * 64 }, (_, i) => (i < 64 ? 1 : -1)),
      { shape: [2, 1, 8, 8] },
    );
    return new Float64Array(
      variance(permute(conv.forward(read), [1, 0, 2, 3]).reshape([4, -1]), 1).data(),
    );
  });
  const kept = norm.running_var!.data();
  kept.forEach((one, channel) => {
    expect(one / whole[channel]!).toBeGreaterThan(0.8);
    expect(one / whole[channel]!).toBeLessThan(1.2);
  });
});

test("a last batch of one picture, which has no variance, is learnt from", async () => {
  manualSeed(4);
  const few = Captioner.build(EXAMPLES.slice(0, 5), MODEL);
  const { evaluations } = await few.fit(EXAMPLES.slice(0, 5), { ...FIT, epochs: 3, batchSize: 2 });
  expect(evaluations.at(-1)!.trainLoss).toBeLessThan(evaluations[0]!.trainLoss);
});

describe("several captions of a picture", () => {
  const several = UNSEEN.slice(0, 6).map(({ image, text }, i) => ({
    image,
    text: i % 2 === 0 ? [text as string, "a bar", "a post and then a bar"] : [text as string],
  }));

  test("cost and count as if each had the picture for itself", async () => {
    const apart = several.flatMap(({ image, text }) => text.map((one) => ({ image, text: one })));
    const [together, alone] = [await model.evaluate(several), await model.evaluate(apart)];
    expect(together.details).toEqual({ ...alone.details, written: 6 });
    expect(together.scores.loss).toBeCloseTo(alone.scores.loss, 5);
    expect(together.scores.exactMatch).toBe(1);
  });

  test("are learnt together", async () => {
    manualSeed(3);
    const made = Captioner.build(several, { ...MODEL, minCount: 1 });
    const { evaluations } = await made.fit(several, { epochs: 6, learningRate: 0.01 });
    expect(evaluations.at(-1)!.trainLoss).toBeLessThan(evaluations[0]!.trainLoss);
  });
});

test("without attention it has one vector of the picture, and learns too", async () => {
  const made = await trained({ attention: "none" }, { ...FIT, epochs: 40 });
  const right = texts(made, UNSEEN).filter((text, i) => text === UNSEEN[i]!.text).length;
  expect(right).toBeGreaterThanOrEqual(16);
  expect(() => made.predict(UNSEEN[0]!.image, { attention: true })).toThrow(/with attention/);
});

describe("how pictures are read", () => {
  const plain = (width: number, height: number, channels = 1, value = 9) => ({
    image: { data: new Uint8Array(width * height * channels).fill(value), width, height },
    text: "a b",
  });

  test("the data say", () => {
    const reading = (...examples: CaptionExample[]) => Captioner.build(examples).reading;
    expect(reading(plain(20, 10))).toMatchObject({ width: 20, height: 10, resize: "stretch" });
    expect(reading(plain(20, 10), plain(10, 10))).toMatchObject({ width: 20, resize: "contain" });
    expect(reading(plain(600, 300))).toMatchObject({ width: 128, height: 64, colors: "gray" });
    const red = plain(4, 4, 3);
    red.image.data[0] = 200;
    expect(reading(red).colors).toBe("rgb");
    const { mean, std } = reading(plain(4, 4, 1, 10), plain(4, 4, 1, 30));
    expect([mean, std]).toEqual([[20], [10]]);
    // What is of one colour is not divided by 0.
    expect(reading(plain(4, 4)).std).toEqual([1]);
  });

  test("a picture of other proportions is stretched, or framed by the mean", () => {
    const dark = { data: new Uint8Array(8 * 4), width: 8, height: 4 };
    const seen = (resize: "stretch" | "contain") =>
      Captioner.build([plain(8, 8)], { resize, minCount: 1, channels: [2] }).predict(dark, {
        attention: true,
      }).attention.image.data;
    expect(seen("stretch")).toEqual(new Uint8Array(64));
    expect([...seen("contain")]).toEqual([
      ...Array<number>(16).fill(9),
      ...Array<number>(32).fill(0),
      ...Array<number>(16).fill(9),
    ]);
  });
});

test("what makes no sense is refused, with its place", async () => {
  const build = (options: object, examples: readonly object[] = EXAMPLES) =>
    Captioner.build(examples as CaptionExample[], options);
  expect(() => build({}, [])).toThrow(/at least one picture/);
  expect(() => build({}, [EXAMPLES[0]!, { image: EXAMPLES[0]!.image }])).toThrow(/picture 1/);
  expect(() => build({}, [{ ...EXAMPLES[0]!, text: [] }])).toThrow(/an empty list/);
  expect(() => build({}, [{ text: "a" }])).toThrow(OptionError);
  expect(() => build({ chanels: [8] })).toThrow(/chanels/);
  expect(() => build({ channels: [4, 4, 4, 4, 4] })).toThrow(/at least 32 × 32 pixels/);
  expect(() => build({ attention: "none", placement: "output" })).toThrow(/placement/);
  expect(() => build({ tokens: "characters", minCount: 3 })).toThrow(/words beside minCount/);
  expect(() => build({ tokenizer: CharTokenizer.build("ab"), split: "words" })).toThrow(/both/);
  expect(() => model.predict(UNSEEN[0]!.image, { replaceUnknown: true } as never)).toThrow(
    /replaceUnknown/,
  );
  expect(() => model.predictBatch([UNSEEN[0]!.image, {} as never])).toThrow(/picture 1/);
  expect(() => model.decoder([])).toThrow(/a picture/);
  await expect(model.evaluate([])).rejects.toThrow(/at least one picture/);
});

test("characters, where captions are numbers that are written there", () => {
  const numbers = EXAMPLES.slice(0, 8).map(({ image }, i) => ({ image, text: String(101 * i) }));
  const made = Captioner.build(numbers, MODEL);
  expect(made.target.tokenizer).toBeInstanceOf(CharTokenizer);
  expect(made.notes.chosen).toMatchObject({ tokens: "characters", width: SIZE });
});

test("bytes of a PNG file are told how they are read", () => {
  const image = Uint8Array.of(137, 80, 78, 71) as never;
  expect(() => Captioner.build([{ image, text: "a" }])).toThrow(/a picture.*decodePNG\(bytes\)/);
});

test("a picture with another number of values is told by its place", () => {
  const picture = (values: number) => ({
    image: { data: new Uint8Array(values), width: 2, height: 2 },
    text: "one",
  });
  expect(() => Captioner.build([picture(4), picture(5)])).toThrow("got 5 in picture 1");
});
