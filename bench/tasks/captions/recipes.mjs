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
  ...{ build, fit: { epochs, labelSmoothing: 0, ...fit }, report: reportScenes },
});

export const RECIPES = {
  scenes: scenes(7),
  "scenes-of-five": scenes(4, SEPARABLE),
  strips: { read: readStrips, build, fit: { epochs: 3, ...fit }, report: reportStrips },
};
