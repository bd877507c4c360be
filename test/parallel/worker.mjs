// A program's own worker: a small network, and what can go wrong in it.
import { Dropout, Linear, manualSeed, mseLoss, Sequential, tensor } from "hiddenstate";
import { serve } from "hiddenstate/parallel";

serve(({ size, fault }) => {
  if (fault === "begin") throw new Error("no such file");
  manualSeed(1);
  const model = new Sequential(new Linear(2, size), new Dropout(0.3), new Linear(size, 1));
  return {
    model,
    loss(examples) {
      if (fault === "hang") for (;;);
      if (fault === "throw") throw new TypeError("x is not a function");
      if (fault === "exit") process.exit(7);
      if (fault === "memory") for (const all = []; ;) all.push(new Array(1e5).fill({}));
      const x = tensor(examples.map((one) => one.x));
      const y = tensor(examples.map((one) => [fault === "nan" ? NaN : one.y]));
      return mseLoss(model.forward(x), y);
    },
  };
});
