import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Command, Option } from "commander";
import type { DType } from "../../core/dtype.js";
import { saveNpz } from "../../io/npz.js";
import { loadSafetensors, saveSafetensors } from "../../io/safetensors.js";
import { readOnnx, toOnnx } from "../../onnx/index.js";
import { checkWritable, readBytes, writeBytes } from "../../platform/node/files.js";
import type { Tensor } from "../../tensor/tensor.js";
import { initSync } from "../../wasm/backend.js";
import { checkTorchOptions, otherTensors, type OtherFileOptions } from "../data/other-files.js";
import { isOnnx, readModel } from "../read-model.js";
import { readTask } from "../read-task.js";
import { UsageError } from "../usage.js";

interface Tensors {
  readonly tensors: ReadonlyMap<string, Tensor<DType>>;
  readonly metadata?: Record<string, string>;
}

/** `hiddenstate convert`: a model that train wrote to ONNX, or the tensors of another library's file to safetensors or NumPy's. */
export function convertCommand(): Command {
  return new Command("convert")
    .description(
      "Write the network of a trained model as an ONNX file, or the tensors of a file of ONNX, PyTorch, Keras, TensorFlow.js or NumPy as .safetensors or .npz.",
    )
    .argument(
      "<file>",
      "a model that train wrote; .onnx, .pt, .pth, .bin, .ckpt, .keras, .h5, model.json, .npz, .npy or .safetensors",
    )
    .argument("<output>", "a file whose name ends with .onnx, .safetensors or .npz")
    .option("--key <key>", "where the state dict is in a checkpoint of PyTorch")
    .option("--prefix <prefix>", "take this off the names of PyTorch's tensors; leave out others")
    .addOption(
      new Option(
        "--unknown <how>",
        "what becomes of classes that a file of PyTorch names and are not known (default: refuse)",
      ).choices(["refuse", "skip"]),
    )
    .action(async (path: string, output: string, given: OtherFileOptions) => {
      const kind = [".onnx", ".safetensors", ".npz"].find((end) => output.endsWith(end));
      if (!kind || (kind === ".onnx" && isOnnx(path)))
        throw new UsageError({
          op: "convert",
          expected: "a model to .onnx, or any file to .safetensors or .npz",
          got: `${path} to ${output}`,
        });
      await checkWritable(output);
      initSync({ build: "plain" });
      if (kind === ".onnx") {
        checkTorchOptions(path, given);
        const { task, bytes } = await readTask(path);
        await write(output, toOnnx(task.load(bytes)));
        return;
      }
      const { tensors, metadata } = await tensorsOf(path, given);
      const isNpz = kind === ".npz";
      await write(output, isNpz ? saveNpz(tensors) : saveSafetensors(tensors, { metadata }));
    })
    .addHelpText(
      "after",
      `
Examples:
  hiddenstate convert tagger.safetensors tagger.onnx
  hiddenstate convert model.onnx weights.safetensors
  hiddenstate convert checkpoint.pt model.safetensors --key model --prefix module.

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    );
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await writeBytes(path, bytes);
  console.error(`${path}: ${bytes.length} bytes`);
}

/** The tensors of a file by their names. */
async function tensorsOf(path: string, given: OtherFileOptions): Promise<Tensors> {
  if (isOnnx(path)) {
    checkTorchOptions(path, given);
    return readModel(path, (bytes) => parametersOf(bytes, dirname(path)));
  }
  const file = await readBytes(path);
  const other = await otherTensors(path, file, given);
  checkTorchOptions(path, given, file);
  return { tensors: other ?? (await readModel(path, (bytes) => loadSafetensors(bytes), file)) };
}

/** An ONNX file's parameters, by the names of the initializers. */
function parametersOf(bytes: Uint8Array, folder: string): Tensors {
  const model = readOnnx(bytes, {
    // Files beside the model, never above its folder.
    externalData: (name) => {
      const file = join(folder, name);
      return relative(folder, file).startsWith("..") ? undefined : readFileSync(file);
    },
  });
  return { tensors: model.stateDict(), metadata: Object.fromEntries(model.metadata) };
}
