// Every ready model: shards in copies of the model give the file that shards on the program's own thread give.
import { describe, expect, it } from "vitest";
import { manualSeed } from "../../src/index.js";
import * as hs from "../../src/models/index.js";
import { PredictionPool } from "../../src/workers/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { InProcessWorker } from "./in-process-worker.js";

interface Trained {
  fit(source: never, options: never): Promise<{ best: { trainLoss: number } }>;
  evaluate(source: never): Promise<{ scores: object; details: unknown }>;
  save(): Uint8Array;
}

interface Case {
  make(): Trained;
  readonly source: unknown;
  readonly options?: object;
}

const createWorker = () => new InProcessWorker();
const cycle = <T>(list: readonly T[], length: number): T[] =>
  Array.from({ length }, (_, i) => list[i % list.length]!);

const SENTENCES = cycle(
  [
    { words: ["Ada", "won"], tags: ["B-PER", "O"], intent: "news" },
    { words: ["play", "it", "again", "Sam"], tags: ["O", "O", "O", "B-PER"], intent: "order" },
    { words: ["stop"], tags: ["O"], intent: "order" },
  ],
  9,
);
const TEXTS = cycle(
  [
    { input: "a good film", label: "good" },
    { input: "a dull and very long film", label: "bad" },
    { input: "good", label: "good" },
  ],
  9,
);
const TOPICS = TEXTS.map(({ input, label }, i) => ({ input, labels: i % 2 ? [label] : [] }));
const PAIRS = cycle(
  [
    { source: "ab", target: "ba" },
    { source: "b", target: "b" },
    { source: "abba", target: "abba" },
  ],
  7,
);
const TEXT = "to be or not to be ".repeat(12);
const SERIES = [0, 1, 2].map((k) => Array.from({ length: 40 }, (_, i) => ((i * (k + 2)) % 7) + k));
const STEPS = SERIES.flatMap((one) => [one.slice(0, 9), one.slice(20, 32)]).map((steps) => ({
  input: steps.map((value) => [value]),
}));
const SOUND = (length: number) => Float32Array.from({ length }, (_, i) => ((i * i) % 17) / 17);
const RECORDINGS = [900, 1200, 1500].map((length) => ({
  ...{ samples: SOUND(length), sampleRate: 8000, text: "a" },
}));
const PICTURES = [1, 2, 3, 4].map((k) => ({
  image: { data: new Uint8Array(16).map((_, i) => (i * k * 37) % 255), width: 4, height: 4 },
  text: k % 2 ? "a b" : ["a", "b a"],
}));
const PIECES = [0, 3].map((k) => ({
  steps: Array.from({ length: 12 }, (_, i) => [60 + ((i + k) % 5), 64]),
}));
const SMALL = { hiddenSize: 4 };

const CASES: Readonly<Record<string, Case>> = {
  "a tagger with intents": {
    make: () => hs.SequenceTagger.build(SENTENCES, { ...SMALL, embeddingSize: 4, dropout: 0.5 }),
    source: SENTENCES,
  },
  "a classifier with weights": {
    make: () => hs.SequenceClassifier.build(TEXTS, { ...SMALL, dropout: 0.5 }),
    source: TEXTS,
    options: { classWeights: "balanced" },
  },
  "a classifier of several labels": {
    make: () => hs.MultiLabelClassifier.build(TOPICS, SMALL),
    source: TOPICS,
  },
  "a language model": {
    make: () => hs.LanguageModel.build(TEXT, { ...SMALL, embeddingSize: 4, dropout: 0.3 }),
    source: TEXT,
    options: { batchSize: 5, sequenceLength: 8 },
  },
  "a language model with sampled tokens": {
    make: () => hs.LanguageModel.build(TEXT, { ...SMALL, embeddingSize: 4 }),
    source: TEXT,
    options: { batchSize: 4, sequenceLength: 8, sampledTokens: 3 },
  },
  "a Transformer": {
    make: () =>
      hs.LanguageModel.build(TEXT, {
        ...{ architecture: "transformer", hiddenSize: 8, numHeads: 2, contextLength: 8 },
      }),
    source: TEXT,
    options: { batchSize: 4 },
  },
  "texts to texts": {
    make: () => hs.Seq2Seq.build(PAIRS, { ...SMALL, embeddingSize: 4 }),
    source: PAIRS,
  },
  "captions, with BatchNorm": {
    make: () => hs.Captioner.build(PICTURES, { channels: [2], hiddenSize: 4, embeddingSize: 4 }),
    source: PICTURES,
  },
  forecasts: {
    make: () => hs.SeriesForecaster.build(SERIES, { ...SMALL, horizon: 2 }),
    source: SERIES,
    options: { sequenceLength: 10 },
  },
  "an autoencoder": {
    make: () => hs.SequenceAutoencoder.build(STEPS, SMALL),
    source: STEPS,
  },
  "labelled things compared": {
    make: () => hs.SiameseNetwork.build(TEXTS, SMALL),
    source: TEXTS,
    options: { loss: "batchHard", perLabel: 2, batchSize: 8 },
  },
  speech: {
    make: () => hs.SpeechRecognizer.build(RECORDINGS, { ...SMALL, channels: 1, nMels: 8 }),
    source: RECORDINGS,
  },
  music: {
    make: () => hs.MusicModel.build(PIECES, SMALL),
    source: PIECES,
    options: { sequenceLength: 6 },
  },
};

async function trained({ make, source, options }: Case, threads: object) {
  manualSeed(7);
  const model = make();
  const given = { epochs: 2, batchSize: 4, ...options, ...threads };
  const { best } = await model.fit(source as never, given as never);
  return { model, file: Buffer.from(model.save()).toString("base64"), loss: best.trainLoss };
}

describe.each(Object.entries(CASES))("%s", (_, one) => {
  it("trains to the same file by one, two and three workers", async () => {
    const own = await trained(one, { shards: 3 });
    for (const workers of [1, 2, 3]) {
      const other = await trained(one, { shards: 3, workers, createWorker });
      expect(other.file === own.file).toBe(true);
    }
    expect(Number.isFinite(own.loss)).toBe(true);
  });

  it("is scored by workers as by itself", async () => {
    const { model } = await trained(one, {});
    const pool = new PredictionPool(model as never, { workers: 2, createWorker });
    try {
      expect(await pool.evaluate(one.source as never)).toEqual(
        await model.evaluate(one.source as never),
      );
    } finally {
      await pool.close();
    }
  });
});

it("weighs words and sentences of shards as the whole batch does", async () => {
  const losses = async (shards: number | undefined) => {
    manualSeed(7);
    const model = hs.SequenceTagger.build(SENTENCES, {
      ...{ hiddenSize: 4, embeddingSize: 4, dropout: 0, wordDropout: 0 },
    });
    const seen: number[] = [];
    const onStep = ({ loss }: { loss: number }) => void seen.push(loss);
    await model.fit(SENTENCES, { epochs: 3, batchSize: 4, shards, onStep });
    return seen;
  };
  expectClose((await losses(3)).slice(0, 2), (await losses(undefined)).slice(0, 2), 1e-4);
});

it("keeps the model's file as it was, where a batch is not cut", async () => {
  const plain = await trained(CASES["a language model"]!, {});
  const one = await trained(CASES["a language model"]!, { workers: 1 });
  expect(one.file === plain.file).toBe(true);
});

it("goes on with other workers from a checkpoint, and keeps the shards", async () => {
  const one = CASES["a language model"]!;
  const whole = await trained(one, { shards: 5 });
  let resume: Uint8Array | undefined;
  const stop = new Error("stop");
  const killed = trained(one, {
    ...{ workers: 5, createWorker },
    checkpoint: {
      every: 3,
      save: (bytes: Uint8Array) => {
        resume = bytes;
        throw stop;
      },
    },
  });
  await expect(killed).rejects.toBe(stop);
  const checkpoint = { resume, save: () => {} };
  const resumed = await trained(one, { workers: 2, createWorker, checkpoint });
  expect(resumed.file).not.toBe("");
  expect(JSON.stringify((resumed.model as hs.LanguageModel).notes.training!.options)).toContain(
    '"shards":5',
  );
  expect(resumed.file === whole.file).toBe(true);
  await expect(trained(one, { shards: 2, checkpoint })).rejects.toThrow(
    "expected shards 5, as the checkpoint's run has it, got 2",
  );
});

it("refuses what no worker can have", async () => {
  const model = hs.SequenceClassifier.build(TEXTS, SMALL);
  const augment = (text: string) => text;
  await expect(model.fit(TEXTS, { epochs: 1, workers: 2, createWorker, augment })).rejects.toThrow(
    "expected one worker with augment, a function, which cannot be sent to another, got 2",
  );
  await model.fit(TEXTS, { epochs: 1, shards: 2, augment });
  await expect(model.fit(TEXTS, { epochs: 1, workers: 3, shards: 2 })).rejects.toThrow(
    "expected at most 2 workers, as many as shards, got 3",
  );
});
