import * as hs from "../../../src/models/index.js";
import { call, made, method, type Call } from "../wrong-calls.js";

const SERIES = [[0.1], [0.2]];
const EXAMPLES = [{ input: SERIES }, { input: [[0.3]], anomaly: false }];
const SMALL = { hiddenSize: 2, outputSize: 2 };
const model = () => hs.SequenceAutoencoder.build(EXAMPLES, SMALL);
const streams = { also: { "0": ["function", "instance"] } } as const;
const list = { also: { "0": "instance" } } as const;

/** Series to vectors and back. */
export const AUTOENCODER_CALLS: Readonly<Record<string, Call>> = {
  "new SequenceAutoencoder": made(hs.SequenceAutoencoder, () => [new hs.SeriesInput(1), SMALL]),
  "SequenceAutoencoder.build": call(hs.SequenceAutoencoder.build, () => [EXAMPLES, SMALL], streams),
  "SequenceAutoencoder.load": call(hs.SequenceAutoencoder.load, () => [model().save()]),
  "SequenceAutoencoder.fit": method(
    model,
    "fit",
    () => [EXAMPLES, { epochs: 1, learningRate: 0.1, noise: 0.1, validation: EXAMPLES }],
    { also: { "0": ["function", "instance"], "1.validation": ["function", "instance"] } },
  ),
  "SequenceAutoencoder.evaluate": method(model, "evaluate", () => [EXAMPLES], streams),
  "SequenceAutoencoder.check": method(model, "check", () => [EXAMPLES, { training: true }], streams), // prettier-ignore
  "SequenceAutoencoder.encode": method(model, "encode", () => [SERIES]),
  "SequenceAutoencoder.encodeBatch": method(model, "encodeBatch", () => [[SERIES]], list),
  "SequenceAutoencoder.reconstruct": method(model, "reconstruct", () => [SERIES]),
  "SequenceAutoencoder.anomalyScore": method(model, "anomalyScore", () => [SERIES]),
  "SequenceAutoencoder.anomalyScores": method(model, "anomalyScores", () => [[SERIES]], list),
  "SequenceAutoencoder.predict": method(model, "predict", () => [SERIES]),
  "SequenceAutoencoder.predictBatch": method(model, "predictBatch", () => [[SERIES]], list),
};
