import { mseLoss, tensor } from "hiddenstate";
import { serve } from "hiddenstate/parallel";
import { network } from "./train.mjs";

serve(({ size }) => {
  const model = network(size);
  return {
    model,
    loss(examples) {
      const x = tensor(examples.map((one) => one.x));
      return mseLoss(model.forward(x), tensor(examples.map((one) => [one.y])));
    },
  };
});
