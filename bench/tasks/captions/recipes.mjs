// What was chosen by the validation parts.
import { Captioner } from "hiddenstate/models";
import { readScenes, readStrips, SEPARABLE } from "./data.mjs";
import { reportScenes, reportStrips } from "./report.mjs";

/** Where Debian's package dataset-fashion-mnist has them. */
const FASHION = "/usr/share/datasets/fashion-mnist";

const scenes = (kinds) => ({
  read: () => readScenes(process.env.FASHION_MNIST ?? FASHION, kinds),
  build: (train, options) => Captioner.build(train, { hiddenSize: 128, ...options }),
  fit: { epochs: 4, batchSize: 32, learningRate: 2e-3, schedule: "cosine", metric: "exactMatch" },
  report: reportScenes,
});

export const RECIPES = {
  scenes: scenes(),
  "scenes-of-five": scenes(SEPARABLE),
  strips: {
    read: readStrips,
    build: (train, options) => Captioner.build(train, { hiddenSize: 128, ...options }),
    fit: { epochs: 3, batchSize: 32, learningRate: 2e-3, schedule: "cosine", metric: "exactMatch" },
    report: reportStrips,
  },
};
