// What a worker for ready models answers: its part of a training, and the questions of a pool.
import { inWholeList } from "../data/examples.js";
import type { ReadyModel } from "../models/kit/ready-model.js";
import type { ReplicaSetup } from "../models/kit/threads.js";
import { trainingAnswers, type Answers } from "../parallel/serve.js";
import { initSync } from "../wasm/backend.js";
import { loadReady } from "./load-ready.js";
import type { PoolQuestion, PoolStart } from "./prediction-pool.js";

interface Predicting {
  predictBatch(inputs: unknown, ...rest: unknown[]): unknown;
}

export function readyAnswers(): Answers {
  let model: ReadyModel<unknown>;
  return {
    ...trainingAnswers(({ file, frozen, begin }: ReplicaSetup) => {
      const copy = loadReady(file);
      const parameters = copy.namedParameters();
      for (const name of frozen) parameters.get(name)!.requiresGrad = false;
      return copy.replica_(begin);
    }),
    load({ file, build }: PoolStart): void {
      initSync({ build });
      // A copy while it is read: not every engine decodes text in shared memory.
      model = loadReady(file.slice());
    },
    predict({ inputs, places, rest }: PoolQuestion) {
      try {
        return { value: (model as unknown as Predicting).predictBatch(inputs, ...rest) };
      } catch (error) {
        throw inWholeList(error, (place) => places[place]!);
      }
    },
    find(asked: unknown) {
      return { value: model.find_(asked) };
    },
    async evaluate(source: unknown) {
      return { value: await model.evaluate(source) };
    },
  };
}
