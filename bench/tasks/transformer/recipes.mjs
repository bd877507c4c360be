// Recipes on Tiny Shakespeare.
import { AdamW } from "hiddenstate";
import { GPT } from "hiddenstate/nn";

/** Weight decay of matrices only, as nanoGPT's. */
function adamW(model, { lr, betas, weightDecay }) {
  const parameters = model.parameters();
  const matrices = parameters.filter(({ shape }) => shape.length > 1);
  const others = parameters.filter(({ shape }) => shape.length === 1);
  return new AdamW(
    [
      { params: matrices, weightDecay },
      { params: others, weightDecay: 0 },
    ],
    { lr, betas },
  );
}

/** A linear rise, then half a cosine down to `lowest` at the end. */
function warmCosine({ lr, lowest, warmup, steps }) {
  return (step) => {
    if (step < warmup) return (lr * (step + 1)) / (warmup + 1);
    const done = (step - warmup) / (steps - warmup);
    return lowest + ((lr - lowest) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}

function recipe({ batch, time, steps, clip = 1, optimizer, schedule, model }) {
  return {
    ...{ batch, time, steps, clip, model },
    optimizer: (made) => adamW(made, optimizer),
    learningRate: warmCosine({ ...schedule, lr: optimizer.lr, steps }),
  };
}

export const RECIPES = {
  // nanoGPT's README, "i only have a macbook": --n_layer=4 --n_head=4 --n_embd=128 --block_size=64 --batch_size=12
  // --max_iters=2000 --lr_decay_iters=2000 --dropout=0.0 with config/train_shakespeare_char.py.
  nanogpt: recipe({
    ...{ batch: 12, time: 64, steps: 2000 },
    optimizer: { lr: 1e-3, betas: [0.9, 0.99], weightDecay: 0.1 },
    schedule: { lowest: 1e-4, warmup: 100 },
    model: (tokens) => new GPT(tokens, 128, 4, { numLayers: 4, contextLength: 64, bias: false }),
  }),
  // As many characters and parameters: rotary positions, windows of 128, RMSNorm, a higher rate that falls to 0, smaller batches.
  rotary: recipe({
    ...{ batch: 4, time: 128, steps: 3000 },
    optimizer: { lr: 4e-3, betas: [0.9, 0.99], weightDecay: 0.1 },
    schedule: { lowest: 0, warmup: 100 },
    model: (tokens) =>
      new GPT(tokens, 128, 4, { numLayers: 4, positions: "rotary", norm: "rms", bias: false }),
  }),
};
