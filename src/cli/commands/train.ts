import { Command, Option } from "commander";
import { trainLanguageModel } from "../language-model-run.js";
import { samplingOptions } from "../sampling.js";
import { classifier } from "../tasks/classifier.js";
import { tagger } from "../tasks/tagger.js";
import { numberWithin, wholeNumber } from "../values.js";
import { trainTaskCommand } from "./train-task.js";

/** `hiddenstate train`: each task has options of its own, so `--task` is looked up before they are read. */
export function trainCommand(args: readonly string[]): Command {
  const at = args.findIndex((arg) => arg === "--task" || arg.startsWith("--task="));
  const task = args[at]?.split("=")[1] ?? args[at + 1];
  if (at >= 0 && task === "tagger") return trainTaskCommand(tagger);
  if (at >= 0 && task === "classifier") return trainTaskCommand(classifier);
  return languageModelCommand();
}

/** A language model of a text, by characters or by words. */
function languageModelCommand(): Command {
  const command = new Command("train")
    .summary("Train a language model, a tagger or a classifier.")
    .description(
      "Learn to write like a text: train an LSTM on its characters or words, save it, and let it write.",
    )
    .addOption(
      new Option("--task <task>", "what to learn; each task has a help of its own")
        .choices(["language-model", "tagger", "classifier"])
        .default("language-model"),
    )
    .optionsGroup("What to learn from, and where to (a name that ends in .gz is unpacked):")
    .option("--train, --text <file>", "a text (default: Moby Dick)")
    .option("--valid <file>", "a text for the score, instead of --held-out")
    .option("--test <file>", "a text for another score at the end, which decides nothing")
    .option("--charset <name>", "of the texts, such as windows-1252", "utf-8")
    .addOption(
      new Option("--tokens <kind>", "characters; words and marks; or what stands between blanks")
        .choices(["chars", "words", "blanks"])
        .default("chars"),
    )
    .option("--min-count <n>", "rarer words are all one: <unk> (default: 2)", wholeNumber(1))
    .option("--out <file>", "the model (default: the text's name, .safetensors)")
    .option("--resume [file]", "go on from a checkpoint (default: the one beside --out)")
    .addOption(
      new Option("--held-out <share>", "share of the text, its end, kept for the score")
        .argParser(share)
        .default(0.05)
        .conflicts("valid"),
    )
    .optionsGroup("The model:")
    .option("--hidden <n>", "size of the LSTM's state", wholeNumber(1), 128)
    .option("--layers <n>", "LSTM layers", wholeNumber(1), 1)
    .option(
      "--embedding <n>",
      "size of a token's vector (default: 32; of a word's, as --hidden)",
      wholeNumber(1),
    )
    .option(
      "--dropout <p>",
      "share of values dropped in training",
      numberWithin({ least: 0, below: 1 }),
      0,
    )
    .option(
      "--tie-weights",
      "one matrix for reading and writing; needs --embedding = --hidden",
      false,
    )
    .optionsGroup("Training:")
    .option("--epochs <n>", "times through the text", wholeNumber(1), 3)
    .addOption(
      new Option("--steps <n>", "steps of the optimizer instead of epochs")
        .argParser(wholeNumber(1))
        .conflicts("epochs"),
    )
    .option("--batch <n>", "places in the text that are read side by side", wholeNumber(1), 16)
    .option("--time <n>", "tokens from one step to the next", wholeNumber(1), 64)
    .option(
      "--learning-rate <r>",
      "highest step size, reached after 2 % of the steps",
      positive,
      0.006,
    )
    .option("--clip <norm>", "longest gradient", positive, 1)
    .option("--seed <n>", "the same seed gives the same model, bit for bit", wholeNumber(0), 1)
    .option("--checkpoint-every <n>", "steps between two checkpoints", wholeNumber(1), 250)
    .addOption(
      new Option("--build <kernels>", "plain: the same bits everywhere; auto: faster on some CPUs")
        .choices(["plain", "auto"])
        .default("plain"),
    )
    .optionsGroup("The sample:")
    .option("--prompt <text>", "what it goes on from (default: how the kept share begins)")
    .option("--sample-length <n>", "tokens to write", wholeNumber(0), 600);
  return samplingOptions(command).addHelpText("after", EXAMPLES).action(trainLanguageModel);
}

const positive = numberWithin({ above: 0 });
const share = numberWithin({ above: 0, below: 1 });

const EXAMPLES = `
Examples:
  hiddenstate train                                    Moby Dick, in a minute or two
  hiddenstate train --text notes.txt --epochs 20       your own text; small ones want more epochs
  hiddenstate train --tokens words --tie-weights       by words
  hiddenstate train --hidden 256 --dropout 0.2         a larger model: slower, and better
  hiddenstate train --train ptb.train.txt --valid ptb.valid.txt --test ptb.test.txt --tokens blanks
  hiddenstate train --resume                           after Ctrl-C or a crash: the same bits as without
  hiddenstate generate --model moby-dick.safetensors --prompt "Call me"
  hiddenstate train --task tagger --help               labels for words: named entities, slots
  hiddenstate train --task classifier --help           labels for texts: sentiment, topic

The score is the perplexity on the kept share: how many tokens it hesitates between on average.
A model that only counts characters has 21.5 on Moby Dick.
The last line of the output is JSON: heldOutPerplexity, unigramPerplexity, modelFile, sample;
with --test also test, with loss (nats a token) and perplexity.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (a checkpoint is saved).`;
