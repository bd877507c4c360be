import { once } from "node:events";
import type { Command } from "commander";
import { decodeText } from "../../platform/node/text.js";
import { encoding } from "../encoding.js";
import { TASKS } from "../tasks/index.js";
import { modelCommand } from "./model-command.js";

const ENCODING = encoding("text encoding of standard input");

/** `hiddenstate predict`: a saved model's answers for standard input. */
export function predictCommand(): Command {
  return modelCommand({
    name: "predict",
    description: "Answer each line of standard input with a saved model, in the same order.",
    expects: "a model that answers lines",
    optionsOf: ({ predict }) => predict && { ...predict.options, encoding: ENCODING },
    cure: ({ generate }) => generate && "It writes: generate.",
    async run({ load, predict }, bytes, given) {
      predict!.check?.(given);
      const stdin = process.stdin as AsyncIterable<Uint8Array>;
      const input = decodeText(stdin, "standard input", {
        encoding: (given.encoding as string | undefined) ?? ENCODING.default!,
      });
      // As fast as they are read.
      for await (const line of predict!.lines(load(bytes), input, given))
        if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
    },
  }).addHelpText(
    "after",
    `
What comes out, a line for a line:
${TASKS.flatMap(({ predict }) => predict?.help ?? []).join("\n")}
  with --json  an object with everything that the model finds

Examples:
  hiddenstate predict --model classifier.safetensors < reviews.txt > labels.txt
  hiddenstate predict --model tagger.safetensors --split words --json < sentences.txt
  hiddenstate predict --model tagger.safetensors --format conll < eng.testb | conlleval

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
  );
}
