import { Command } from "commander";
import { checkOptions } from "../../core/options.js";
import { initSync } from "../../wasm/backend.js";
import { addFlags, flagOf, givenFlags } from "../flags.js";
import { readTask } from "../read-task.js";
import { TASKS } from "../tasks/index.js";
import { checkUsage, UsageError } from "../usage.js";

/** `hiddenstate generate`: what a saved model writes. */
export function generateCommand(): Command {
  const command = new Command("generate")
    .description("Let a saved model write.")
    .requiredOption("--model <file>", "a model that train wrote");
  const tasks = TASKS.flatMap(({ generate }) => (generate ? [generate] : []));
  const options = new Map(tasks.flatMap((one) => Object.entries(one.options)));
  return addFlags(command, Object.fromEntries(options))
    .addHelpText(
      "after",
      `
Examples:
  hiddenstate generate --model moby-dick.safetensors --prompt "Call me"
  hiddenstate generate --model moby-dick.safetensors --temperature 0.4 --seed 7`,
    )
    .action(async () => {
      const { model: path, ...given } = givenFlags(command);
      // The same text from the same seed, whatever the engine.
      initSync({ build: "plain" });
      const { task, bytes } = await readTask(path as string);
      const { generate } = task;
      if (!generate)
        throw new UsageError({
          op: "generate",
          expected: `a model that writes: ${TASKS.filter((one) => one.generate)
            .map(({ name }) => name)
            .join(", ")}`,
          got: `a ${task.name}`,
          ...(task.predict && { cure: "It labels: predict." }),
        });
      checkUsage(() =>
        checkOptions(`generate with a ${task.name}`, generate.options, given, flagOf),
      );
      generate.run(task.load(bytes), given);
    });
}
