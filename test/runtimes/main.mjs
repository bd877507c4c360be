// For runtimes with a command line: `main.mjs plain`.
import { createRequire } from "node:module";
import * as imported from "hiddenstate";
import { SequenceClassifier } from "hiddenstate/models";
import { run } from "./program.mjs";

const required = createRequire(import.meta.url)("hiddenstate");
const result = await run(process.argv[2]);
result.checks["require() gives what import gives"] = required.LSTM === imported.LSTM;
result.checks["two workers train to what one trains to"] = await workersAgree();
console.log(JSON.stringify(result));

/** Whether shards give the same model by this thread, and by two workers. */
async function workersAgree() {
  const examples = Array.from({ length: 24 }, (_, i) => ({
    ...{ input: `${i % 2 ? "good" : "dull"} film ${i % 5}`, label: i % 2 ? "good" : "bad" },
  }));
  const train = async (workers) => {
    imported.manualSeed(1);
    const model = SequenceClassifier.build(examples, { hiddenSize: 8 });
    await model.fit(examples, { epochs: 2, batchSize: 8, shards: 4, workers });
    return model.save();
  };
  const [one, two] = [await train(1), await train(2)];
  return one.length === two.length && one.every((byte, i) => byte === two[i]);
}
