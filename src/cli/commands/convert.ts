import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Command } from "commander";
import { saveSafetensors } from "../../io/safetensors.js";
import { readOnnx, toOnnx } from "../../onnx/index.js";
import { checkWritable, writeBytes } from "../../platform/node/files.js";
import { initSync } from "../../wasm/backend.js";
import { isOnnx, readModel } from "../read-model.js";
import { readTask } from "../read-task.js";
import { UsageError } from "../usage.js";

/** `hiddenstate convert`: a model that train wrote to ONNX, or an ONNX file's weights to safetensors. */
export function convertCommand(): Command {
  return new Command("convert")
    .description(
      "Write the network of a trained model as an ONNX file, or the weights of an ONNX file as safetensors.",
    )
    .argument("<from>", "a model that train wrote, or a file that ends in .onnx")
    .argument("<to>", "the new file: .onnx of a model, .safetensors of an ONNX file")
    .action(async (from: string, to: string) => {
      if (isOnnx(from) === isOnnx(to))
        throw new UsageError({
          op: "convert",
          expected: "a model to .onnx, or an .onnx file to .safetensors",
          got: `${from} to ${to}`,
        });
      await checkWritable(to);
      initSync({ build: "plain" });
      const bytes = isOnnx(from) ? await weightsOf(from) : await graphOf(from);
      await writeBytes(to, bytes);
      console.error(`${to}: ${bytes.length} bytes`);
    })
    .addHelpText(
      "after",
      `
Examples:
  hiddenstate convert tagger.safetensors tagger.onnx
  hiddenstate convert model.onnx weights.safetensors

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    );
}

async function graphOf(path: string): Promise<Uint8Array> {
  const { task, bytes } = await readTask(path);
  return toOnnx(task.load(bytes));
}

/** The parameters by the names of the initializers. */
function weightsOf(path: string): Promise<Uint8Array> {
  const folder = dirname(path);
  return readModel(path, (bytes) => {
    const model = readOnnx(bytes, {
      // Files beside the model, never above its folder.
      externalData: (name) => {
        const file = join(folder, name);
        return relative(folder, file).startsWith("..") ? undefined : readFileSync(file);
      },
    });
    return saveSafetensors(model.stateDict(), {
      metadata: Object.fromEntries(model.metadata),
    });
  });
}
