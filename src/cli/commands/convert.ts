import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { saveNpz } from "../../io/npz.js";
import { loadSafetensors, saveSafetensors } from "../../io/safetensors.js";
import { readBytes } from "../../platform/node/files.js";
import { otherTensors } from "../data/other-files.js";
import { UsageError } from "../usage.js";

interface Given {
  readonly key?: string;
  readonly prefix?: string;
  readonly unknown: "refuse" | "skip";
}

/** `hiddenstate convert`: tensors of another library's file as safetensors or NumPy's. */
export function convertCommand(): Command {
  return new Command("convert")
    .description(
      "Write the tensors of a file of PyTorch, Keras, TensorFlow.js or NumPy as .safetensors or .npz.",
    )
    .argument(
      "<file>",
      ".pt, .pth, .bin, .ckpt, .keras, .h5, model.json, .npz, .npy or .safetensors",
    )
    .argument("<output>", "a file whose name ends with .safetensors or .npz")
    .option("--key <key>", "where the state dict is in a checkpoint of PyTorch")
    .option("--prefix <prefix>", "take this off the names of PyTorch's tensors; leave out others")
    .addOption(
      new Option("--unknown <how>", "classes that a file of PyTorch names and are not known")
        .choices(["refuse", "skip"])
        .default("refuse"),
    )
    .action(async (path: string, output: string, given: Given) => {
      const isNpz = output.endsWith(".npz");
      if (!isNpz && !output.endsWith(".safetensors"))
        throw new UsageError({
          op: "convert",
          expected: "an output whose name ends with .safetensors or .npz",
          got: output,
        });
      const bytes = await readBytes(path);
      const tensors = (await otherTensors(path, bytes, given)) ?? loadSafetensors(bytes);
      await writeFile(output, isNpz ? saveNpz(tensors) : saveSafetensors(tensors));
      console.log(`${tensors.size} tensors in ${output}`);
    });
}
