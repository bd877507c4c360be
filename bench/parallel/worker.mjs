import { serve } from "hiddenstate/parallel";
import { Network } from "./network.mjs";

serve((workload) => {
  const model = new Network(workload);
  return { model, loss: (places) => model.loss(places) };
});
