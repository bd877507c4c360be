// A worker of train.mjs: the losses of some rows of a window.
import { manualSeed } from "hiddenstate";
import { serve } from "hiddenstate/parallel";
import { WordModel } from "./model.mjs";

serve(({ words, sizes, counts, samples }) => {
  manualSeed(0);
  const model = new WordModel(words, sizes);
  if (samples) model.sampleBy(counts, samples);
  const carries = new Map();
  return {
    model,
    loss({ h, c, ...window }) {
      const [rows] = window.shape;
      if (!carries.has(rows)) carries.set(rows, model.lstm.carry(rows));
      const carry = carries.get(rows);
      carry.h.set(h);
      carry.c.set(c);
      const loss = model.loss(window, carry);
      return { loss, count: window.input.length, result: { h: carry.h.data(), c: carry.c.data() } };
    },
  };
});
