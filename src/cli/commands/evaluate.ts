import { Command } from "commander";
import { checkOptions } from "../../core/options.js";
import { initSync } from "../../wasm/backend.js";
import { DATA_HELP } from "../data/example-files.js";
import { addFlags, flagOf, givenFlags } from "../flags.js";
import { readTask } from "../read-task.js";
import { TASKS } from "../tasks/index.js";
import { checkUsage } from "../usage.js";

/** `hiddenstate evaluate`: how good a saved model is on data. */
export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .description("Score a saved model on data.")
    .requiredOption("--model <file>", "a model that train wrote")
    .requiredOption("--data <file>", "data as for train");
  for (const [name, option] of readingOptions()) addFlags(command, { [name]: option });
  return command
    .option("--json", "the scores as JSON, a key for each", false)
    .addHelpText(
      "after",
      `
Examples:
  hiddenstate evaluate --model tagger.safetensors --data eng.testb
  hiddenstate evaluate --model classifier.safetensors --data test.tsv --json
  hiddenstate evaluate --model moby-dick.safetensors --data other.txt

Data are read as those that the model was trained on, unless options say otherwise.

${DATA_HELP}

The keys of --json are the names of the scores; byType or byLabel has them for each type or label.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    )
    .action(async () => {
      const { model: path, data, json, ...reading } = givenFlags(command);
      initSync({ build: "plain" });
      const { task, bytes } = await readTask(path as string);
      checkUsage(() => checkOptions(`evaluate of a ${task.name}`, task.reading, reading, flagOf));
      const model = task.load(bytes);
      const part = await task.read(data as string, reading, model);
      const note = await task.examine(model, part);
      if (note !== undefined) for (const line of note.split("\n")) console.error(`Note: ${line}`);
      const evaluation = await model.evaluate(part.source);
      const all = { ...evaluation.scores, ...task.details(evaluation) };
      console.log(json ? JSON.stringify(all) : task.report(evaluation, model));
    });
}

/** The options of all tasks, each once. */
function readingOptions() {
  return new Map(TASKS.flatMap(({ reading }) => Object.entries(reading)));
}
