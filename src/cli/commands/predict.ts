import { once } from "node:events";
import { Command } from "commander";
import { checkOptions, text } from "../../core/options.js";
import { decodeText } from "../../platform/node/text.js";
import { initSync } from "../../wasm/backend.js";
import { addFlags, flagOf, givenFlags } from "../flags.js";
import { readTask } from "../read-task.js";
import { TASKS } from "../tasks/index.js";
import { checkUsage, UsageError } from "../usage.js";

const ENCODING = { encoding: text("utf-8", "text encoding of standard input") };

/** `hiddenstate predict`: a saved model's answers for standard input. */
export function predictCommand(): Command {
  const command = new Command("predict")
    .description("Answer each line of standard input with a saved model, in the same order.")
    .requiredOption("--model <file>", "a model that train wrote");
  const tasks = TASKS.flatMap(({ predict }) => (predict ? [predict] : []));
  const options = new Map(tasks.flatMap((one) => Object.entries(one.options)));
  addFlags(command, { ...Object.fromEntries(options), ...ENCODING });
  return command
    .addHelpText(
      "after",
      `
What comes out, a line for a line:
${tasks.map(({ help }) => help).join("\n")}
  with --json  an object with everything that the model finds

Examples:
  hiddenstate predict --model classifier.safetensors < reviews.txt > labels.txt
  hiddenstate predict --model tagger.safetensors --split words --json < sentences.txt
  hiddenstate predict --model tagger.safetensors --format conll < eng.testb | conlleval

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    )
    .action(async () => {
      const { model: path, ...given } = givenFlags(command);
      initSync({ build: "plain" });
      const { task, bytes } = await readTask(path as string);
      const { predict } = task;
      if (!predict)
        throw new UsageError({
          op: "predict",
          expected: `a model that answers lines: ${TASKS.filter((one) => one.predict)
            .map(({ name }) => name)
            .join(", ")}`,
          got: `a ${task.name}`,
          ...(task.generate && { cure: "It writes: generate." }),
        });
      const known = { ...predict.options, ...ENCODING };
      checkUsage(() => checkOptions(`predict with a ${task.name}`, known, given, flagOf));
      predict.check?.(given);
      const encoding = (given.encoding as string | undefined) ?? "utf-8";
      const input = decodeText(process.stdin as AsyncIterable<Uint8Array>, "standard input", {
        encoding,
      });
      // As fast as they are read.
      for await (const line of predict.lines(task.load(bytes), input, given))
        if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
    });
}
