import { once } from "node:events";
import type { Command } from "commander";
import { decodeText } from "../../platform/node/text.js";
import { WORKERS, withWorkers } from "../answers.js";
import { encoding } from "../encoding.js";
import { flagOf } from "../flags.js";
import { TASKS } from "../tasks/index.js";
import { UsageError } from "../usage.js";
import { modelCommand } from "./model-command.js";

const ENCODING = encoding("text encoding of standard input");

/** `hiddenstate predict`: a saved model's answers for standard input. */
export function predictCommand(): Command {
  return modelCommand({
    name: "predict",
    description: "Answer each line of standard input with a saved model, in the same order.",
    operands: [
      "[lines...]",
      "lines to answer, of models of sound: WAV files (default: standard input)",
    ],
    expects: "a model that answers lines",
    optionsOf: ({ predict }) =>
      predict && {
        ...predict.options,
        encoding: ENCODING,
        ...(predict.byWorkers && { workers: WORKERS }),
      },
    cure: ({ generate }) => generate && "It writes: generate.",
    async run(task, bytes, given, operands) {
      const predict = task.predict!;
      predict.check?.(given);
      const isRaw = predict.raw !== undefined && given[predict.raw.option] === true;
      if (operands.length > 0 && (isRaw || predict.operands === undefined))
        throw new UsageError({
          op: "predict",
          expected: "what is answered in standard input",
          got: operands[0]!,
          cure: isRaw ? undefined : "hiddenstate predict --model MODEL < FILE",
        });
      if (given.encoding !== undefined && (isRaw || operands.length > 0))
        throw new UsageError({
          op: "--encoding",
          expected: "lines of text in standard input",
          got: isRaw ? flagOf(predict.raw.option) : operands[0]!,
        });
      const stdin = process.stdin as AsyncIterable<Uint8Array>;
      const encoding = (given.encoding as string | undefined) ?? ENCODING.default!;
      const text = () =>
        operands.length > 0
          ? operands.map((one) => `${one}\n`)
          : decodeText(stdin, "standard input", { encoding });
      const model = task.load(bytes);
      const { workers, ...own } = given;
      const lines = () =>
        isRaw ? predict.raw.lines(model, stdin, own) : predict.lines(model, text(), own);
      await withWorkers(model, workers, async () => {
        // As fast as they are read.
        for await (const line of lines())
          if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
      });
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
  hiddenstate predict --model speech.safetensors a.wav b.wav
  hiddenstate predict --model model.onnx --help    (arrays of NumPy, by a model of ONNX; .keras, .h5: lines of JSON)

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
  );
}
