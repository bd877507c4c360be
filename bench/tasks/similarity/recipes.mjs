// What was chosen by the validation parts.
import { rand, scope } from "hiddenstate";
import { SiameseNetwork, series, text } from "hiddenstate/models";
import { readDigits, readQuora, readSpeakers, unchanged } from "./data.mjs";
import { reportOneShot, reportPairs } from "./report.mjs";

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

/** The mean of a series' steps. */
function meanOf(series) {
  return series[0].map((_, i) => series.reduce((sum, step) => sum + step[i], 0) / series.length);
}

export const RECIPES = {
  speakers: {
    read: (folder) => readSpeakers(folder, { rooms: 8, spread: 1 }),
    build: (train, options) =>
      SiameseNetwork.build(train, {
        input: series(),
        ...{ encoder: "convolutional", filters: 256, kernelSizes: [1, 2], outputSize: 0 },
        ...options,
      }),
    fit: { epochs: 2, batchSize: 32, learningRate: 2e-3, loss: "ranking" },
    report: (part, model, examples) =>
      reportOneShot(part, model, unchanged(examples), {
        ...{ ways: 3, shots: 5 },
        plain: ["mean of the steps", meanOf],
      }),
  },
  digits: {
    read: (folder) => readDigits(folder, { each: 400 }),
    build: (train, options) =>
      SiameseNetwork.build(train, {
        input: series({ features: 28, normalize: false }),
        ...{ encoder: "convolutional", filters: 64, kernelSizes: [3, 5, 7] },
        ...{ dropout: 0.2, outputSize: 64 },
        ...options,
      }),
    fit: { epochs: 4, batchSize: 64, learningRate: 2e-3, loss: "ranking", augment: shifted },
    report: (part, model, examples) =>
      reportOneShot(part, model, unchanged(examples), {
        ...{ ways: 3, shots: 1 },
        plain: ["pixels", (image) => image],
      }),
  },
  quora: {
    read: readQuora,
    build: (train, options) =>
      SiameseNetwork.build(train, {
        input: text({ lowercase: true, embeddingSize: 128, minCount: 1, wordDropout: 0.05 }),
        ...{ encoder: "mean", hiddenSize: 0, outputSize: 0 },
        ...options,
      }),
    fit: { epochs: 8, batchSize: 64, learningRate: 2e-3, loss: "ranking" },
    report: reportPairs,
  },
};
