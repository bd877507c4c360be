import { serve } from "hiddenstate/parallel";
import { Network } from "./network.mjs";

serve(({ hiddenSize }) => {
  const model = new Network(hiddenSize);
  return { model, loss: (examples) => model.loss(examples) };
});
