// What every model of pairs owes, whatever it is made of.
import { expect } from "vitest";
import { Seq2Seq } from "../../src/models/index.js";
import { expectClose } from "./expect-close.js";

/** A source has the same texts alone and in a batch, and a file brings the model back to the bit. */
export function expectSameAlone(model: Seq2Seq): void {
  const sources = ["a", "abcab", "", "cb", "abd"];
  const together = model.predictBatch(sources, { beams: 3, alternatives: 2 });
  sources.forEach((source, i) => {
    const alone = model.predict(source, { beams: 3, alternatives: 2 });
    expect(alone.alternatives.map(({ text }) => text)).toEqual(
      together[i]!.alternatives.map(({ text }) => text),
    );
    expectClose([alone.logProbability], [together[i]!.logProbability], 1e-4);
  });
  const bytes = model.save();
  const loaded = Seq2Seq.load(bytes);
  expect(loaded.options).toEqual(model.options);
  expect(loaded.predictBatch(sources)).toEqual(model.predictBatch(sources));
  expect(loaded.save()).toEqual(bytes);
}
