import { once } from "node:events";
import { Command, Option } from "commander";
import { OptionError } from "../../core/errors.js";
import { SequenceClassifier } from "../../models/sequence-classifier.js";
import { SequenceTagger } from "../../models/sequence-tagger.js";
import { readBytes } from "../../platform/node/files.js";
import { initSync } from "../../wasm/backend.js";
import { labelTexts, tagColumns, tagTexts, type TextOptions } from "../tasks/predict.js";
import { taskOf } from "../tasks/task-of.js";

interface PredictFlags extends TextOptions {
  model: string;
  format: "text" | "conll";
}

/** `hiddenstate predict`: what a saved tagger or classifier says of standard input. */
export function predictCommand(): Command {
  return new Command("predict")
    .description("Label standard input with a saved tagger or classifier, in the same order.")
    .requiredOption("--model <file>", "a model that train wrote")
    .addOption(
      new Option("--format <format>", "text: a sentence a line; conll: a word a line, for taggers")
        .choices(["text", "conll"])
        .default("text"),
    )
    .addOption(
      new Option("--cut <kind>", "of a text, for taggers: at blanks, or into words and marks")
        .choices(["blanks", "words"])
        .default("blanks"),
    )
    .option("--json", "JSON lines, with all that the model says", false)
    .addHelpText(
      "after",
      `
What comes out, a line for a line:
  classifier   the label
  tagger       the tags with blanks between; a tab and the intent, where there is one
  with conll   each line of the input with the predicted tag behind, as conlleval reads it

Examples:
  hiddenstate predict --model classifier.safetensors < reviews.txt > labels.txt
  hiddenstate predict --model tagger.safetensors --cut words --json < sentences.txt
  hiddenstate predict --model tagger.safetensors --format conll < eng.testb | conlleval`,
    )
    .action(async (flags: PredictFlags) => {
      initSync({ build: "plain" });
      const bytes = await readBytes(flags.model);
      const task = taskOf(bytes);
      const input = process.stdin.setEncoding("utf8") as AsyncIterable<string>;
      if (task === "tagger") {
        const model = SequenceTagger.load(bytes);
        await write(
          flags.format === "conll" ? tagColumns(model, input) : tagTexts(model, input, flags),
        );
      } else if (task === "classifier" && flags.format === "text") {
        const model = SequenceClassifier.load<string, string>(bytes);
        await write(labelTexts(model, input, flags));
      } else
        throw new OptionError({
          op: "predict",
          expected: "a tagger, or a classifier and --format text",
          got: `a ${task}${task === "classifier" ? " and --format conll" : ""}`,
          ...(task === "language-model" && { cure: "A language model writes: generate." }),
        });
    });
}

/** Prints lines as fast as they are read. */
async function write(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines)
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}
