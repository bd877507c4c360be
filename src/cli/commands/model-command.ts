// Commands for a saved model: evaluate, predict, generate.
import { Command } from "commander";
import { checkOptions, type Option, type OptionTable } from "../../core/options.js";
import { initSync } from "../../wasm/backend.js";
import { addFlags, flagOf, givenFlags } from "../flags.js";
import { readTask } from "../read-task.js";
import type { Given, Task } from "../task.js";
import { TASKS } from "../tasks/index.js";
import { checkUsage, UsageError } from "../usage.js";

interface ModelCommand {
  /** The first word of the command line. */
  readonly name: string;
  readonly description: string;
  /** What may stand behind the flags, `[file]` or `[files...]`, and its help. Default: nothing. */
  readonly operands?: readonly [form: string, help: string];
  /** Flags that it always needs, with their help; `--model` is one. */
  readonly needs?: Readonly<Record<string, string>>;
  /** The options that it has with a task's models; undefined: it has no use for them. */
  optionsOf(task: Task): OptionTable | undefined;
  /** Tells what a model must be, `"a model that writes"`, and what else one is for. */
  readonly expects: string;
  cure?(task: Task): string | undefined;
  run(
    task: Task,
    bytes: Uint8Array,
    given: Given,
    operands: readonly string[],
  ): void | Promise<void>;
}

/** A command whose flags are those of all tasks; a model takes those of its own. */
export function modelCommand(it: ModelCommand): Command {
  const { name, needs = {}, optionsOf } = it;
  const command = new Command(name)
    .description(it.description)
    .requiredOption("--model <file>", "a model that train wrote");
  for (const [flag, help] of Object.entries(needs))
    command.requiredOption(`--${flag} <file>`, help);
  if (it.operands) command.argument(...it.operands);
  const able = TASKS.filter((task) => optionsOf(task) !== undefined);
  addFlags(command, together(able.map((task) => optionsOf(task)!)));
  return command.action(async () => {
    const { model: path, ...given } = givenFlags(command);
    // The same answers, whatever the engine.
    initSync({ build: "plain" });
    const { task, bytes } = await readTask(path as string);
    const options = optionsOf(task);
    if (!options)
      throw new UsageError({
        op: name,
        expected: `${it.expects}: ${able.map((one) => one.name).join(", ")}`,
        got: `a ${task.noun ?? task.name}`,
        cure: it.cure?.(task),
      });
    const own = Object.fromEntries(Object.entries(given).filter(([flag]) => !(flag in needs)));
    checkUsage(() =>
      checkOptions(`${name} with a ${task.noun ?? task.name}`, options, own, flagOf),
    );
    await it.run(task, bytes, given, command.args);
  });
}

/** The options of several tasks, each once; which of several defaults holds, the model's task decides. */
function together(tables: readonly OptionTable[]): OptionTable {
  const all: Record<string, Option> = {};
  for (const table of tables)
    for (const [name, option] of Object.entries(table)) {
      const known = (all[name] ??= option);
      if (known.default === option.default) continue;
      const help = `${known.help.replace(/ \(default: .*\)$/, "")} (default: by the task)`;
      all[name] = { ...known, default: undefined, help };
    }
  return all;
}
