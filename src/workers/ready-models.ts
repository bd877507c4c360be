// The program of a worker for ready models: importing it is all that a page's own worker file does.
import "../ops/methods.js";
import type { ReplicaSetup } from "../models/kit/threads.js";
import type { ReadyModel } from "../models/kit/ready-model.js";
import { answerWith, trainingAnswers } from "../parallel/serve.js";
import { initSync } from "../wasm/backend.js";
import { loadReady } from "./load-ready.js";
import type { PoolStart } from "./prediction-pool.js";

interface Predicting {
  predictBatch(inputs: unknown, ...rest: unknown[]): unknown;
}

const training = trainingAnswers(({ file, frozen, begin }: ReplicaSetup) => {
  const model = loadReady(file);
  const parameters = model.namedParameters();
  for (const name of frozen) parameters.get(name)!.requiresGrad = false;
  return model.replica_(begin);
});

let model: ReadyModel<unknown>;

answerWith({
  ...training,
  load({ file, build }: PoolStart): void {
    initSync({ build });
    // A copy while it is read: not every engine decodes text in shared memory.
    model = loadReady(file.slice());
  },
  predict(asked: [unknown, ...unknown[]]) {
    return { value: (model as unknown as Predicting).predictBatch(...asked) };
  },
  find(asked: unknown) {
    return { value: model.find_(asked) };
  },
  async evaluate(source: unknown) {
    return { value: await model.evaluate(source) };
  },
});
