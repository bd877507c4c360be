// The published recipes: sizes, first weights, optimizer, and what the learning rate does from epoch to epoch.
import { Adam, rand, randn, SGD, zeros } from "hiddenstate";

export const RECIPES = {
  // Saito, "Deep Learning from Scratch 2" (2018), chapter 6, Rnnlm: 136 on the test set after 4 epochs.
  emb100: {
    sizes: { embedding: 100, hidden: 100, layers: 1, dropout: 0, tied: false },
    window: { batch: 20, time: 35 },
    epochs: 4,
    clip: 0.25,
    averageEpochs: 1,
    initial: (name, shape) => {
      if (name.includes("bias")) return zeros(shape);
      return randn(shape).mul(name === "embedding.weight" ? 0.01 : 1 / Math.sqrt(shape[1]));
    },
    optimizer: (parameters) => new SGD(parameters, { lr: 20 }),
    learningRate: () => 20,
  },
  // Zaremba et al. 2014 (arXiv 1409.2329), the non-regularized model: 114.5 on the test set. The paper sums the
  // loss over the 20 time steps (rate 1, clip 5): with the mean that is rate 20, clip 5 / 20. In the authors'
  // program the first five epochs have the full rate; then it is halved before each.
  zaremba200: {
    sizes: { embedding: 200, hidden: 200, layers: 2, dropout: 0, tied: false },
    window: { batch: 20, time: 20 },
    epochs: 13,
    clip: 0.25,
    averageEpochs: 1,
    initial: (_, shape) => uniform(shape, 0.1),
    optimizer: (parameters) => new SGD(parameters, { lr: 20 }),
    learningRate: (epoch) => 20 * halvings(epoch - 4),
  },
  // The size of Zaremba's medium model (82.7 on the test set after 39 epochs), tied weights, made for few
  // epochs: Adam instead of SGD, the rate constant, because averaged weights do what a falling one does.
  medium650: {
    sizes: { embedding: 650, hidden: 650, layers: 2, dropout: 0.5, tied: true },
    window: { batch: 20, time: 35 },
    epochs: 39,
    clip: 5,
    averageEpochs: 0.3,
    initial: (_, shape) => uniform(shape, 0.05),
    optimizer: (parameters) => new Adam(parameters, { lr: 1e-3 }),
    learningRate: () => 1e-3,
  },
};

function uniform(shape, bound) {
  return rand(shape)
    .mul(2 * bound)
    .sub(bound);
}

function halvings(count) {
  let factor = 1;
  for (let i = 0; i < count; i++) factor /= 2;
  return factor;
}
