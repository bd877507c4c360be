import type { Command } from "commander";
import { flag } from "../../core/options.js";
import { DATA_HELP } from "../data/example-files.js";
import { WORKERS, withWorkers } from "../answers.js";
import { evaluated } from "../evaluated.js";
import { UsageError } from "../usage.js";
import { modelCommand } from "./model-command.js";

/** `hiddenstate evaluate`: how good a saved model is on data. */
export function evaluateCommand(): Command {
  return modelCommand({
    name: "evaluate",
    description: "Score a saved model on data.",
    needs: { data: "data as for train" },
    several: ["data"],
    expects: "a model",
    optionsOf: ({ reading, evaluation }) => ({
      ...reading,
      ...evaluation?.options,
      // What is scored in a way of its own is scored by one.
      ...(!evaluation && { workers: WORKERS }),
      json: flag(false, "the scores as JSON, a key for each"),
    }),
    async run(task, bytes, { data, json, workers, ...reading }) {
      const model = task.load(bytes);
      const [file, ...others] = data as [string, ...string[]];
      if (others.length > 0 && !task.severalFiles)
        throw new UsageError({
          op: "evaluate",
          expected: "--data FILE, one",
          got: `${others.length + 1} files`,
        });
      const part = await task.read(file, reading, model, others);
      for (const note of await task.examine(model, part, false)) console.error(`Note: ${note}`);
      const evaluation = await withWorkers(model, workers, (pool) =>
        pool ? pool.evaluate(part.source) : evaluated(task, model, part.source, reading),
      );
      const all = JSON.stringify({ ...evaluation.scores, ...task.details(evaluation) });
      if (!json) console.log(task.report(evaluation, model));
      if (json || task.evaluation?.endsWithJson) console.log(all);
    },
  }).addHelpText(
    "after",
    `
Examples:
  hiddenstate evaluate --model tagger.safetensors --data eng.testb
  hiddenstate evaluate --model classifier.safetensors --data test.tsv --json
  hiddenstate evaluate --model moby-dick.safetensors --data other.txt
  hiddenstate evaluate --model music.safetensors --data *.mid

Data are read as those that the model was trained on, unless options say otherwise.

${DATA_HELP}

The keys of --json are the names of the scores; byType or byLabel has them for each type or label.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
  );
}
