import { Command, Option } from "commander";
import { FORMATS } from "../tasks/dataset.js";
import type { Task, TaskModel } from "../tasks/task.js";
import { trainTask, type TaskRunFlags } from "../tasks/train-task.js";
import { numberWithin, wholeNumber } from "../values.js";

/** Adds what says how data are read: `--format`, `--columns`, `--charset`. */
export function dataOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format>", "of the data (default: by the files' names)").choices(
        FORMATS,
      ),
    )
    .option("--columns <list>", "what the columns, files or fields are; see below")
    .option("--charset <name>", "of the data, such as windows-1252", "utf-8");
}

/** `hiddenstate train --task tagger|classifier`. */
export function trainTaskCommand<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
): Command {
  const positive = numberWithin({ above: 0 });
  const command = new Command("train")
    .description(DESCRIPTIONS[task.name]!)
    .addOption(new Option("--task <task>", "what to learn").choices([task.name]).default(task.name))
    .optionsGroup("What to learn from, and where to (a name that ends in .gz is unpacked):")
    .option("--train <file>", "examples to learn from")
    .option("--valid <file>", "examples that decide which epoch's weights are kept")
    .option("--test <file>", "examples for the score at the end");
  dataOptions(command)
    .option("--out <file>", `the model (default: ${task.name}.safetensors)`)
    .option("--resume [file]", "go on from a checkpoint (default: the one beside --out)")
    .optionsGroup("The model:");
  return task
    .options(command)
    .optionsGroup("Training:")
    .option("--epochs <n>", "times through the data, at the most (default: 10)", wholeNumber(1))
    .option("--batch <n>", "examples in a step (default: 32)", wholeNumber(1))
    .option(
      "--buffer <n>",
      "examples held and shuffled together; larger files are streamed (default: 100000)",
      wholeNumber(1),
    )
    .option("--learning-rate <r>", "step size of AdamW (default: 0.001)", positive)
    .option("--weight-decay <d>", "of AdamW (default: 0)", numberWithin({ least: 0 }))
    .addOption(
      new Option("--schedule <kind>", "of the learning rate (default: linear)").choices([
        ...["constant", "linear", "cosine"],
      ]),
    )
    .option(
      "--warmup <share>",
      "share of the steps in which it rises (default: 0)",
      numberWithin({ least: 0, below: 1 }),
    )
    .option("--clip <norm>", "longest gradient (default: 5)", positive)
    .option("--metric <name>", METRICS[task.name])
    .option("--patience <n>", "end after so many epochs without a better score", wholeNumber(1))
    .option("--average-epochs <n>", "average the weights over so many epochs", positive)
    .option("--seed <n>", "the same seed gives the same model, bit for bit", wholeNumber(0), 1)
    .option(
      "--checkpoint-every <n>",
      "steps between checkpoints (default: an epoch)",
      wholeNumber(1),
    )
    .addOption(
      new Option("--build <kernels>", "plain: the same bits everywhere; auto: faster on some CPUs")
        .choices(["plain", "auto"])
        .default("plain"),
    )
    .addHelpText("after", `\n${EXAMPLES[task.name]!}\n\n${DATA_HELP}\n\n${END_HELP}`)
    .action((flags: TaskRunFlags) => trainTask(task, flags, command));
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  tagger: "Learn to label words: named entities, slots, chunks, key terms, parts of speech.",
  classifier: "Learn to label texts: sentiment, topic, kind of question.",
};

const METRICS: Readonly<Record<string, string>> = {
  tagger:
    "the score on --valid that decides: f1, precision, recall, accuracy, exact, intent (default: f1, or accuracy where tags mark no spans)",
  classifier: "the score on --valid that decides: accuracy, macroF1, loss (default: accuracy)",
};

const EXAMPLES: Readonly<Record<string, string>> = {
  tagger: `Examples:
  hiddenstate train --task tagger --train eng.train --valid eng.testa --test eng.testb --learn-scheme BIOES
  hiddenstate train --task tagger --train train.words,train.tags,train.intents --valid dev.words,dev.tags,dev.intents
  hiddenstate train --task tagger --train tags.jsonl --columns words=tokens,tags=ner_tags
  echo "Ada Lovelace lived in London ." | hiddenstate predict --model tagger.safetensors

Columns: words, tags, and intent (a label for the sentence), which may be left out.`,
  classifier: `Examples:
  hiddenstate train --task classifier --train train.tsv --valid dev.tsv --columns text=sentence,label=label
  hiddenstate train --task classifier --train reviews.csv --encoder cnn --epochs 20 --patience 3
  hiddenstate train --task classifier --train texts.txt,labels.txt --valid dev.txt,dev-labels.txt
  echo "what a film !" | hiddenstate predict --model classifier.safetensors

Columns: text, label.`,
};

/** How `--format` and `--columns` are meant. */
export const DATA_HELP = `Formats:
  conll     a word a line with its columns, an empty line between sentences;
            the first column is the word, the last its tag, or --columns words,_,_,tags
  parallel  a file for each, an example a line: --train words.txt,tags.txt
  tsv, csv  a table with a header: --columns text=sentence,label=class by its names;
            without a header: --columns label,text in the table's order
  jsonl     an object a line: --columns words=tokens,tags=labels by its fields`;

const END_HELP = `The last line of the output is JSON: modelFile, steps, validation, test.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (a checkpoint is saved).`;
