// What was chosen by the validation parts.
import { Captioner } from "hiddenstate/models";
import { readScenes, readStrips, SEPARABLE } from "./data.mjs";
import { reportScenes, reportStrips } from "./report.mjs";

/** Where Debian's package dataset-fashion-mnist has them. */
const FASHION = "/usr/share/datasets/fashion-mnist";

const fit = { batchSize: 32, learningRate: 2e-3, schedule: "cosine", metric: "exactMatch" };
const build = (train, options) => Captioner.build(train, { hiddenSize: 128, ...options });

const scenes = (epochs, kinds) => ({
  read: () => readScenes(process.env.FASHION_MNIST ?? FASHION, kinds),
  // With the defaults' smoothing and dropout of 0.3 half of the captions were right after three epochs, with these 95 % after two.
  build: (train, options) => build(train, { dropout: 0.1, ...options }),
  ...{ fit: { epochs, labelSmoothing: 0, ...fit }, report: reportScenes },
});

export const RECIPES = {
  scenes: scenes(5),
  "scenes-of-five": scenes(4, SEPARABLE),
  strips: { read: readStrips, build, fit: { epochs: 3, ...fit }, report: reportStrips },
};
