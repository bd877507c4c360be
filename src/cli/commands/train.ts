import { Command, Option } from "commander";
import { choice, number, whole, type OptionTable } from "../../core/options.js";
import { addFlags } from "../flags.js";
import { readModel } from "../read-model.js";
import { readTask } from "../read-task.js";
import { runFiles } from "../run/run-files.js";
import { taskIn } from "../run/run-notes.js";
import { trainRun } from "../run/train-run.js";
import type { Task } from "../task.js";
import { TASKS } from "../tasks/index.js";
import { trainVectorsCommand, WORD_VECTORS } from "./train-vectors.js";

const runOptions = (task: Task): OptionTable => ({
  minutes: number(
    { above: 0, below: Infinity },
    undefined,
    "bound the run: the first steps are timed, then --steps is fixed and printed",
  ),
  seed: whole(0, 1, "the same seed gives the same model, bit for bit"),
  checkpointEvery: whole(
    1,
    undefined,
    `steps between checkpoints (default: ${task.checkpointEvery ?? "one epoch"})`,
  ),
  pauseAt: whole(
    1,
    undefined,
    "the step after which the run pauses: its checkpoint is kept, --resume goes on",
  ),
  build: choice(["plain", "auto"], "plain", "plain: the same bits everywhere; auto: faster"),
});

/** `hiddenstate train`: each task has options of its own, so it is looked up before they are read. */
export async function trainCommand(args: readonly string[]): Promise<Command> {
  const name = await nameOf(args);
  if (name === WORD_VECTORS) return trainVectorsCommand();
  return commandOf(await taskOf(args, name), valueOf(args, "--task"));
}

/** As `--task` says, else as the checkpoint of `--resume` does. */
async function nameOf(args: readonly string[]): Promise<string | undefined> {
  const [resume, out] = [valueOf(args, "--resume"), valueOf(args, "--out")];
  const resumes = resume ?? (args.includes("--resume") && out);
  const name = valueOf(args, "--task");
  if (name === undefined && args[0] === "train" && resumes)
    return readModel(runFiles({ out, resume: resume ?? true }, "").resumed, taskIn);
  return name;
}

/** The task of a name, else of the model of `--from`, else the first. */
async function taskOf(args: readonly string[], name: string | undefined): Promise<Task> {
  const from = valueOf(args, "--from");
  if (name === undefined && args[0] === "train" && from !== undefined)
    return (await readTask(from)).task;
  return TASKS.find((task) => task.name === name) ?? TASKS[0]!;
}

/** The value behind a flag. */
function valueOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  const value = args[at]!.includes("=") ? args[at]!.slice(flag.length + 1) : args[at + 1];
  return value?.startsWith("--") ? undefined : value;
}

function commandOf(task: Task, named: string | undefined): Command {
  const names = [...TASKS.map(({ name }) => name), WORD_VECTORS];
  // A second --task must be the same; an unknown one is told what there is.
  const choices = named !== undefined && names.includes(named) ? [named] : names;
  const files = task.severalFiles ? "<files...>" : "<file>";
  const command = new Command("train")
    .summary("Train a model.")
    .description(task.description)
    .addOption(
      new Option("--task <task>", "what to learn; each task has its own help")
        .choices(choices)
        .default(task.name),
    )
    .optionsGroup("Data, and where the model goes (names that end in .gz are unpacked):")
    .option(`--train ${files}`, "data to learn from")
    .option(`--valid ${files}`, "validation data: they decide which weights are kept")
    .option(`--test ${files}`, "test data, for the score at the end");
  addFlags(command, task.reading);
  addFlags(command, task.data ?? {});
  command
    .option("--out <file>", "the model (default: the task's or text's name, .safetensors)")
    .option("--from <file>", "a finished model to train further, on these data")
    .option("--resume [file]", "resume from a checkpoint (default: the one beside --out)")
    .option("--log-file <file>", "a line of JSON for each evaluation")
    .optionsGroup("The model:");
  addFlags(command, task.model);
  addFlags(command.optionsGroup("Training:"), task.training);
  addFlags(command, runOptions(task));
  if (task.other) addFlags(command.optionsGroup("At the end:"), task.other);
  return command
    .addHelpText("after", `\n${task.help}\n\n${task.finish ? "" : LAST_LINE}${END_HELP}`)
    .action(() => trainRun(task, command));
}

const LAST_LINE =
  "The last line of standard output is JSON: modelFile, steps, validation, test, baseline, cost.\n";
const END_HELP = `Progress goes to standard error, results to standard output.
Ctrl-C saves a checkpoint; --resume goes on from it to the same bits. --from trains a finished model further.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (a checkpoint is saved).`;
