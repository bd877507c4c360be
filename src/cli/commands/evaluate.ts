import { Command } from "commander";
import { OptionError } from "../../core/errors.js";
import { LanguageModel } from "../../models/language-model.js";
import { initSync } from "../../wasm/backend.js";
import { readModel } from "../read-model.js";
import { readWholeText } from "../read-text.js";
import type { DataOptions, Format } from "../tasks/dataset.js";
import { heldIfFew, openExamples } from "../tasks/open-examples.js";
import type { Evaluation, Task, TaskModel } from "../tasks/task.js";
import { classifier } from "../tasks/classifier.js";
import { tagger } from "../tasks/tagger.js";
import { withTask } from "../tasks/task-of.js";
import { warn } from "../tasks/checks.js";
import { DATA_HELP, dataOptions } from "./train-task.js";

interface EvaluateFlags {
  model: string;
  data: string;
  format?: Format;
  columns?: string;
  charset: string;
  json: boolean;
}

/** `hiddenstate evaluate`: how good a saved model is on data. */
export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .description("Score a saved model on data.")
    .requiredOption("--model <file>", "a model that train wrote")
    .requiredOption("--data <file>", "examples as for train; for a language model, a text");
  return dataOptions(command)
    .option("--json", "the scores as JSON, a key for each", false)
    .addHelpText(
      "after",
      `
Examples:
  hiddenstate evaluate --model tagger.safetensors --data eng.testb
  hiddenstate evaluate --model classifier.safetensors --data test.tsv --columns text=sentence,label=label --json
  hiddenstate evaluate --model moby-dick.safetensors --data other.txt

Columns: words, tags, and intent for a tagger; text, label for a classifier.

${DATA_HELP}

The keys of --json are the names of the scores; byType or byLabel has them for each type or label.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    )
    .action(async (flags: EvaluateFlags) => {
      initSync({ build: "plain" });
      const { task, bytes } = await readModel(flags.model, withTask);
      const { scores, details, report } = await EVALUATIONS[task](bytes, flags);
      console.log(flags.json ? JSON.stringify({ ...scores, ...details }) : report);
    });
}

const EVALUATIONS = {
  tagger: (bytes: Uint8Array, flags: EvaluateFlags) => evaluateTask(tagger, bytes, flags),
  classifier: (bytes: Uint8Array, flags: EvaluateFlags) => evaluateTask(classifier, bytes, flags),

  async "language-model"(bytes: Uint8Array, flags: EvaluateFlags): Promise<Evaluation> {
    if (flags.format !== undefined || flags.columns !== undefined)
      throw new OptionError({
        op: "evaluate",
        expected: "a text, without --format and --columns",
        got: "a language model with them",
      });
    const text = await readWholeText(flags.data, flags.charset);
    const { loss, perplexity } = LanguageModel.load(bytes).evaluate(text);
    const report = `perplexity ${perplexity.toFixed(2)}, loss ${loss.toFixed(4)} nats a token`;
    return { scores: { loss, perplexity }, details: {}, report };
  },
};

/** So many examples are held; a file of more is read again for each pass over it, which a pipe cannot be. */
const MOST_HELD = 10_000;

async function evaluateTask<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
  bytes: Uint8Array,
  { data, format, columns, charset }: EvaluateFlags,
): Promise<Evaluation> {
  const model = task.load(bytes);
  const options: DataOptions = { format: format ?? null, columns: columns ?? null, charset };
  const open = openExamples(task, data, options);
  const place = { op: "evaluate", flag: "--data", files: data };
  const examples = await heldIfFew(open, MOST_HELD, place);
  warn(await task.check(model, examples, data));
  return task.evaluate(model, examples);
}
