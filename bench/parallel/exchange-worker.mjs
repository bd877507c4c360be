import { Linear, scope } from "hiddenstate";
import { serve } from "hiddenstate/parallel";

serve((size) => {
  const model = new Linear(size, size, { bias: false });
  return {
    model,
    loss([{ before }]) {
      for (let i = 0; i < before; i++) scope(() => model.weight.sum().backward());
      return model.weight.sum();
    },
  };
});
