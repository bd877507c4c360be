// Recordings to texts: tones are words, which a model learns to tell and to place; streams, files, what cannot be learnt.
import { beforeAll, describe, expect, test } from "vitest";
import { manualSeed, OptionError } from "../../src/index.js";
import { resample } from "../../src/audio/index.js";
import * as infer from "../../src/infer/models/index.js";
import {
  SpeechRecognizer,
  type BuildSpeechOptions,
  type SpeechExample,
  type Transcript,
} from "../../src/models/index.js";
import { chooseAugmentation } from "../../src/models/speech/defaults.js";
import { noise } from "../kernels/harness.js";

const RATE = 4000;
const HERTZ = { low: 250, middle: 600, high: 1400 };
type Word = keyof typeof HERTZ;
const WORDS = Object.keys(HERTZ) as Word[];
const NOISE = noise(RATE * 4, 7);

/** Seconds of each word, and of the silence before, between and behind them. */
const [LONG, PAUSE] = [0.16, 0.08];

function say(...words: Word[]): SpeechExample {
  const unit = Math.round(PAUSE * RATE);
  const length = Math.round(LONG * RATE);
  const samples = new Float32Array(unit + words.length * (length + unit));
  words.forEach((word, i) => {
    const begin = unit + i * (length + unit);
    for (let t = 0; t < length; t++)
      samples[begin + t] = 0.4 * Math.sin((2 * Math.PI * HERTZ[word] * t) / RATE);
  });
  return {
    samples: samples.map((sample, t) => sample + 0.01 * NOISE[t]!),
    sampleRate: RATE,
    text: words.join(" "),
  };
}

/** All of two words, and some of three. */
const EXAMPLES = [
  ...WORDS.flatMap((a) => WORDS.map((b) => say(a, b))),
  ...WORDS.flatMap((a, i) => WORDS.map((b, j) => say(a, b, WORDS[(i + j) % 3]!))),
];
const samplesOf = (example: SpeechExample) => (example as { samples: Float32Array }).samples;

const SIZES: BuildSpeechOptions = {
  ...{ units: "words", channels: 8, hiddenSize: 32, numLayers: 1, dropout: 0 },
  // A tone has few filters: masks would take all of it.
  ...{ nMels: 16, noise: 0, speed: 0.03, frequencyMasks: 0, timeMasks: 0, subsampling: 2 },
};
const FIT = { steps: 120, batchSize: 6, learningRate: 0.01 };

async function trained(options: BuildSpeechOptions): Promise<SpeechRecognizer> {
  manualSeed(1);
  const model = SpeechRecognizer.build(EXAMPLES, { ...SIZES, ...options });
  await model.fit(EXAMPLES, FIT);
  return model;
}

let whole: SpeechRecognizer;
let live: SpeechRecognizer;
beforeAll(async () => {
  whole = await trained({});
  live = await trained({ streaming: true });
});

const NEW = [say("high", "low", "high", "middle"), say("middle"), say("low", "low", "high")];

describe("what was learnt", () => {
  test.each([
    ["both directions", () => whole],
    ["forwards", () => live],
  ])("strings of other lengths are read, %s", async (_, model) => {
    const { scores, details } = await model().evaluate(NEW);
    expect(scores.wer).toBeLessThan(0.13);
    expect(details.words.length).toBe(8);
    expect(scores.loss).toBeLessThan(1);
  });

  test("words have the times at which they are said", () => {
    const { text, words } = whole.predict(NEW[0]!);
    expect(text).toBe("high low high middle");
    words.forEach(({ word, start, end }, i) => {
      const begin = PAUSE + i * (LONG + PAUSE);
      expect(word).toBe(text.split(" ")[i]);
      expect(end).toBeGreaterThan(start);
      expect(start).toBeGreaterThan(begin - PAUSE);
      expect(end).toBeLessThan(begin + LONG + 2 * PAUSE);
    });
  });

  test("recordings side by side have the text of one alone, and any rate and number of channels is read", () => {
    const alone = NEW.map((one) => whole.predict(one));
    expect(whole.predictBatch(NEW).map(({ text }) => text)).toEqual(alone.map(({ text }) => text));
    const samples = samplesOf(NEW[0]!);
    const faster = { samples: resample(samples, RATE, 3 * RATE), sampleRate: 3 * RATE };
    const sides = [samples.map((sample) => 2 * sample), new Float32Array(samples.length)];
    for (const other of [samples, [...samples], faster, { sampleRate: RATE, channels: sides }])
      expect(whole.predict(other).text).toBe(alone[0]!.text);
  });

  test("a language model of what may be said decides what sounds alike", async () => {
    const rule = await whole.languageModel(["high middle low", "low middle high"], { order: 3 });
    const options = { languageModel: rule, alpha: 30, beams: 64 };
    expect(whole.predict(say("high", "low", "low")).text).toBe("high low low");
    expect(whole.predict(say("high", "low", "low"), options).text).toBe("high middle low");
    await expect(whole.languageModel(["low", "loud"])).rejects.toThrow('got "loud" in text 1');
  });

  test("the best texts are told, with their scores", () => {
    const { text, score, alternatives } = whole.predict(NEW[1]!, { alternatives: 3 });
    expect(alternatives[0]).toEqual({ text, score });
    expect(alternatives).toHaveLength(3);
    expect(alternatives[1]!.score).toBeLessThan(score);
    const best = whole.predict(NEW[1]!, { beams: 1 });
    expect(best.text).toBe(text);
    // One alignment has at most the probability of all.
    expect(best.score).toBeLessThanOrEqual(score);
  });
});

describe("while one speaks", () => {
  const samples = samplesOf(NEW[0]!);
  const heard = (model: SpeechRecognizer, size: number): [Transcript, string[]] => {
    const stream = model.stream({ alternatives: 2 });
    const texts: string[] = [];
    for (let at = 0; at < samples.length; at += size) {
      const { text, final } = stream.push(samples.subarray(at, at + size));
      expect(`${text} `.startsWith(final)).toBe(true);
      texts.push(text);
    }
    const end = stream.end();
    stream.dispose();
    return [end, texts];
  };

  test.each([1, 2, 4])(
    "with %s frames in a step, a stream has the bits of the whole",
    (subsampling) => {
      manualSeed(2);
      const model = SpeechRecognizer.build(EXAMPLES, {
        ...SIZES,
        ...{ streaming: true, subsampling, normalize: "running" },
      }).eval();
      const expected = model.predict(samples, { alternatives: 2 });
      for (const size of [7, 160, 10_000]) expect(heard(model, size)[0]).toEqual(expected);
    },
  );

  test("text comes with the words, and is what predict gives at the end", () => {
    const [end, texts] = heard(live, 100);
    expect(end).toEqual(live.predict(samples, { alternatives: 2 }));
    expect(texts[0]).toBe("");
    // Behind the second of four words, not all of them are heard.
    expect(texts[Math.floor(texts.length / 2)]!.split(" ").length).toBeLessThan(4);
    expect(live.lookAhead).toBeLessThan(0.1);
  });

  test("silence is counted from the last word, another recording begins anew, and another rate is taken", () => {
    const stream = live.stream({ sampleRate: 2 * RATE });
    const twice = resample(samples, RATE, 2 * RATE);
    stream.push(twice);
    const { silence, text } = stream.push(new Float32Array(2 * RATE));
    expect(text).toBe("high low high middle");
    expect(silence).toBeGreaterThan(0.9);
    expect(silence).toBeLessThan(1.5);
    expect(stream.end().text).toBe(text);
    expect(() => stream.push(twice)).toThrow("reset() begins another");
    stream.reset();
    expect(stream.end()).toMatchObject({ text: "", words: [] });
    stream.dispose();
  });

  test("samples that are no numbers are refused and lose nothing", () => {
    const stream = live.stream();
    stream.push(samples.subarray(0, 1000));
    expect(() => stream.push(Float32Array.of(0, NaN))).toThrow("got NaN at 1");
    expect(() => stream.push(["a"] as never)).toThrow(OptionError);
    stream.push(samples.subarray(1000));
    expect(stream.end()).toEqual(live.predict(samples));
    stream.reset();
    stream.dispose();
    for (const use of [() => stream.push(samples), () => stream.end()])
      expect(use).toThrow(/SpeechStream.*disposed of/);
  });

  test("a rate that no recorder has is refused", () => {
    const damaged = { samples, sampleRate: 2_000_000_000 };
    expect(() => live.predict(damaged)).toThrow("from 1 to 768000");
  });

  test("evaluate counts the best text alone", async () => {
    await expect(live.evaluate(NEW, { alternatives: 2 } as never)).rejects.toThrow(OptionError);
  });

  test("a model that reads backwards too has no stream", () => {
    expect(() => whole.stream()).toThrow("build another with streaming: true");
    expect(whole.lookAhead).toBe(Infinity);
  });
});

describe("files", () => {
  test("a model comes back with its answers, also where nothing is trained", () => {
    const bytes = live.save();
    const expected = live.predict(NEW[0]!);
    expect(SpeechRecognizer.load(bytes).predict(NEW[0]!)).toEqual(expected);
    expect(infer.SpeechRecognizer.load(bytes).predict(NEW[0]!)).toEqual(expected);
    expect(SpeechRecognizer.load(bytes).input.extractor.options).toEqual(
      live.input.extractor.options,
    );
  });

  test("a run that was cut off goes on to the same bits", async () => {
    const fit = { ...FIT, steps: 6 };
    manualSeed(3);
    const straight = SpeechRecognizer.build(EXAMPLES, SIZES);
    await straight.fit(EXAMPLES, fit);
    manualSeed(3);
    const cut = SpeechRecognizer.build(EXAMPLES, SIZES);
    let saved: Uint8Array | undefined;
    const stop = new AbortController();
    const save = (bytes: Uint8Array) => void (saved = bytes);
    const onStep = ({ step }: { step: number }) => step === 3 && stop.abort(new Error("off"));
    await expect(
      cut.fit(EXAMPLES, {
        ...fit,
        onStep: (report) => void onStep(report),
        signal: stop.signal,
        checkpoint: { save },
      }),
    ).rejects.toThrow("off");
    const again = SpeechRecognizer.build(EXAMPLES, SIZES);
    await again.fit(EXAMPLES, { ...fit, checkpoint: { save, resume: saved! } });
    expect(again.predict(NEW[0]!)).toEqual(straight.predict(NEW[0]!));
  });
});

describe("what is chosen by the data", () => {
  test("words where each comes often, else characters", () => {
    const often = Array.from({ length: 4 }, () => EXAMPLES).flat();
    expect(SpeechRecognizer.build(often).units).toBe("words");
    const spelled = SpeechRecognizer.build(EXAMPLES, { hiddenSize: 4, channels: 2 });
    expect(spelled.units).toBe("characters");
    expect(spelled.vocabulary.tokens.join("")).toBe(" deghilmotw".replaceAll("t", ""));
  });

  test("fewer frames in a step where texts are long", () => {
    const speaking = (text: string) => [{ ...say("low"), text }];
    const subsampling = (text: string) =>
      SpeechRecognizer.build(speaking(text), { units: "characters" }).options.subsampling;
    expect(subsampling("abc")).toBe(4);
    expect(subsampling("abcdefg")).toBe(2);
    expect(subsampling("abcdefghijklm")).toBe(1);
  });
});

describe("how much is hidden in training, by how much sound there is", () => {
  const none = { noise: 0, frequencyMasks: 0, timeMasks: 0 };
  /** Of so many minutes in recordings of a second. */
  const of = (minutes: number, options: BuildSpeechOptions = {}) => {
    const second = { samples: new Float32Array(200).fill(0.1), sampleRate: 200, text: "one" };
    const examples = Array.from({ length: 60 * minutes }, () => second);
    const sizes = { nMels: 4, channels: 1, hiddenSize: 2, numLayers: 1 };
    return SpeechRecognizer.build(examples, { ...sizes, ...options });
  };

  test("nothing of little", () => {
    const { input, notes } = of(9);
    expect(input.augmentation).toMatchObject(none);
    expect(notes.chosen).toMatchObject(none);
    expect(input.augmentation.speed).toBe(0.1);
  });

  test("some of more, and what is given is kept", () => {
    expect(of(10).input.augmentation).toMatchObject({
      noise: 0.25,
      frequencyMasks: 1,
      timeMasks: 1,
    });
    const { input, notes } = of(10, { noise: 0.4, timeMaskWidth: 9 });
    expect(input.augmentation).toMatchObject({ noise: 0.4, timeMasks: 1, timeMaskWidth: 9 });
    expect(notes.chosen).not.toHaveProperty("noise");
  });

  test("all of much", () => {
    // Ten hours would take the test some seconds.
    expect(chooseAugmentation(600)).toEqual({ noise: 0.5, frequencyMasks: 2, timeMasks: 2 });
  });

  test("so that few recordings are learnt within few steps", async () => {
    const examples = Array.from({ length: 120 }, (_, i) => EXAMPLES[i % EXAMPLES.length]!);
    const sizes = { channels: 8, hiddenSize: 32, numLayers: 1, nMels: 16 };
    const errors = async (options: BuildSpeechOptions) => {
      manualSeed(1);
      const model = SpeechRecognizer.build(examples, { ...sizes, ...options });
      await model.fit(examples, { epochs: 8 });
      return (await model.evaluate(EXAMPLES, { beams: 1 })).scores.wer;
    };
    expect(await errors({})).toBeLessThan(0.06);
    expect(await errors(chooseAugmentation(600))).toBeGreaterThan(0.1);
  });
});

describe("what cannot be learnt or heard", () => {
  const model = () => SpeechRecognizer.build(EXAMPLES, SIZES);
  const rejects = async (examples: SpeechExample[], message: string) => {
    let steps = 0;
    const fit = model().fit(examples, { steps: 2, onStep: () => void steps++ });
    await expect(fit).rejects.toThrow(OptionError);
    await expect(fit).rejects.toThrow(message);
    expect(steps).toBe(0);
  };

  test("a text that is too long for its recording, by name, before the first step", async () => {
    const text = "low low low low low low low low low low";
    await rejects(
      [EXAMPLES[0]!, { ...say("low"), text, name: "a.wav" }],
      `expected at least 19 steps of 0.02 seconds for the 10 words of "${text}", got 17, 0.32 seconds, of a.wav in recording 1`,
    );
  });

  test("a word that the model was not built with", async () => {
    await rejects([{ ...say("low"), text: "loud" }], 'got "loud" in recording 0');
    // It is a mistake where it is scored.
    const { scores } = await whole.evaluate([{ ...say("low"), text: "loud" }]);
    expect(scores).toMatchObject({ wer: 1, loss: 0 });
  });

  test.each([
    ["no samples", new Float32Array(0), "a recording with samples"],
    ["NaN", Float32Array.of(0, NaN), "got NaN at 1"],
    ["a text", "a.wav" as never, "Files are read first"],
  ])("%s", (_, recording, message) => {
    expect(() => whole.predict(recording)).toThrow(OptionError);
    expect(() => whole.predict(recording)).toThrow(message);
  });

  test("an example without a text, options that there are not", () => {
    const example = { samples: samplesOf(NEW[0]!) } as never;
    expect(() => SpeechRecognizer.build([example])).toThrow("a text that is said");
    expect(() => SpeechRecognizer.build(EXAMPLES, { subsampling: 3 })).toThrow("1, 2 or 4");
    expect(() => whole.predict(NEW[0]!, { beam: 3 } as never)).toThrow("beam");
  });
});
