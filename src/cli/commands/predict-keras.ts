import { Command } from "commander";
import { OptionError } from "../../core/errors.js";
import { loadKeras } from "../../keras/load.js";
import { readBytes } from "../../platform/node/files.js";
import { decodeText } from "../../platform/node/text.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { noGrad } from "../../autograd/mode.js";
import type { KerasModel } from "../../keras/model.js";
import { modelNamed } from "../data/model-named.js";
import { isLayersModel, shardsBeside } from "../data/other-files.js";

const FILES = /\.(keras|h5|hdf5|json)$/;

/** The file of Keras or TensorFlow.js that `--model` names; undefined for another. */
export function kerasModelOf(args: readonly string[]): string | undefined {
  const path = modelNamed(args);
  return path !== undefined && FILES.test(path) ? path : undefined;
}

/** `hiddenstate predict --model model.keras`: what the model says of each line, in JSON. */
export function predictKerasCommand(): Command {
  return new Command("predict")
    .description(
      "Answer each line of standard input, a JSON array, with a model of Keras or TensorFlow.js.",
    )
    .requiredOption("--model <file>", ".keras, .h5 or model.json with its shards beside it")
    .addHelpText(
      "after",
      `
A line is one sequence: ids [3, 1, 4], or a vector a step [[0.5, 1], [0.25, 0]]; of a model of several inputs, an array of
them. Out comes an array, of several outputs an array of arrays.

Example:
  echo '[3, 1, 4]' | hiddenstate predict --model model.keras`,
    )
    .action(async ({ model: path }: { model: string }) => {
      const bytes = await readBytes(path);
      const shards = isLayersModel(path, bytes) ? await shardsBeside(path, bytes) : undefined;
      const model = loadKeras(bytes, { name: path, shards });
      let rest = "";
      let line = 0;
      const answer = (text: string): void => {
        line++;
        if (text.trim() !== "") console.log(JSON.stringify(answerOf(model, text, line)));
      };
      for await (const text of decodeText(process.stdin, "standard input", { encoding: "utf-8" })) {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        lines.forEach(answer);
      }
      answer(rest);
    });
}

function answerOf(model: KerasModel, text: string, line: number): unknown {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  if (!Array.isArray(given))
    throw new OptionError({
      op: "predict",
      expected: "a JSON array in each line",
      got: `${text.slice(0, 60)} (line ${line})`,
    });
  const inputs = (model.inputs > 1 ? given : [given]) as number[][];
  const outputs = scope(() =>
    noGrad(() =>
      model.outputs(...inputs.map((input) => tensor([input]))).map((output) => output.toArray()),
    ),
  ) as unknown[][];
  const rows = outputs.map(([row]) => row);
  return rows.length > 1 ? rows : rows[0];
}
