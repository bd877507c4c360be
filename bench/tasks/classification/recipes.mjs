// What was chosen by the validation parts.
import { rand, scope } from "hiddenstate";
import { SequenceClassifier, series, text } from "hiddenstate/models";
import { readJapaneseVowels, readMnist, readSst2, readTrec } from "./data.mjs";

/** Moves a digit by up to two rows and columns. */
function shifted(image) {
  const [down, right] = scope(() => rand([2]).data()).map((share) => Math.floor(5 * share) - 2);
  const moved = new Float32Array(784);
  for (let row = Math.max(0, down); row < Math.min(28, 28 + down); row++) {
    const from = 28 * (row - down);
    moved.set(
      image.subarray(from + Math.max(0, -right), from + Math.min(28, 28 - right)),
      28 * row + Math.max(0, right),
    );
  }
  return moved;
}

export const RECIPES = {
  sst2: {
    read: (folder) => readSst2(folder, { phrases: 3 }),
    build: (train, options) =>
      SequenceClassifier.build(train, {
        input: text({
          split: "whitespace",
          lowercase: true,
          embeddingSize: 100,
          wordDropout: 0.2,
        }),
        inputDropout: 0.2,
        encoder: "recurrent",
        hiddenSize: 100,
        pooling: "max",
        dropout: 0.5,
        ...options,
      }),
    fit: { epochs: 5, batchSize: 64, learningRate: 1e-3, averageEpochs: 1 },
  },
  trec: {
    read: readTrec,
    build: (train, options) =>
      SequenceClassifier.build(train, {
        input: text({ split: "whitespace", embeddingSize: 200, wordDropout: 0.1 }),
        inputDropout: 0.2,
        encoder: "convolutional",
        dropout: 0.5,
        ...options,
      }),
    fit: {
      epochs: 7,
      batchSize: 50,
      learningRate: 2e-3,
      schedule: "constant",
      averageEpochs: 2,
    },
  },
  "sst2-transformer": {
    read: (folder) => readSst2(folder, { phrases: 3 }),
    build: (train, options) =>
      SequenceClassifier.build(train, {
        input: text({
          split: "whitespace",
          lowercase: true,
          embeddingSize: 100,
          wordDropout: 0.2,
        }),
        ...{ inputDropout: 0.2, dropout: 0.5 },
        ...{ encoder: "transformer", hiddenSize: 128, numLayers: 1, pooling: "mean" },
        ...options,
      }),
    fit: { epochs: 3, batchSize: 64, learningRate: 1e-3, warmup: 0.05, averageEpochs: 1 },
  },
  "trec-transformer": {
    read: readTrec,
    build: (train, options) =>
      SequenceClassifier.build(train, {
        input: text({ split: "whitespace", embeddingSize: 200, wordDropout: 0.1 }),
        ...{ inputDropout: 0.2, dropout: 0.3 },
        ...{ encoder: "transformer", hiddenSize: 128, numLayers: 1, pooling: "max" },
        ...options,
      }),
    fit: { epochs: 12, batchSize: 50, learningRate: 1e-3, warmup: 0.05, averageEpochs: 2 },
  },
  vowels: {
    read: readJapaneseVowels,
    build: (train, options) =>
      SequenceClassifier.build(train, {
        input: series(),
        encoder: "recurrent",
        cell: "gru",
        hiddenSize: 64,
        pooling: "mean",
        dropout: 0.5,
        inputDropout: 0.3,
        ...options,
      }),
    fit: { epochs: 60, batchSize: 16, learningRate: 3e-3, averageEpochs: 5, metric: "loss" },
  },
  mnist: {
    read: readMnist,
    build: (train, options) =>
      SequenceClassifier.build(train, {
        input: series({ features: 28, normalize: false }),
        encoder: "recurrent",
        hiddenSize: 192,
        bidirectional: false,
        pooling: "last",
        dropout: 0.4,
        ...options,
      }),
    fit: {
      epochs: 16,
      batchSize: 64,
      learningRate: 2e-3,
      averageEpochs: 0.5,
      maxNorm: 1,
      augment: shifted,
    },
  },
};
