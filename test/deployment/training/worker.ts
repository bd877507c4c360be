import { series, SequenceClassifier } from "hiddenstate/models";
import type { Reading } from "./data.js";

export type Message =
  | { step: number; steps: number; loss: number }
  | { accuracy: number; model: Uint8Array }
  | { stopped: string };

let running: AbortController | undefined;
const post = (message: Message) => postMessage(message);

addEventListener("message", ({ data }: MessageEvent<Reading[] | "stop">) => {
  if (data === "stop") running?.abort(new Error("stopped by the user"));
  else train(data).catch((reason: unknown) => post({ stopped: String(reason) }));
});

async function train(examples: Reading[]): Promise<void> {
  running = new AbortController();
  const validation = examples.slice(-40);
  const training = examples.slice(0, -40);
  const model = SequenceClassifier.build(training, { input: series(), hiddenSize: 24 });
  let steps = 0;
  const { best } = await model.fit(training, {
    validation,
    epochs: 6,
    learningRate: 0.01,
    signal: running.signal,
    onBegin: (plan) => (steps = plan.steps),
    onStep: ({ step, loss }) => post({ step, steps, loss }),
  });
  post({ accuracy: best.validation?.accuracy ?? 0, model: model.save() });
}
