import { once } from "node:events";
import { Command, Option } from "commander";
import { OptionError } from "../../core/errors.js";
import { SequenceClassifier } from "../../models/sequence-classifier.js";
import { SequenceTagger } from "../../models/sequence-tagger.js";
import { decodeText } from "../../platform/node/text.js";
import { initSync } from "../../wasm/backend.js";
import { readModel } from "../read-model.js";
import { labelTexts, tagColumns, tagTexts, type TextOptions } from "../tasks/predict.js";
import { withTask } from "../tasks/task-of.js";

interface PredictFlags extends TextOptions {
  model: string;
  format: "text" | "conll";
  charset: string;
}

/** `hiddenstate predict`: what a saved tagger or classifier says of standard input. */
export function predictCommand(): Command {
  const command = new Command("predict");
  return command
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
    .option("--charset <name>", "of standard input, such as windows-1252", "utf-8")
    .option("--json", "JSON lines, with all that the model says", false)
    .addHelpText(
      "after",
      `
What comes out, a line for a line:
  classifier   the label; an empty line is a text, too, and has one
  tagger       the tags with blanks between; a tab and the intent, where there is one
  with conll   each line of the input with the predicted tag behind, as conlleval reads it
  with --json  an object: words, tags, spans, intent; or label, probability, probabilities

Examples:
  hiddenstate predict --model classifier.safetensors < reviews.txt > labels.txt
  hiddenstate predict --model tagger.safetensors --cut words --json < sentences.txt
  hiddenstate predict --model tagger.safetensors --format conll < eng.testb | conlleval

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    )
    .action(async (flags: PredictFlags) => {
      initSync({ build: "plain" });
      const { task, bytes } = await readModel(flags.model, withTask);
      checkFlags(task, flags, command);
      const input = decodeText(process.stdin as AsyncIterable<Uint8Array>, "standard input", {
        encoding: flags.charset,
      });
      if (task === "tagger") {
        const model = SequenceTagger.load(bytes);
        await write(
          flags.format === "conll" ? tagColumns(model, input) : tagTexts(model, input, flags),
        );
      } else {
        const model = SequenceClassifier.load<string, string>(bytes);
        await write(labelTexts(model, input, flags));
      }
    });
}

/** Refuses what a model cannot do, and options that would change nothing. */
function checkFlags(task: string, { format, json }: PredictFlags, command: Command): void {
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw new OptionError({ op: "predict", expected, got, ...(cure && { cure }) });
  };
  if (task === "language-model")
    refuse("a tagger or a classifier", `a ${task}`, "A language model writes: generate.");
  const cut = command.getOptionValueSource("cut") === "cli";
  if (task === "classifier" && format === "conll")
    refuse("a tagger with --format conll", `a ${task}`);
  if (task === "classifier" && cut)
    refuse("a tagger with --cut", `a ${task}`, "A classifier cuts texts as it has learnt to.");
  if (format === "conll" && cut) refuse("--format text with --cut", "--format conll");
  if (format === "conll" && json) refuse("--format text with --json", "--format conll");
}

/** Prints lines as fast as they are read. */
async function write(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines)
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}
