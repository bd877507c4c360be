// The program of a worker for ready models: importing it is all that a page's own worker file does.
import "../ops/methods.js";
import { serve } from "../parallel/serve.js";
import type { ReplicaSetup } from "../models/kit/threads.js";
import { loadReady } from "./load-ready.js";

serve(({ file, frozen, begin }: ReplicaSetup) => {
  const model = loadReady(file);
  const parameters = model.namedParameters();
  for (const name of frozen) parameters.get(name)!.requiresGrad = false;
  return model.replica_(begin);
});
