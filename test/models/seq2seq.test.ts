import { expect, test } from "vitest";
import { manualSeed } from "../../src/index.js";
import { Seq2Seq } from "../../src/models/index.js";
import { reversedWords } from "../helpers/pairs.js";

test("learns", async () => {
  manualSeed(1);
  const pairs = reversedWords(400);
  const model = Seq2Seq.build(pairs, { hiddenSize: 32, embeddingSize: 16, dropout: 0 });
  console.log(model.notes);
  const begin = Date.now();
  const { best, evaluations } = await model.fit(pairs, {
    epochs: 8,
    learningRate: 0.01,
    batchSize: 16,
    validation: reversedWords(50, { seed: 2 }),
  });
  console.log(evaluations, best, Date.now() - begin);
  console.log(model.predict("abcd", { attention: true, alternatives: 3 }));
  const back = Seq2Seq.load(model.save());
  expect(back.predict("abcd")).toEqual(model.predict("abcd"));
});
