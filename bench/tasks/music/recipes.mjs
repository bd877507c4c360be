// What was chosen by the validation part.
import { MusicModel } from "hiddenstate/models";
import { readChorales } from "./data.mjs";

/** Nats of a step given those before it; the first step of a piece is read only. */
async function report(part, model, pieces) {
  const { scores, details } = await model.evaluate(pieces);
  console.log(`${part}: ${scores.loss.toFixed(4)} nats a step, of ${details.steps} steps`);
}

const recipe = (model, fit) => ({
  read: readChorales,
  build: (train, changes) => MusicModel.build(train, { ...model, ...changes }),
  fit,
  report,
});

export const RECIPES = {
  joint: recipe({ notes: "joint", dropout: 0.3 }, { epochs: 20, batchSize: 4, learningRate: 5e-3 }),
  independent: recipe(
    { notes: "independent", hiddenSize: 256, dropout: 0.15 },
    { epochs: 80, batchSize: 4, learningRate: 5e-3 },
  ),
};
