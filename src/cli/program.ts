// The `hiddenstate` command: subcommands, and how their failures reach the user.
import { Command, CommanderError } from "commander";
import { HiddenstateError } from "../core/errors.js";
import { chatCommand } from "./commands/chat.js";
import { convertCommand } from "./commands/convert.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { generateCommand } from "./commands/generate.js";
import { inspectCommand } from "./commands/inspect.js";
import { matchCommand } from "./commands/match.js";
import { predictCommand } from "./commands/predict.js";
import { kerasModelOf, predictKerasCommand } from "./commands/predict-keras.js";
import { namesOnnx, predictOnnxCommand } from "./commands/predict-onnx.js";
import { trainCommand } from "./commands/train.js";
import { WORD_VECTORS } from "./commands/train-vectors.js";
import { vectorsCommand } from "./commands/vectors.js";
import { Interrupted, Paused } from "./run/interrupt.js";
import { TASKS } from "./tasks/index.js";
import { told } from "./told.js";
import { UsageError } from "./usage.js";

/** Of the package: the bundler puts it in. */
declare const VERSION: string;

const COMMANDS = [
  trainCommand,
  evaluateCommand,
  (args: readonly string[]) =>
    kerasModelOf(args)
      ? predictKerasCommand()
      : namesOnnx(args)
        ? predictOnnxCommand()
        : predictCommand(),
  matchCommand,
  generateCommand,
  chatCommand,
  inspectCommand,
  convertCommand,
  vectorsCommand,
];

const NAMED = [
  ...TASKS,
  { name: WORD_VECTORS, summary: "vectors of words, from text: see hiddenstate vectors" },
];

const HELP = `
Each task has its own help:
${NAMED.map(({ name, summary }) => `  hiddenstate train --task ${name} --help`.padEnd(60) + summary).join("\n")}

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (a checkpoint is saved).`;

/** Runs the command line and gives the exit code: 0, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C. */
export async function run(args: readonly string[]): Promise<number> {
  const program = new Command("hiddenstate")
    .description("Train, run and look into recurrent models.")
    .version(VERSION)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Add --help to see what it takes.")
    .addHelpText("after", HELP);
  try {
    for (const command of COMMANDS)
      program.addCommand((await command(args)).copyInheritedSettings(program));
    for (const command of [program, ...program.commands]) command.exitOverride();
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return report(error, args[0] ?? program.name());
  }
}

function report(error: unknown, command: string): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Paused) {
    console.error(error.message);
    console.log(JSON.stringify(error.report));
    return 0;
  }
  if (error instanceof Interrupted) {
    console.error(error.message);
    return 130;
  }
  if (error instanceof HiddenstateError) {
    console.error(told(error, command));
    return error instanceof UsageError ? 2 : 1;
  }
  throw error;
}
